import type { Grant, QueueEntry } from './entry.ts';

/** What the machine has for jobs, by name: `CUDA_VISIBLE_DEVICES`' ids, and core numbers. */
export interface Capacity {
  readonly gpus: readonly string[];
  readonly cores: readonly string[];
}

/** Where a job of the queue stands. `before` counts the jobs at work or ahead that take the same kind of resource. */
export type QueuePlace =
  | { readonly state: 'working' }
  | { readonly state: 'next'; readonly grant: Grant }
  | { readonly state: 'waiting'; readonly before: number };

const kinds = ['gpus', 'cores'] as const;

/**
 * Places of all jobs: by priority, then in order of submission. A job that does not fit yet keeps what is free for
 * itself, so that smaller ones behind it cannot starve it; jobs that take other resources pass it.
 */
export function planQueue(entries: readonly QueueEntry[], capacity: Capacity): Map<string, QueuePlace> {
  const working = entries.filter(({ granted }) => granted !== undefined);
  const waiting = entries.filter(({ granted }) => granted === undefined).sort(byTurn);
  const free = {
    gpus: without(
      capacity.gpus,
      working.flatMap(({ granted }) => granted!.gpus),
    ),
    cores: without(
      capacity.cores,
      working.flatMap(({ granted }) => granted!.cores),
    ),
  };
  const places = new Map<string, QueuePlace>(working.map(({ job }) => [job, { state: 'working' }]));
  const groups = new Map(working.flatMap(({ group, granted }) => (group === undefined ? [] : [[group, granted!]])));
  const ahead = [...working];
  for (const entry of waiting) {
    const shared = entry.group === undefined ? undefined : groups.get(entry.group);
    const asked = within(entry.demand, capacity);
    const grant = shared ?? take(free, asked);
    if (grant !== undefined) places.set(entry.job, { state: 'next', grant });
    else places.set(entry.job, { state: 'waiting', before: ahead.filter((other) => overlaps(other, entry)).length });
    if (grant !== undefined && entry.group !== undefined) groups.set(entry.group, grant);
    ahead.push(entry);
  }
  return places;
}

function byTurn(a: QueueEntry, b: QueueEntry): number {
  return b.priority - a.priority || a.since - b.since || (a.job < b.job ? -1 : 1);
}

/** A machine that has become smaller since the job was submitted gives it all it has. */
function within(demand: QueueEntry['demand'], capacity: Capacity): QueueEntry['demand'] {
  return {
    gpus: Math.min(demand.gpus, capacity.gpus.length),
    cores: Math.min(demand.cores, capacity.cores.length),
  };
}

/** Takes the demand out of what is free. What is there is kept from those behind also when it is not enough. */
function take(free: { gpus: string[]; cores: string[] }, demand: QueueEntry['demand']): Grant | undefined {
  const fits = kinds.every((kind) => demand[kind] <= free[kind].length);
  const taken = { gpus: free.gpus.splice(0, demand.gpus), cores: free.cores.splice(0, demand.cores) };
  return fits ? taken : undefined;
}

function overlaps(a: QueueEntry, b: QueueEntry): boolean {
  return kinds.some((kind) => a.demand[kind] > 0 && b.demand[kind] > 0);
}

function without(all: readonly string[], taken: readonly string[]): string[] {
  return all.filter((name) => !taken.includes(name));
}
