import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { createWire, type JupyterHeader, type JupyterMessage } from '../../../../kernel/transports/jupyter/wire.ts';
import { freePorts } from '../../../free-ports.ts';

type Socket = 'shell' | 'control' | 'stdin' | 'iopub';
/** A message with the header of what it answers. */
export interface Received extends JupyterMessage {
  readonly socket: Socket;
  readonly parent: Partial<JupyterHeader>;
}

export interface JupyterKernel {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything received so far, in order of arrival. */
  readonly received: readonly Received[];
  /** Sends on a channel without waiting; gives the message's id. */
  send(channel: 'shell' | 'control' | 'stdin', type: string, content: object, buffers?: Uint8Array[]): string;
  /** Sends on the shell or control channel; resolves to the reply. */
  request(type: string, content: object, channel?: 'shell' | 'control'): Promise<Received>;
  /** Resolves to the first message that fits, received or to come. */
  find(fits: (message: Received) => boolean): Promise<Received>;
  /** Begins to listen to iopub, where that was put off. */
  listen(): void;
  close(): Promise<void>;
}

/**
 * Starts any Jupyter kernel: `COMMAND CONNECTION_FILE` in `folder`; `node COMMAND ...` unless a program is given.
 * Resolves when its sockets are connected, not yet bound.
 */
export async function startJupyterKernel(
  command: readonly string[],
  folder: string,
  {
    program = process.execPath,
    env = process.env,
    onLog,
    listens = true,
  }: {
    program?: string;
    env?: NodeJS.ProcessEnv;
    /** What it writes to stderr. */
    onLog?(text: string): void;
    /** Whether it listens to iopub from the beginning, or from when it is told to. */
    listens?: boolean;
  } = {},
): Promise<JupyterKernel> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = await freePorts(5);
  const key = randomUUID();
  const ports = { shell_port, control_port, stdin_port, iopub_port, hb_port };
  const file = path.join(folder, 'connection.json');
  const settings = { ...ports, ip: '127.0.0.1', transport: 'tcp', key, signature_scheme: 'hmac-sha256' };
  writeFileSync(file, JSON.stringify(settings));
  const stderr = onLog === undefined ? 'ignore' : 'pipe';
  const child = spawn(program, [...command, file], { cwd: folder, stdio: ['ignore', 'ignore', stderr], env });
  child.stderr?.on('data', (text) => onLog?.(String(text)));
  // One name for all: input is asked on stdin from whoever sent the cell on shell.
  const routingId = randomUUID();
  const dealers = {
    shell: new Dealer({ routingId }),
    control: new Dealer({ routingId }),
    stdin: new Dealer({ routingId }),
  };
  const iopub = new Subscriber();
  iopub.subscribe();
  dealers.shell.connect(`tcp://127.0.0.1:${shell_port}`);
  dealers.control.connect(`tcp://127.0.0.1:${control_port}`);
  dealers.stdin.connect(`tcp://127.0.0.1:${stdin_port}`);
  const listen = () => iopub.connect(`tcp://127.0.0.1:${iopub_port}`);
  if (listens) listen();

  const wire = createWire(key);
  const received: Received[] = [];
  let waiting: { fits(message: Received): boolean; resolve(message: Received): void }[] = [];
  const receive = async (socket: Socket, from: AsyncIterable<Buffer[]>) => {
    for await (const frames of from) {
      const message = wire.decode(frames);
      if (message === undefined) continue;
      const arrived = { ...message, socket, parent: parentOf(frames) };
      received.push(arrived);
      const found = waiting.filter(({ fits }) => fits(arrived));
      waiting = waiting.filter((wait) => !found.includes(wait));
      for (const { resolve } of found) resolve(arrived);
    }
  };
  for (const socket of ['shell', 'control', 'stdin'] as const) void receive(socket, dealers[socket]);
  void receive('iopub', iopub);

  const send: JupyterKernel['send'] = (channel, type, content, buffers) => {
    const frames = wire.encode(type, content, undefined, [], { buffers });
    void dealers[channel].send(frames);
    return (JSON.parse(String(frames[2])) as JupyterHeader).msg_id;
  };
  const find: JupyterKernel['find'] = (fits) => {
    const found = received.find(fits);
    return found === undefined ? new Promise((resolve) => waiting.push({ fits, resolve })) : Promise.resolve(found);
  };
  return {
    process: child,
    pid: child.pid!,
    received,
    send,
    find,
    listen,
    request(type, content, channel = 'shell') {
      const id = send(channel, type, content);
      return find((message) => message.socket === channel && message.parent.msg_id === id);
    },
    async close() {
      const ended = child.exitCode !== null || child.signalCode !== null;
      const exit = ended ? undefined : new Promise((resolve) => child.once('exit', resolve));
      for (const socket of [...Object.values(dealers), iopub]) socket.close();
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Header of the request that a message answers: after the delimiter come signature, header and parent header. */
function parentOf(frames: readonly Buffer[]): Partial<JupyterHeader> {
  const delimiter = frames.findIndex((frame) => frame.toString() === '<IDS|MSG>');
  return JSON.parse(frames[delimiter + 3]!.toString()) as Partial<JupyterHeader>;
}
