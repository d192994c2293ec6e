import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Reply, Router, XPublisher } from 'zeromq';
import { UserError } from '../../../magics/errors.ts';

/** The sockets of a Jupyter kernel, bound as the connection file says. */
export interface Connection {
  readonly key: string;
  send(socket: 'shell' | 'control' | 'stdin' | 'iopub', frames: (Uint8Array | string)[]): void;
  /** Sends what waits and closes. Must come before the process ends: open sockets abort it. */
  close(): Promise<void>;
  receive(socket: 'shell' | 'control' | 'stdin', handle: (frames: Buffer[]) => void): void;
  /** Tells of each client that begins to listen on iopub, and to which topic. */
  onSubscription(handle: (topic: string) => void): void;
}

interface ConnectionFile {
  transport: string;
  ip: string;
  key: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
}

/** Binds the sockets and answers heartbeats. */
export async function openConnection(file: string): Promise<Connection> {
  const settings = JSON.parse(readFileSync(file, 'utf8')) as ConnectionFile;
  const address = (port: number) =>
    settings.transport === 'ipc' ? `ipc://${settings.ip}-${port}` : `${settings.transport}://${settings.ip}:${port}`;
  const iopub = new XPublisher({ verbosity: 'allSubs' });
  const sockets = { shell: new Router(), control: new Router(), stdin: new Router(), iopub };
  const heartbeat = new Reply();
  const closeAll = () => {
    for (const socket of [...Object.values(sockets), heartbeat]) socket.close();
  };
  const bound = await Promise.allSettled([
    sockets.shell.bind(address(settings.shell_port)),
    sockets.control.bind(address(settings.control_port)),
    sockets.stdin.bind(address(settings.stdin_port)),
    sockets.iopub.bind(address(settings.iopub_port)),
    heartbeat.bind(address(settings.hb_port)),
  ]);
  const failed = bound.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    closeAll();
    throw notBound(failed.reason as Error & { address?: string }, file);
  }
  const loops = [echo(heartbeat)];
  // A socket takes one message at a time: each waits for the one before it.
  const sending = new Map<string, Promise<void>>();
  // A closed socket refuses a message by an exception, which aborts the process when this thread is being ended.
  let isClosed = false;
  return {
    key: settings.key,
    send(name, frames) {
      const sent = (sending.get(name) ?? Promise.resolve())
        .then(() => (isClosed ? undefined : sockets[name].send(frames)))
        .catch(() => undefined);
      sending.set(name, sent);
    },
    async close() {
      await Promise.race([Promise.all(sending.values()), setTimeout(500)]);
      isClosed = true;
      closeAll();
      // This ends the loops, soon: a thread that is ended while one still waits for a socket aborts the process.
      await Promise.allSettled(loops);
    },
    receive: (name, handle) => void loops.push(deliver(sockets[name], handle)),
    // A subscription arrives as one frame: 1, then the topic.
    onSubscription: (handle) =>
      void loops.push(
        deliver(iopub, ([frame]) => {
          if (frame?.[0] === 1) handle(frame.subarray(1).toString());
        }),
      ),
  };
}

function notBound(cause: Error & { address?: string }, file: string): UserError {
  return new UserError(
    `The kernel cannot listen on ${cause.address ?? 'a port'}, which ${file} asks for: ${cause.message}. Start it again: the client chooses other ports.`,
    { cause },
  );
}

async function deliver(socket: Router | XPublisher, handle: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) handle(frames);
}

async function echo(heartbeat: Reply): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}
