import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { askRay } from '../../magics/jobs/executors/ray-client.ts';
import { freePorts } from '../free-ports.ts';
import { makeVenv, venvProgram } from '../python-venv.ts';

const venv = path.resolve('test/.cache/ray');

/** Puts Ray with its job server, from PyPI, into a virtual environment under test/.cache, unless it is there. */
export function makeRayVenv(): void {
  makeVenv(venv, path.resolve('test/ray/requirements.txt'), 'Ray');
}

/** A Ray cluster of this machine with two cores and two GPUs in its books, and the way to it, all on loopback. */
export interface RayCluster {
  /** With these a client finds the cluster and may ask it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ray's own word on a job. */
  job(submission: string): Promise<{ status: string; entrypoint_num_gpus?: number }>;
  /** The way to the cluster, which itself goes on. */
  cutOff(): Promise<void>;
  reconnect(): Promise<void>;
  /** The cluster ends with all that runs in it, and another one takes its place, which knows of nothing. */
  replace(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster that only the holder of a token may use, and resolves when it has taken a job. */
export async function startRay(): Promise<RayCluster> {
  // Paths of sockets are short, and Ray makes long ones.
  const folder = await mkdtemp('/tmp/ray-');
  const token = randomBytes(24).toString('hex');
  let head = await startHead(folder, token);
  const way = createWay(() => head.port);
  await way.open();
  const env = {
    RAY_API_SERVER_ADDRESS: `http://127.0.0.1:${way.port()}`,
    RAY_AUTH_MODE: 'token',
    RAY_AUTH_TOKEN: token,
  };
  await takeOneJob(head.port, token);
  return {
    env,
    async job(submission) {
      const asked = await askRay(env.RAY_API_SERVER_ADDRESS, 'GET', submission);
      if (!('answer' in asked)) throw new Error(JSON.stringify(asked));
      return asked.answer as { status: string };
    },
    cutOff: way.close,
    reconnect: way.open,
    async replace() {
      await endHead(head.process);
      head = await startHead(folder, token);
      await takeOneJob(head.port, token);
    },
    async stop() {
      await way.close();
      await endHead(head.process);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function startHead(folder: string, token: string): Promise<{ process: ChildProcess; port: number }> {
  const env = {
    ...process.env,
    RAY_USAGE_STATS_ENABLED: '0',
    // Everything listens on loopback alone.
    RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0',
    RAY_AUTH_MODE: 'token',
    RAY_AUTH_TOKEN: token,
  };
  const args = [path.resolve('test/ray/head.py'), folder, String((await freePorts(1))[0])];
  const child = spawn(venvProgram(venv, 'python'), args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const address = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('dashboard ')) resolve(line.slice('dashboard '.length));
    });
    child.once('exit', () => reject(new Error(`Ray ended: ${said.slice(-20).join('\n')}`)));
  });
  return { process: child, port: Number((await address).split(':')[1]) };
}

/** Ray answers before what takes its jobs is there; then it waits for that. */
async function takeOneJob(port: number, token: string): Promise<void> {
  Object.assign(process.env, { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: token });
  const body = { submission_id: 'first', entrypoint: 'true' };
  const answer = await askRay(`http://127.0.0.1:${port}`, 'POST', '', { body, limitMs: 150_000 });
  if (!('answer' in answer)) throw new Error(`Ray took no job: ${JSON.stringify(answer)}`);
}

/** All that Ray has started ends with its head. */
async function endHead(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** A port that hands on to another one, and that can be closed. */
function createWay(target: () => number): { port(): number; open(): Promise<void>; close(): Promise<void> } {
  let port = 0;
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  return {
    port: () => port,
    async open() {
      server = createServer((socket) => {
        const onward = keep(connect(target(), '127.0.0.1'));
        keep(socket).pipe(onward).pipe(socket);
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as { port: number }).port;
    },
    async close() {
      const closed = server === undefined ? undefined : once(server, 'close');
      server?.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
  };
}
