import type { TestItem } from 'vscode';

/** Which suite, and which of its tasks, an item of the Test Explorer stands for; a gate stands for its task. */
export interface ItemPlace {
  file: string;
  task?: string;
}

/** What an item stands for. */
export function placeOf(item: TestItem): ItemPlace {
  const { parent } = item;
  if (parent === undefined) return { file: item.id };
  return parent.parent === undefined ? { file: parent.id, task: item.id } : placeOf(parent);
}
