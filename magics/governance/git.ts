import { simpleGit } from 'simple-git';

/** Runs one git command in a work tree and gives its stdout. Fails with git's own message. */
export type Git = (
  args: readonly string[],
  options?: { input?: string; indexFile?: string; trace?: boolean },
) => Promise<string>;

/** What a commit's author or a machine's administrator may set; everything else of git's environment is left out. */
const kept = [
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_DATE',
  'GIT_CEILING_DIRECTORIES',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_INDEX_FILE',
  'GIT_TRACE',
];
const guarded = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i;

/** Git in `folder`, deaf to the environment of a hook or another git command that we may run in (GIT_DIR, GIT_INDEX_FILE). */
export function createGit(folder: string): Git {
  return async (args, { input, indexFile, trace } = {}) => {
    const git = simpleGit({
      baseDir: folder,
      allowEnvironment: kept,
      unsafe: { allowUnsafeConfigPaths: true },
      ...(input === undefined ? {} : { input: () => input }),
    });
    return git.env(environmentFor(indexFile, trace)).raw([...args]);
  };
}

/**
 * simple-git waits 50 ms after a command that prints nothing (`read-tree`, for one);
 * with `trace` git prints a line to stderr, and the wait falls away.
 */
function environmentFor(indexFile: string | undefined, trace = false): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const [name, value] of Object.entries(process.env)) {
    const isKept = kept.includes(name) && name !== 'GIT_INDEX_FILE' && name !== 'GIT_TRACE';
    if (value !== undefined && (isKept || !guarded.test(name))) environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: 'C',
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
    ...(trace ? { GIT_TRACE: '1' } : {}),
  };
}

/** The text of a failed git command. */
export function gitMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^.*trace: .*\n/gm, '').trim();
}
