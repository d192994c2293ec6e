import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Publisher, Reply, Router } from 'zeromq';

/** The sockets of a Jupyter kernel, bound as the connection file says. */
export interface Connection {
  readonly key: string;
  send(socket: 'shell' | 'control' | 'stdin' | 'iopub', frames: (Buffer | string)[]): void;
  /** Sends what waits and closes. Must come before the process ends: open sockets abort it. */
  close(): Promise<void>;
  receive(socket: 'shell' | 'control' | 'stdin', handle: (frames: Buffer[]) => void): void;
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
  const sockets = { shell: new Router(), control: new Router(), stdin: new Router(), iopub: new Publisher() };
  const heartbeat = new Reply();
  await Promise.all([
    sockets.shell.bind(address(settings.shell_port)),
    sockets.control.bind(address(settings.control_port)),
    sockets.stdin.bind(address(settings.stdin_port)),
    sockets.iopub.bind(address(settings.iopub_port)),
    heartbeat.bind(address(settings.hb_port)),
  ]);
  void echo(heartbeat);
  // A socket takes one message at a time: each waits for the one before it.
  const sending = new Map<string, Promise<void>>();
  return {
    key: settings.key,
    send(name, frames) {
      const sent = (sending.get(name) ?? Promise.resolve())
        .then(() => sockets[name].send(frames))
        .catch(() => undefined);
      sending.set(name, sent);
    },
    async close() {
      await Promise.race([Promise.all(sending.values()), setTimeout(500)]);
      for (const socket of [...Object.values(sockets), heartbeat]) socket.close();
    },
    receive: (name, handle) => void deliver(sockets[name], handle),
  };
}

async function deliver(socket: Router, handle: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) handle(frames);
}

async function echo(heartbeat: Reply): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}
