import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstalledKernel } from './installed-kernel.ts';
import { jupyterProgram } from './venv.ts';

export interface JupyterLab {
  /** Where a notebook of the served folder opens. */
  address(notebook: string): string;
  close(): Promise<void>;
}

/** Serves `folder` in JupyterLab on loopback, at a free port, with a key of its own. */
export async function startJupyterLab(kernel: InstalledKernel, folder: string): Promise<JupyterLab> {
  const options = [
    ...['--no-browser', '--allow-root', '--ip=127.0.0.1', '--port=0', `--ServerApp.root_dir=${folder}`],
    ...['--LabApp.news_url=None', '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate'],
  ];
  const args = ['lab', ...options];
  const server = spawn(jupyterProgram('jupyter'), args, { env: kernel.env, cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const { port, token } = await runningServer(String(kernel.env.JUPYTER_RUNTIME_DIR), server.pid!);
  return {
    address: (notebook) => `http://127.0.0.1:${port}/lab/tree/${notebook}?token=${token}&reset`,
    async close() {
      server.kill('SIGTERM');
      await Promise.race([ended, sleep(8000)]);
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** A server writes where it listens into a file. */
async function runningServer(folder: string, pid: number): Promise<{ port: number; token: string }> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    try {
      const file = readdirSync(folder).find((name) => name === `jpserver-${pid}.json`);
      if (file !== undefined) return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    } catch {
      // The folder is made, and the file is written, while this looks.
    }
    await sleep(200);
  }
  throw new Error('JupyterLab did not start within a minute.');
}
