import { type ParseArgsConfig, parseArgs } from 'node:util';
import { suggestion } from '../../magics/errors.ts';
import { UsageError } from './command.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/** Reads a command's arguments; a UsageError names the valid options, or how many words there may be. */
export function parseArguments<O extends Options>(
  args: readonly string[],
  options: O,
  { min = 0, max = 0 }: { min?: number; max?: number } = {},
): Parsed<O> {
  const parsed = parse(args, options);
  const count = parsed.positionals.length;
  if (count < min) throw new UsageError('something is missing.');
  if (count > max) throw new UsageError(`"${parsed.positionals[max]}" is too much.`);
  return parsed;
}

function parse<O extends Options>(args: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '([^']+)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const valid = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(`there is no option ${unknown}.${suggestion(unknown, valid, 'Options')}`);
  }
}
