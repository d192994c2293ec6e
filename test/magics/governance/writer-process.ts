import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import { makeFolder } from './repository-fixture.ts';

/** What a writer told when a commit was made. */
export interface Told {
  readonly id: string;
  readonly commit: string;
  readonly job: string;
}

/** A process that commits records until it is done or killed. */
export interface Writer {
  readonly process: ChildProcess;
  told(): Told[];
  /** Settles when the first commit is made, or when the process ends. */
  readonly begun: Promise<unknown>;
  /** The exit code; null when killed. */
  ended(): Promise<number | null>;
}

/** Bundles `writer.ts` once, so that each process starts fast. */
export async function buildWriter(): Promise<string> {
  const program = path.join(makeFolder(), 'writer.mjs');
  await build({
    entryPoints: ['test/magics/governance/writer.ts'],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return program;
}

export function startWriter(program: string, ...args: readonly (string | number)[]): Writer {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [program, ...args.map(String)], { stdio: [...stdio] });
  const exit = once(child, 'exit');
  let output = '';
  child.stdout!.on('data', (text) => {
    output += text;
  });
  return {
    process: child,
    told: () =>
      output
        .split('\n')
        .slice(0, -1)
        .map((line) => {
          const [id = '', commit = '', job = ''] = line.split(' ');
          return { id, commit, job };
        }),
    begun: Promise.race([once(child.stdout!, 'data'), exit]),
    ended: async () => (await exit)[0] as number | null,
  };
}
