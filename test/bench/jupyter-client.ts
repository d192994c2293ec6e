import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { createWire, type JupyterMessage } from '../../kernel/transports/jupyter/wire.ts';

export interface JupyterKernel {
  readonly pid: number;
  /** Sends on the shell channel; resolves to the reply. */
  request(type: string, content: object): Promise<JupyterMessage>;
  close(): Promise<void>;
}

/** Starts any Jupyter kernel: `node ...command CONNECTION_FILE` in `folder`. Resolves when its sockets are connected, not yet bound. */
export async function startJupyterKernel(command: readonly string[], folder: string): Promise<JupyterKernel> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = await freePorts(5);
  const key = randomUUID();
  const settings = {
    shell_port,
    control_port,
    stdin_port,
    iopub_port,
    hb_port,
    ip: '127.0.0.1',
    transport: 'tcp',
    key,
  };
  const file = path.join(folder, 'connection.json');
  writeFileSync(file, JSON.stringify({ ...settings, signature_scheme: 'hmac-sha256' }));
  const child = spawn(process.execPath, [...command, file], { cwd: folder, stdio: 'ignore' });
  const shell = new Dealer();
  const iopub = new Subscriber();
  iopub.subscribe();
  shell.connect(`tcp://127.0.0.1:${shell_port}`);
  iopub.connect(`tcp://127.0.0.1:${iopub_port}`);
  const wire = createWire(key);
  const waiting = new Map<string, (reply: JupyterMessage) => void>();
  void (async () => {
    for await (const frames of shell) {
      const reply = wire.decode(frames);
      const parent = parentOf(frames);
      if (reply !== undefined) waiting.get(parent)?.(reply);
    }
  })();
  return {
    pid: child.pid!,
    async request(type, content) {
      const frames = wire.encode(type, content, undefined, []);
      const { msg_id } = JSON.parse(String(frames[2])) as { msg_id: string };
      const reply = new Promise<JupyterMessage>((resolve) => waiting.set(msg_id, resolve));
      await shell.send(frames);
      return reply;
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      shell.close();
      iopub.close();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Message id of the request that a reply answers: after the delimiter come signature, header and parent header. */
function parentOf(frames: readonly Buffer[]): string {
  const delimiter = frames.findIndex((frame) => frame.toString() === '<IDS|MSG>');
  return (JSON.parse(frames[delimiter + 3]!.toString()) as { msg_id: string }).msg_id;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
