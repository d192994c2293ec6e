import { describe, expect, it } from 'vitest';
import type { TestItem, TestItemCollection } from 'vscode';
import { chosenTasks } from '../../../extension/test-explorer/chosen-tasks.ts';

type Tree = { [id: string]: Tree };

/** Items as VS Code has them, as far as they are looked at. */
function collection(tree: Tree, parent?: TestItem): TestItemCollection {
  const items = Object.entries(tree).map(([id, children]): [string, TestItem] => {
    const item = { id, parent } as TestItem;
    return [id, Object.assign(item, { children: collection(children, item) })];
  });
  return {
    get: (id: string) => new Map(items).get(id),
    [Symbol.iterator]: () => items.values(),
  } as unknown as TestItemCollection;
}

const all = collection({ '/cron.yaml': { a: { 'x>=1': {}, 'x>=2': {} }, b: {} }, '/promptfoo.yaml': {} });
const at = (file: string, ...ids: string[]) => ids.reduce((item, id) => item.children.get(id)!, all.get(file)!);
const chosen = (include?: TestItem[], exclude?: TestItem[]) =>
  [...chosenTasks({ include, exclude }, all)].map(([file, tasks]) => [file, ...tasks]);

describe('the tasks that a run is asked for', () => {
  it('are all of them, or those of a suite', () => {
    expect(chosen()).toEqual([['/cron.yaml', 'a', 'b'], ['/promptfoo.yaml']]);
    expect(chosen([at('/cron.yaml')])).toEqual([['/cron.yaml', 'a', 'b']]);
  });

  it('are each task once, whichever of its gates are asked for', () => {
    expect(chosen([at('/cron.yaml', 'a', 'x>=1'), at('/cron.yaml', 'a', 'x>=2')])).toEqual([['/cron.yaml', 'a']]);
    expect(chosen([at('/cron.yaml', 'b'), at('/cron.yaml', 'a')])).toEqual([['/cron.yaml', 'b', 'a']]);
  });

  it('are none that is left out, alone or with its suite', () => {
    expect(chosen(undefined, [at('/cron.yaml', 'a'), at('/promptfoo.yaml')])).toEqual([['/cron.yaml', 'b']]);
    expect(chosen([at('/cron.yaml', 'a', 'x>=1')], [at('/cron.yaml', 'a')])).toEqual([]);
    expect(chosen([at('/cron.yaml', 'a', 'x>=1')], [at('/cron.yaml')])).toEqual([]);
    expect(chosen([at('/cron.yaml')], [at('/cron.yaml', 'a', 'x>=1')])).toEqual([['/cron.yaml', 'a', 'b']]);
  });
});
