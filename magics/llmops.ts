import type { z } from 'zod';
import type { MagicContext } from './context.ts';
import { stoppedByDisk } from './disk-failure.ts';
import { isUserError, suggestion, UserError } from './errors.ts';
import type { Magic, Verb } from './magic.ts';

/** The `llmops` object of cells: `llmops.dataset.load(options)`, `llmops.finetune(options)`, `llmops.eval.bleu(...)`. */
export type Llmops = Readonly<Record<string, MagicFunction>>;

/** A magic as cells call it: the default verb, with the verbs and pure functions as members. */
export type MagicFunction = ((options?: unknown) => Promise<unknown>) & Readonly<Record<string, unknown>>;

/** Follows a verb's work while it runs; an interrupt waits for tracked work to settle. */
type Track = <T>(work: Promise<T>) => Promise<T>;

/** Builds `llmops` for one session. Options are checked by the verb's schema before it runs. */
export function createLlmops(magics: readonly Magic[], context: MagicContext, track: Track = (work) => work): Llmops {
  const call = (magic: Magic, name: string) => (options: unknown) => {
    const verb = magic.verbs[name]!;
    return track(runVerb(`${magic.name} ${name}`, verb, options, context));
  };
  return Object.fromEntries(
    magics.map((magic) => {
      const verbs = Object.fromEntries(Object.keys(magic.verbs).map((name) => [name, call(magic, name)]));
      const { defaultVerb } = magic;
      const run = defaultVerb === undefined ? () => Promise.reject(noDefaultVerb(magic)) : call(magic, defaultVerb);
      return [magic.name, defineMembers(run, { ...magic.functions, ...verbs })];
    }),
  );
}

/** Checks options against a verb's schema; what is wrong is said in the verb's own terms. */
export function checkOptions(title: string, verb: Verb, options: unknown): Record<string, unknown> {
  const result = verb.options.safeParse(options ?? {});
  if (result.success) return result.data;
  throw invalidOptions(title, Object.keys(verb.options.shape), result.error.issues);
}

async function runVerb(title: string, verb: Verb, options: unknown, context: MagicContext): Promise<unknown> {
  context.signal.throwIfAborted();
  const checked = checkOptions(title, verb, options);
  try {
    return await verb.run(checked as never, context);
  } catch (error) {
    throw isUserError(error) ? error : (stoppedByDisk(`%${title}`, error) ?? error);
  }
}

/** `Object.assign` would fail on a verb called `name` or `length`. */
function defineMembers(run: (options?: unknown) => Promise<unknown>, members: Record<string, unknown>): MagicFunction {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(run, name, { value, enumerable: true });
  return run as MagicFunction;
}

function noDefaultVerb(magic: Magic): UserError {
  return new UserError(`%${magic.name} needs a verb: ${Object.keys(magic.verbs).join(', ')}.`);
}

function invalidOptions(title: string, valid: readonly string[], issues: readonly z.core.$ZodIssue[]): UserError {
  const unknown = issues.find((i) => i.code === 'unrecognized_keys' && i.path.length === 0);
  if (unknown?.code === 'unrecognized_keys') {
    const [key = ''] = unknown.keys;
    return new UserError(`${title} has no option "${key}".${suggestion(key, valid, 'Options')}`, { offending: key });
  }
  const lines = issues.map((i) => `${i.path.join('.') || 'options'}: ${i.message}`);
  const offending = issues[0]?.path[0];
  return new UserError(`${title}: ${lines.join('; ')}.`, {
    offending: typeof offending === 'string' ? offending : undefined,
  });
}
