import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { UserError } from '../errors.ts';
import { memoryExceeded, timeExceeded } from './errors.ts';
import { createMemoryGroup } from './memory-group.ts';
import type { JobSpec } from './protocol.ts';
import { memoryBytes, timeSeconds } from './resources.ts';

/** Called once when a limit is passed. `mayFinish`: there is time to save the work first. */
type OnExceeded = (error: UserError, mayFinish: boolean) => void;

const lookEveryMs = 200;

/**
 * The limits of a job on this machine: memory, and time of all its attempts together. Where a control group can be made
 * the kernel itself holds the worker and all that it starts to the memory; elsewhere the worker's is looked at.
 */
export function watchLimits({ resources = {} }: JobSpec): {
  watch(pid: number, onExceeded: OnExceeded): { close(): void };
} {
  const { memory, time } = resources;
  const endsAt = time === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeSeconds(time) * 1000;
  const limitBytes = memory === undefined ? Number.POSITIVE_INFINITY : memoryBytes(memory);
  return {
    watch(pid, onExceeded) {
      const group = memory === undefined ? undefined : createMemoryGroup(`llmops-${process.pid}-${pid}`, limitBytes);
      group?.add(pid);
      const timer = setInterval(() => {
        const used = memory === undefined ? 0 : residentBytes(pid);
        if (used > limitBytes) onExceeded(memoryExceeded(memory!, sizeAbove(used), sizeText(used)), false);
        else if (Date.now() > endsAt) onExceeded(timeExceeded(time!, twice(time!)), true);
        else return;
        clearInterval(timer);
      }, lookEveryMs);
      return {
        close() {
          clearInterval(timer);
          if (group?.isExceeded() === true) onExceeded(memoryExceeded(memory!, sizeAbove(limitBytes)), false);
          group?.remove();
        },
      };
    },
  };
}

/** Memory of a process that lies in the machine's, bytes; 0 when it is gone. Source: VmRSS in proc(5), `rss` in ps(1), both KiB. */
export function residentBytes(pid: number): number {
  try {
    const text =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(text ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** `900M`, `1.4G` */
function sizeText(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)}M` : `${(bytes / 2 ** 30).toFixed(1)}G`;
}

/** Half as much again, in whole units: the worker was ended before it had all it wanted. */
function sizeAbove(bytes: number): string {
  const wanted = bytes * 1.5;
  return wanted < 2 ** 30 ? `${Math.ceil(wanted / 2 ** 20 / 100) * 100}M` : `${Math.ceil(wanted / 2 ** 30)}G`;
}

/** `8h` for `4h`; in seconds where the limit is in Slurm's words. */
function twice(time: string): string {
  const simple = /^(\d+)([smhd])$/.exec(time);
  return simple === null ? `${timeSeconds(time) * 2}s` : `${Number(simple[1]) * 2}${simple[2]}`;
}
