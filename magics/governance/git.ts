import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Runs one git command in a folder and gives its stdout. Fails with a `GitFailure` that holds git's own message. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<string>;

export interface GitOptions {
  /** A text, or its parts as they are made; when making them fails, git is ended. */
  readonly input?: string | Buffer | Iterable<string>;
  /** An index other than the user's. */
  readonly indexFile?: string;
  /** Told the process before it gets its input. */
  readonly onStart?: (pid: number) => Promise<void>;
  /** Told each line of stdout as git writes it; the text that is given in the end is empty then. */
  readonly onLine?: (line: string) => void;
}

/** A git command that failed; the message is what it wrote to stderr. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  /** What it had printed until then. */
  readonly stdout: string;

  constructor(args: readonly string[], stdout: string, stderr: string) {
    super(stderr.trim() || `git ${args[0]} failed`);
    this.stdout = stdout;
  }
}

/** Git in `folder`, deaf to the environment of a hook or another git command that we may run in (GIT_DIR, GIT_INDEX_FILE). */
export function createGit(folder: string): Git {
  return async (args, { input = '', indexFile, onStart, onLine } = {}) => {
    const child = spawn('git', args, { cwd: folder, env: gitEnvironment(indexFile), windowsHide: true });
    const closed = once(child, 'close');
    const stdout = onLine === undefined ? collect(child.stdout) : tellLines(child.stdout, onLine);
    const stderr = collect(child.stderr);
    // A command that fails early closes its input: its exit code and message say why.
    child.stdin.on('error', () => {});
    if (onStart !== undefined && child.pid !== undefined) await onStart(child.pid);
    const failure = await feed(child, input);
    const [code] = (await closed) as [number | null];
    if (failure !== undefined) throw failure;
    if (code !== 0) throw new GitFailure(args, stdout(), stderr());
    return stdout();
  };
}

/** Writes a command's input. Gives the error of making it, after ending the command. */
async function feed(child: ChildProcessWithoutNullStreams, input: string | Buffer | Iterable<string>) {
  if (typeof input === 'string' || Buffer.isBuffer(input)) {
    child.stdin.end(input);
    return undefined;
  }
  try {
    await pipeline(Readable.from(input), child.stdin);
    return undefined;
  } catch (error) {
    if (['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    child.kill();
    return error;
  }
}

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
];

/** glibc hands freed memory back to the system at once; with a pool, `git fast-import` takes half the time. */
const memory = { MALLOC_TRIM_THRESHOLD_: '268435456', MALLOC_MMAP_THRESHOLD_: '268435456' };

/** The environment in which our git commands run: messages in English, no prompt on a terminal, history as it is. */
export function gitEnvironment(indexFile?: string): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => kept.includes(name) || !/^GIT_/i.test(name));
  const fixed = { LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_REPLACE_OBJECTS: '1', ...memory };
  const environment = { ...Object.fromEntries(entries), ...fixed };
  return indexFile === undefined ? environment : { ...environment, GIT_INDEX_FILE: indexFile };
}

/** The text of a failed git command. */
export function gitMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Tells each whole line; nothing is left to give. */
function tellLines(stream: Readable, onLine: (line: string) => void): () => string {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
  return () => '';
}
