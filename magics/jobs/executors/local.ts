import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { findWorker, jobFile, readSpec, writeWorkerFile } from '../job-folder.ts';
import { demandOf, readCapacity } from '../queue/capacity.ts';
import { waitsFor } from '../queue/claim.ts';
import { readJobSettings } from '../settings.ts';
import type { Executor } from './executor.ts';
import { workerProgram } from './worker-program.ts';

/** This machine: a detached process that outlives whoever started it. */
export const local: Executor = {
  name: 'local',
  async start(jobFolder, spec, distFolder) {
    const entry = workerProgram(distFolder);
    demandOf(spec, readCapacity(await readJobSettings(spec.folder)));
    const log = await open(path.join(jobFolder, jobFile.log), 'a');
    try {
      const worker = spawn(process.execPath, [entry, jobFolder], {
        cwd: jobFolder,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        windowsHide: true,
      });
      await new Promise((resolve, reject) => worker.once('spawn', resolve).once('error', reject));
      worker.unref();
      await writeWorkerFile(jobFolder, worker.pid!);
    } finally {
      await log.close();
    }
  },
  async state(jobFolder) {
    const worker = await findWorker(jobFolder);
    if (worker === undefined) return { state: 'gone' };
    if (worker === 'starting') return { state: 'starting' };
    const spec = await readSpec(jobFolder);
    const reason = spec && (await waitsFor(spec.id, spec.folder));
    return reason === undefined ? { state: 'running' } : { state: 'queued', reason };
  },
  async stop(jobFolder, force) {
    const worker = await findWorker(jobFolder);
    if (typeof worker !== 'number' || (process.platform === 'win32' && !force)) return;
    if (force) endGroup(worker);
    else endProcess(worker, 'SIGTERM');
  },
};

/** Ends the worker with all that it has started: it leads a process group. */
function endGroup(worker: number): void {
  if (process.platform !== 'win32') endProcess(-worker, 'SIGKILL');
  endProcess(worker, 'SIGKILL');
}

function endProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone: that is what was asked for.
  }
}
