import type { TestItem, TestItemCollection, TestRunRequest } from 'vscode';
import { placeOf } from './item-place.ts';

/** The names of the tasks that a run is asked for, by the file of their suite. A suite without tasks has an empty set. */
export function chosenTasks(
  { include, exclude = [] }: Pick<TestRunRequest, 'include' | 'exclude'>,
  all: TestItemCollection,
): Map<string, Set<string>> {
  const left = new Set(exclude.filter((item) => !isGate(item)));
  const isLeft = (item: TestItem | undefined): boolean => item !== undefined && (left.has(item) || isLeft(item.parent));
  const files = new Map<string, Set<string>>();
  for (const item of include ?? [...all].map(([, suite]) => suite)) {
    if (isLeft(item)) continue;
    const { file, task } = placeOf(item);
    const tasks = task === undefined ? childrenOf(item).filter((child) => !left.has(child)) : [];
    const names = task === undefined ? tasks.map((child) => child.id) : [task];
    files.set(file, new Set([...(files.get(file) ?? []), ...names]));
  }
  return files;
}

/** Without one of its gates a task still runs: gates are figures of one evaluation. */
function isGate({ parent }: TestItem): boolean {
  return parent?.parent !== undefined;
}

function childrenOf({ children }: TestItem): TestItem[] {
  return [...children].map(([, child]) => child);
}
