import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';

/** What the machine's processors, and the GPUs that the job may use, take while it runs; others' work on them counts too. */
export interface EnergyMeter {
  /** Joules since the start; undefined where none can be read. */
  read(): number | undefined;
  close(): void;
}

interface Effects {
  /** Where Linux shows the processors' counters. Source: Documentation/power/powercap in the kernel. */
  readonly powercap: string;
  /** The GPUs that the process was given; undefined when it was given none. */
  readonly gpus: string | undefined;
}

/** Counters of processors start again within minutes to hours: they are looked at more often. */
const lookEveryMs = 5_000;

export function startEnergyMeter(effects?: Effects): EnergyMeter {
  const { powercap, gpus } = effects ?? { powercap: '/sys/class/powercap', gpus: process.env.CUDA_VISIBLE_DEVICES };
  const counters = packagesIn(powercap).flatMap((folder) => createCounter(folder) ?? []);
  const graphics = gpus === undefined || gpus === '' ? undefined : watchGpus(gpus);
  const timer = setInterval(() => counters.forEach((counter) => void counter()), lookEveryMs).unref();
  return {
    read() {
      const parts = [...counters.map((counter) => counter()), graphics?.joules()].filter((part) => part !== undefined);
      return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part, 0);
    },
    close() {
      clearInterval(timer);
      // Without a pid it was never started, and the signal would reach this process and its group.
      if (graphics?.process.pid !== undefined) graphics.process.kill();
    },
  };
}

/** Whole processors; what is below them is a part of them. */
function packagesIn(powercap: string): string[] {
  const names = existsSync(powercap) ? readdirSync(powercap) : [];
  return names.filter((name) => /^intel-rapl:\d+$/.test(name)).map((name) => path.join(powercap, name));
}

/** Joules of one processor since now; undefined where it may not be read, which takes root on most machines. */
function createCounter(folder: string): (() => number) | undefined {
  const microjoules = (name: string) => Number(readFileSync(path.join(folder, name), 'utf8'));
  try {
    const range = microjoules('max_energy_range_uj');
    let [last, total] = [microjoules('energy_uj'), 0];
    return () => {
      const now = microjoules('energy_uj');
      total += now >= last ? now - last : now + range - last;
      last = now;
      return total / 1e6;
    };
  } catch {
    return undefined;
  }
}

/** Adds up the power that NVIDIA's driver tells each second, watts. */
function watchGpus(gpus: string): { process: ChildProcess; joules(): number | undefined } {
  const query = ['--query-gpu=power.draw', '--format=csv,noheader,nounits', '--loop=1', `--id=${gpus}`];
  const child = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
  const startedAt = Date.now();
  let [watts, samples] = [0, 0];
  child.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of String(chunk).trim().split('\n')) {
      if (!Number.isFinite(Number.parseFloat(line))) continue;
      watts += Number.parseFloat(line);
      samples++;
    }
  });
  // Whoever has nothing else to do may end.
  child.unref();
  (child.stdout as Socket).unref();
  const count = gpus.split(',').length;
  // Mean power of one GPU, times their number, times the time.
  return {
    process: child,
    joules: () => (samples === 0 ? undefined : ((watts / samples) * count * (Date.now() - startedAt)) / 1000),
  };
}
