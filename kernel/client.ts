import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../magics/errors.ts';
import { exitReason } from '../magics/jobs/exit-reason.ts';
import type { KernelEvent, Request } from './protocol.ts';

type WithoutId<R> = R extends unknown ? Omit<R, 'id'> : never;
export type NewRequest = WithoutId<Request>;
/** An event of one request. */
export type RequestEvent = Extract<KernelEvent, { parent: string }>;
export type Finished = Extract<KernelEvent, { type: 'finished' }>;

export interface KernelClient {
  readonly process: ChildProcess;
  readonly ready: Extract<KernelEvent, { type: 'ready' }>;
  /** Sends a request and resolves to its `finished` event; `onEvent` hears all of its events, late ones too. */
  request(request: NewRequest, onEvent?: (event: RequestEvent) => void): Promise<Finished>;
  /** Sends a line without waiting: an answer to `input_request`. */
  send(request: NewRequest): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Thrown by `request` when the kernel process ends first. */
export class KernelDied extends UserError {
  constructor(kernel: ChildProcess, log: string) {
    const { exitCode: code, signalCode: signal } = kernel;
    super(
      `The kernel process ${exitReason({ code, signal, log })}. Its variables are gone; records and jobs are safe.`,
    );
  }
}

/** Starts a kernel process for the notebook in `folder`, as VS Code does. `distFolder`: where `kernel.js` lies. */
export async function startKernel(options: {
  distFolder: string;
  folder: string;
  notebook?: string;
  env?: NodeJS.ProcessEnv;
  /** What the process itself writes to stderr: warnings of Node, crashes. Default: this process's stderr. */
  onLog?(text: string): void;
}): Promise<KernelClient> {
  const address = socketAddress();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(address, resolve));
  const kernel = spawn(
    process.execPath,
    [
      '--no-force-async-hooks-checks',
      path.join(options.distFolder, 'kernel.js'),
      ...['--socket', address, '--folder', options.folder],
      ...(options.notebook === undefined ? [] : ['--notebook', options.notebook]),
    ],
    { cwd: options.folder, env: options.env ?? process.env, stdio: ['ignore', 'inherit', 'pipe'] },
  );
  const log = keepLog(kernel, options.onLog ?? ((text) => process.stderr.write(text)));
  // Not 'exit': what it wrote last explains its end.
  const ended = new Promise<void>((resolve) => kernel.once('close', () => resolve()));
  const socket = await Promise.race([
    new Promise<Socket>((resolve) => server.once('connection', resolve)),
    ended.then(() => Promise.reject(new KernelDied(kernel, log()))),
  ]).finally(() => {
    server.close();
    if (process.platform !== 'win32') rmSync(address, { force: true });
  });
  return converse(kernel, socket, ended, log);
}

/** Passes on what the process writes, and keeps the end of it. */
function keepLog(kernel: ChildProcess, onLog: (text: string) => void): () => string {
  let log = '';
  kernel.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk).slice(-8000);
    onLog(String(chunk));
  });
  return () => log;
}

async function converse(
  kernel: ChildProcess,
  socket: Socket,
  ended: Promise<void>,
  log: () => string,
): Promise<KernelClient> {
  const listeners = new Map<string, (event: RequestEvent) => void>();
  const send = (request: NewRequest, id: string = randomUUID()) =>
    socket.write(`${JSON.stringify({ id, ...request })}\n`);
  const ready = new Promise<KernelClient['ready']>((resolve) => {
    createInterface({ input: socket }).on('line', (line) => {
      const event = JSON.parse(line) as KernelEvent;
      if (event.type === 'ready') resolve(event);
      else if ('parent' in event) listeners.get(event.parent)?.(event);
    });
  });
  socket.on('error', () => socket.destroy());
  return {
    process: kernel,
    ended,
    ready: await ready,
    send: (request) => void send(request),
    request(request, onEvent) {
      const id = randomUUID();
      return new Promise((resolve, reject) => {
        listeners.set(id, (event) => {
          onEvent?.(event);
          if (event.type === 'finished') resolve(event);
        });
        void ended.then(() => reject(new KernelDied(kernel, log())));
        send(request, id);
      });
    },
    async close() {
      socket.destroy();
      await ended;
    },
  };
}

/** A place for a local socket: short enough for Unix, a named pipe on Windows. */
function socketAddress(): string {
  const name = `llmops-${randomUUID()}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(tmpdir(), `${name}.sock`);
}
