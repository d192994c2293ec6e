import { suggestion, UserError } from '../../magics/errors.ts';
import { asVariableName } from './variable-name.ts';

/** A mistake in a magic line, with its place in the cell. */
export class MagicError extends UserError {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
}

export function unknownMagic(name: string, available: readonly string[], { start, end }: Place): MagicError {
  const known = available.map((n) => `%${n}`);
  return new MagicError(`There is no magic %${name}.${suggestion(`%${name}`, known, 'Magics')}`, start, end);
}

export function unknownVerb(magic: string, verb: string, available: readonly string[], at: Place): MagicError {
  return new MagicError(`%${magic} has no verb "${verb}".${suggestion(verb, available, 'Verbs')}`, at.start, at.end);
}

export function verbMissing(magic: string, available: readonly string[], at: Place): MagicError {
  return new MagicError(`%${magic} needs a verb: ${available.join(', ')}. See: %${magic} -h`, at.start, at.end);
}

export function unknownOption(title: string, name: string, available: readonly string[], at: Place): MagicError {
  return new MagicError(`${title} has no option "${name}".${suggestion(name, available, 'Options')}`, at.start, at.end);
}

export function valueMissing(title: string, name: string, at: Place): MagicError {
  return new MagicError(`${title}: --${name} needs a value.`, at.start, at.end);
}

export function notAVariable(title: string, name: string, at: Place): MagicError {
  const instead = asVariableName(name);
  return new MagicError(`${title}: no variable can be named "${name}". Write: --as ${instead}`, at.start, at.end);
}

export function optionMissing(title: string, names: readonly string[], usage: string, at: Place): MagicError {
  return new MagicError(`${title} needs ${names.join(' and ')}. Usage: ${usage}`, at.start, at.end);
}

export function tooManyValues(title: string, text: string, usage: string, at: Place): MagicError {
  return new MagicError(`${title} takes nothing more at "${text}". Usage: ${usage}`, at.start, at.end);
}

export function notANumber(title: string, name: string, text: string, at: Place): MagicError {
  return new MagicError(`${title}: ${name} must be a number, not "${text}".`, at.start, at.end);
}

export function notATruthValue(title: string, name: string, text: string, at: Place): MagicError {
  return new MagicError(`${title}: ${name} must be true or false, not "${text}".`, at.start, at.end);
}

export function notOneOf(title: string, name: string, text: string, choices: readonly string[], at: Place): MagicError {
  const help = suggestion(text, choices, 'Choices');
  return new MagicError(`${title}: ${name} cannot be "${text}".${help}`, at.start, at.end);
}

export function unclosed(what: string, at: Place): MagicError {
  return new MagicError(`This ${what} is not closed.`, at.start, at.end);
}

export function brokenYaml(reason: string, line: number, at: Place): MagicError {
  return new MagicError(`The YAML is broken in line ${line}: ${reason}`, at.start, at.end);
}

export function notAMapping(at: Place): MagicError {
  return new MagicError('The lines below must be YAML of the form "key: value".', at.start, at.end);
}

export function noBody(title: string, at: Place): MagicError {
  return new MagicError(
    `${title} takes no lines below it: begin the line with one % and put TypeScript below.`,
    at.start,
    at.end,
  );
}
