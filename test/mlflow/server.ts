import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { makeFolder } from '../magics/governance/repository-fixture.ts';
import { makeVenv, venvProgram } from '../python-venv.ts';

const folder = path.resolve('test/.cache/mlflow');

/** Puts MLflow's server, from PyPI, into a virtual environment under test/.cache, unless it is there. */
export function makeMlflowVenv(): void {
  makeVenv(folder, path.resolve('test/mlflow/requirements.txt'), 'MLflow’s server');
}

/** A running server that keeps everything in SQLite. */
export interface MlflowServer {
  readonly url: string;
  /** Calls its REST API as a colleague would. */
  call(path: string, body: object, method?: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Starts MLflow's own server on a free port of loopback, with an empty database. */
export async function startMlflow(): Promise<MlflowServer> {
  const store = `sqlite:///${path.join(makeFolder(), 'mlflow.db')}`;
  const args = ['-m', 'mlflow', 'server', '--backend-store-uri', store, '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(venvProgram(folder, 'python'), [...args, '--workers', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: makeFolder(),
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    // Its workers are children of its own: all are ended together.
    detached: true,
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      const found = /running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`MLflow ended: ${said}`)));
  });
  return {
    url,
    async call(name, body, method = 'POST') {
      const target = `${url}/api/2.0/mlflow/${name}`;
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(target, {
        method,
        headers,
        body: method === 'GET' ? undefined : JSON.stringify(body),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (!response.ok) throw new Error(`${name}: ${JSON.stringify(answer)}`);
      return answer;
    },
    async stop() {
      const exit = once(child, 'exit');
      process.kill(-child.pid!, 'SIGKILL');
      await exit;
    },
  };
}
