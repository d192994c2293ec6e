import { spawn } from 'node:child_process';
import type { NodeProgram } from './node-program.ts';

/** Runs Node with these arguments; resolves to its exit code and what it wrote to both streams. */
export function runProgram(
  node: NodeProgram,
  args: readonly string[],
  folder: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(node.command, args, { cwd: folder, env: node.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
