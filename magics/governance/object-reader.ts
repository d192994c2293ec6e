import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { GitFailure, gitEnvironment } from './git.ts';

/** An object of the repository as it is stored. */
export interface GitObject {
  readonly oid: string;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly content: Buffer;
}

/** Reads objects by any name git knows (`HEAD`, `refs/tags/x^{}`, `HEAD:llmops/runs/a.json`), in order; undefined where missing. */
export type ObjectReader = (names: readonly string[]) => Promise<(GitObject | undefined)[]>;

interface Asked {
  found(object: GitObject | undefined): void;
  failed(error: Error): void;
}

const idleMs = 2000;

/** A reader over one `git cat-file --batch` process, started when first asked and ended when idle; it keeps no program alive. */
export function createObjectReader(folder: string): ObjectReader {
  let current: Batch | undefined;
  let idle: NodeJS.Timeout | undefined;
  const rest = () => {
    current?.end();
    current = undefined;
  };
  return async (names) => {
    clearTimeout(idle);
    if (current === undefined || !current.alive()) current = startBatch(folder);
    const batch = current;
    const objects = await Promise.all(names.map((name) => (name.includes('\n') ? undefined : batch.ask(name))));
    clearTimeout(idle);
    idle = setTimeout(rest, idleMs).unref();
    return objects;
  };
}

interface Batch {
  ask(name: string): Promise<GitObject | undefined>;
  alive(): boolean;
  end(): void;
}

function startBatch(folder: string): Batch {
  const args = ['cat-file', '--batch'];
  const child = spawn('git', args, { cwd: folder, env: gitEnvironment(), windowsHide: true });
  const waiting: Asked[] = [];
  let alive = true;
  let message = '';
  const fail = (error: Error) => {
    alive = false;
    for (const asked of waiting.splice(0)) asked.failed(error);
  };
  child.on('error', fail);
  child.on('close', () => fail(new GitFailure(args, '', message)));
  child.stderr.on('data', (text) => {
    message += text;
  });
  child.stdin.on('error', () => {});
  child.stdout.on(
    'data',
    createAnswerParser((object) => answer(child, waiting, object)),
  );
  hold(child, false);
  return {
    ask(name) {
      hold(child, true);
      child.stdin.write(`${name}\n`);
      return new Promise((found, failed) => waiting.push({ found, failed }));
    },
    alive: () => alive,
    end() {
      alive = false;
      child.stdin.end();
    },
  };
}

function answer(child: ChildProcessWithoutNullStreams, waiting: Asked[], object: GitObject | undefined): void {
  waiting.shift()?.found(object);
  if (waiting.length === 0) hold(child, false);
}

/** Whether the process and its pipes keep the program alive: only while an answer is awaited. */
function hold(child: ChildProcessWithoutNullStreams, isAwaited: boolean): void {
  const verb = isAwaited ? 'ref' : 'unref';
  child[verb]();
  for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream[verb]();
}

/** Takes chunks of `<oid> <type> <size>\n<content>\n` or `<name> missing\n` and gives each object as it is complete. */
function createAnswerParser(onObject: (object: GitObject | undefined) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let length = 0;
  let needed = 1;
  return (chunk) => {
    pending.push(chunk);
    length += chunk.length;
    if (length < needed) return;
    const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
    let offset = 0;
    needed = 1;
    while (offset < bytes.length) {
      const end = bytes.indexOf(10, offset);
      if (end < 0) break;
      const header = bytes.toString('utf8', offset, end);
      const [, oid, type, size] = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(header) ?? [];
      const start = end + 1;
      const stop = start + Number(size ?? 0);
      if (oid !== undefined && stop + 1 > bytes.length) {
        needed = stop + 1 - offset;
        break;
      }
      offset = oid === undefined ? start : stop + 1;
      onObject(
        oid === undefined ? undefined : { oid, type: type as GitObject['type'], content: bytes.subarray(start, stop) },
      );
    }
    pending = [bytes.subarray(offset)];
    length = bytes.length - offset;
  };
}
