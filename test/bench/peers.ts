import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs to measure against: they are no dependencies, but fetched from the package registry when a benchmark needs them. */
const versions = { 'node-llama-cpp': '3.22', '@huggingface/transformers': '4' } as const;
export type Peer = keyof typeof versions;

/** Folder whose node_modules has the peer, or the reason why it cannot be had. */
export async function peerFolder(peer: Peer): Promise<{ folder: string } | { reason: string }> {
  const folder = path.resolve('test/.cache/peers', peer.replace('/', '+'));
  if (existsSync(path.join(folder, 'node_modules', peer))) return { folder };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = `${peer}@${versions[peer]}`;
  // Scripts of these packages would build from source or fetch more; what they ship is enough.
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
  try {
    await run('npm', ['install', ...options, wanted], { cwd: folder, timeout: 300_000 });
    return { folder };
  } catch (error) {
    return { reason: `${wanted} cannot be installed: ${firstLine(error)}` };
  }
}

/** Runs a script that prints numbers as JSON on its last line. */
export async function numbersFrom(script: string, args: readonly string[]): Promise<number[] | { reason: string }> {
  try {
    const { stdout } = await run(process.execPath, [path.resolve(script), ...args], { timeout: 300_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as number[];
  } catch (error) {
    return { reason: firstLine(error) };
  }
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).split('\n').filter((line) => /error/i.test(line));
  return lines[0] ?? message.split('\n')[0]!;
}
