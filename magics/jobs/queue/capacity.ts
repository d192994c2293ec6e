import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { tooFewHere } from '../errors.ts';
import type { JobSpec } from '../protocol.ts';
import type { JobSettings } from '../settings.ts';
import type { QueueEntry } from './entry.ts';
import type { Capacity } from './plan-queue.ts';

/** What this machine has for jobs, within the settings' limits. */
export function readCapacity({ slots }: JobSettings): Capacity {
  const gpus = visibleGpus() ?? namesOf(nvidiaGpuCount());
  return {
    gpus: slots.gpus === undefined ? gpus : atLeast(gpus, slots.gpus).slice(0, slots.gpus),
    cores: namesOf(slots.cores ?? availableParallelism()),
  };
}

/**
 * What a job waits for: a training takes a GPU, or else all cores, unless it says how many; other work starts at once
 * unless it asks for something. Undefined when there is nothing to wait for.
 */
export function demandOf(
  { kind, device = 'auto', resources = {} }: Pick<JobSpec, 'kind' | 'device' | 'resources'>,
  capacity: Capacity,
): QueueEntry['demand'] | undefined {
  const { gpus, cpus } = resources;
  if (gpus !== undefined && gpus > capacity.gpus.length) throw tooFewHere('gpus', gpus, capacity.gpus.length);
  if (cpus !== undefined && cpus > capacity.cores.length) throw tooFewHere('cpus', cpus, capacity.cores.length);
  if (gpus !== undefined || cpus !== undefined) return { gpus: gpus ?? 0, cores: cpus ?? 0 };
  if (kind !== 'finetune') return undefined;
  const takesGpu = device !== 'cpu' && capacity.gpus.length > 0;
  return takesGpu ? { gpus: 1, cores: 0 } : { gpus: 0, cores: capacity.cores.length };
}

/** The GPUs that whoever started the process has given it; undefined where nobody has. */
function visibleGpus(): string[] | undefined {
  return process.env.CUDA_VISIBLE_DEVICES?.split(',').flatMap((name) => name.trim() || []);
}

/** Counts the devices that NVIDIA's driver shows on Linux; elsewhere the settings say how many there are. */
function nvidiaGpuCount(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)).length;
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

/** Settings may name more GPUs than were found: not every driver shows its devices. */
function atLeast(names: readonly string[], count: number): string[] {
  const more = namesOf(count).filter((name) => !names.includes(name));
  return [...names, ...more.slice(0, Math.max(0, count - names.length))];
}
