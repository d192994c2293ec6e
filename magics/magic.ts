import type { z } from 'zod';
import type { MagicContext } from './context.ts';

/**
 * One thing that a magic does. `%dataset load FILE --as name` becomes
 * `await llmops.dataset.load({ file: 'FILE', as: 'name' })`: positionals and `--options` are keys of one object,
 * checked by `options` (a strict object, so that unknown keys are refused).
 */
export interface Verb<Options = never, Result = unknown> {
  /** One line for `-h` and completions. */
  readonly summary: string;
  /** Names of the positional arguments, in order; each is a key of `options`. A trailing `...` takes the rest as a list. */
  readonly positionals: readonly string[];
  /** Schema of every option; give each key a `.describe()`: `-h`, completions and errors are made from it. */
  readonly options: z.ZodObject;
  /**
   * How the lines below a `%%` cell's first line are read. `yaml`: a mapping whose keys are options;
   * `text`: passed as the option `body`. Absent: the verb takes no body.
   */
  readonly body?: 'yaml' | 'text';
  /** True when it starts a job or a server: a cell with a type error does not run it. */
  readonly startsJob?: boolean;
  /** True when its option `as` names more than a variable: a name that no variable can have is taken too, and binds none. */
  readonly asNamesMore?: boolean;
  /** An example as typed in a cell, shown by `-h`. */
  readonly example: string;
  /** Does it. Options are already validated; interrupts arrive by `context.signal`. */
  run(options: Options, context: MagicContext): Promise<Result>;
}

/** A magic: its verbs, and the one that runs when the line names none (`%finetune --as run`). */
export interface Magic {
  readonly name: string;
  readonly summary: string;
  readonly verbs: Readonly<Record<string, Verb<never, unknown>>>;
  /** Verb used when the first word is no verb's name. */
  readonly defaultVerb?: string;
  /** Pure functions offered as `llmops.<name>.<function>` besides the verbs (metrics, for example). */
  readonly functions?: Readonly<Record<string, unknown>>;
}

/** Types a verb's `run` by its schema. */
export function defineVerb<Schema extends z.ZodObject, Result>(
  verb: Omit<Verb<z.output<Schema>, Result>, 'options'> & { readonly options: Schema },
): Verb<z.output<Schema>, Result> & { readonly options: Schema } {
  return verb;
}
