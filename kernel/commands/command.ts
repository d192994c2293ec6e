/** One `llmops` command. Exit codes: 0 good, 1 the work failed, 2 wrong usage. */
export interface Command {
  readonly summary: string;
  /** Usage lines and options, as `--help` prints them. */
  readonly help: string;
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** What a command may touch; tests pass their own. */
export interface CommandIo {
  readonly folder: string;
  /** Where built entry points lie (`dist/`): workers are started from here. */
  readonly distFolder: string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** True when stdout is a terminal: progress may redraw its line. */
  readonly terminal: boolean;
}

/** Wrong usage: printed with the command's help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
