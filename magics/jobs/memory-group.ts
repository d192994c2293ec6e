import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A control group of Linux that holds a process, and all that it starts, to a limit of memory. */
export interface MemoryGroup {
  add(pid: number): void;
  /** Whether the kernel has ended a process of the group because of the limit. */
  isExceeded(): boolean;
  /** To be called when its processes have gone. */
  remove(): void;
}

/** Where the files of control groups lie, and which the process is in. */
interface Effects {
  readonly root: string;
  readonly ownGroups: string;
}

const defaultEffects: Effects = { root: '/sys/fs/cgroup', ownGroups: '/proc/self/cgroup' };

/** The two versions' files: what limits, which come only where swap is counted, and what tells of a killed process. Source: cgroups(7). */
const versions = {
  v1: { limits: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'], swap: undefined, told: 'memory.oom_control' },
  v2: { limits: ['memory.max'], swap: 'memory.swap.max', told: 'memory.events' },
} as const;

/** Makes a group of that name; undefined where this process may make none: no Linux, no delegated group, no right to write. */
export function createMemoryGroup(
  name: string,
  limitBytes: number,
  effects: Effects = defaultEffects,
): MemoryGroup | undefined {
  for (const { parent, version } of findParents(effects)) {
    const folder = path.join(parent, name);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    const { limits, swap, told } = versions[version];
    const write = (file: string, value: number) => writeFileSync(path.join(folder, file), String(value));
    const remove = () => removeGroup(folder);
    try {
      write(limits[0], limitBytes);
      const more = [...limits.slice(1), swap].filter(
        (file) => file !== undefined && existsSync(path.join(folder, file)),
      );
      for (const file of more) write(file!, file === swap ? 0 : limitBytes);
      return { add: (pid) => write('cgroup.procs', pid), isExceeded: () => killedIn(path.join(folder, told)), remove };
    } catch {
      remove();
    }
  }
  return undefined;
}

interface Parent {
  parent: string;
  version: keyof typeof versions;
}

/** Groups that may have one of ours below them: those of this process, and in version 2 the one around it, which may hold no process itself. */
function findParents({ root, ownGroups }: Effects): Parent[] {
  const lines = existsSync(ownGroups) ? readFileSync(ownGroups, 'utf8').split('\n') : [];
  return lines.flatMap((line): Parent[] => {
    const [, controllers = '', own] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (own === undefined) return [];
    if (controllers.split(',').includes('memory')) {
      return [{ parent: path.join(root, 'memory', own), version: 'v1' }];
    }
    if (controllers !== '') return [];
    const around = [own, path.dirname(own)].map((group) => path.join(root, group));
    return around.filter(handsOutMemory).map((parent) => ({ parent, version: 'v2' }));
  });
}

function handsOutMemory(group: string): boolean {
  const file = path.join(group, 'cgroup.subtree_control');
  return existsSync(file) && readFileSync(file, 'utf8').split(/\s+/).includes('memory');
}

function killedIn(file: string): boolean {
  try {
    return Number(/^oom_kill (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) > 0;
  } catch {
    return false;
  }
}

/** One that has still a process in it stays: it goes with the machine. */
function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {}
}
