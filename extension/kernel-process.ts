import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type KernelExit, kernelNotStarted } from './errors.ts';

export interface KernelOptions {
  /** Program and leading arguments of Node: `['node']`. */
  node: readonly string[];
  /** `dist/kernel.js` */
  kernelFile: string;
  /** Folder that relative paths of the notebook start from. */
  folder: string;
  notebook?: string;
  env?: NodeJS.ProcessEnv;
  /** Time until the kernel must be ready. */
  startTimeoutMs?: number;
  /** What the kernel process writes to stdout and stderr by itself: warnings of Node, crashes. */
  onLog?(text: string): void;
}

/** A kernel process that has connected to us. */
export interface KernelProcess {
  readonly pid: number;
  readonly socket: Socket;
  /** Resolves once the process has gone, however it went. */
  readonly exited: Promise<KernelExit>;
  kill(): void;
  /** Rejects with `kernelNotStarted` when the process ends, or the start takes too long, before `promise` settles. */
  withinStart<T>(promise: Promise<T>): Promise<T>;
}

/** Spawns a kernel that connects back over a socket in a private folder (a named pipe on Windows). */
export async function spawnKernel(options: KernelOptions): Promise<KernelProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'llmops-'));
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\llmops-${randomUUID()}` : path.join(folder, 'kernel.sock');
  const server = await listen(address);
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const child = spawnNode(options, address);
  const exited = watchExit(child, options.onLog);
  void exited.then(() => rm(folder, { recursive: true, force: true }));
  const kill = () => {
    child.kill('SIGKILL');
  };
  const withinStart = startDeadline(exited, options);
  try {
    const socket = await withinStart(connected);
    return { pid: child.pid!, socket, exited, kill, withinStart };
  } catch (error) {
    kill();
    throw error;
  } finally {
    server.close();
  }
}

async function listen(address: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(address, resolve));
  return server;
}

function spawnNode(options: KernelOptions, address: string): ChildProcess {
  const [program = 'node', ...leading] = options.node;
  const notebook = options.notebook === undefined ? [] : ['--notebook', options.notebook];
  const args = ['--socket', address, '--folder', options.folder, ...notebook];
  return spawn(program, [...leading, '--no-force-async-hooks-checks', options.kernelFile, ...args], {
    cwd: options.folder,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** Keeps the last 8,000 characters that the process wrote: a crash explains itself there. */
function watchExit(child: ChildProcess, onLog?: (text: string) => void): Promise<KernelExit> {
  let log = '';
  const read = (chunk: Buffer) => {
    log = (log + chunk).slice(-8000);
    onLog?.(String(chunk));
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, log: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, log }));
  });
}

function startDeadline(exited: Promise<KernelExit>, options: KernelOptions): KernelProcess['withinStart'] {
  const limitMs = options.startTimeoutMs ?? 30_000;
  const late: KernelExit = { code: null, signal: null, log: `It was not ready within ${limitMs / 1000} s.` };
  const start = Date.now();
  return async (promise) => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<KernelExit>((resolve) => {
      timer = setTimeout(resolve, limitMs - (Date.now() - start), late);
    });
    const failed = Promise.race([exited, tooLate]).then((exit) => Promise.reject(kernelNotStarted(options.node, exit)));
    try {
      return await Promise.race([promise, failed]);
    } finally {
      failed.catch(() => {});
      clearTimeout(timer);
    }
  };
}
