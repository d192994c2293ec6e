import { describe, expect, it } from 'vitest';
import { createCellOutputs, type Displays, type OutputSink } from '../../extension/cell-outputs.ts';
import type { ReplyEvent } from '../../extension/kernel-client.ts';
import type { OutputItem } from '../../extension/output-items.ts';

type Screen = { texts: string[] }[];

/** A cell's outputs as a list of texts; `calls` counts what was written. */
function createScreen() {
  const screen: Screen = [];
  const calls: string[] = [];
  const texts = (items: OutputItem[]) => items.map((item) => Buffer.from(item.data).toString());
  const sink: OutputSink<Screen[number]> = {
    append: async (items) => {
      calls.push('append');
      const output = { texts: texts(items) };
      screen.push(output);
      return output;
    },
    extend: async (output, items) => {
      calls.push('extend');
      output.texts.push(...texts(items));
    },
    replace: async (output, items) => {
      calls.push('replace');
      output.texts = texts(items);
    },
    clear: async () => screen.splice(0),
  };
  return { screen, calls, sink };
}

function createCell(displays: Displays<Screen[number]> = new Map()) {
  const shown = createScreen();
  const outputs = createCellOutputs(shown.sink, displays);
  const show = (...events: Record<string, unknown>[]) => {
    for (const event of events) outputs.handle({ parent: 'request', ...event } as ReplyEvent);
  };
  return { ...shown, outputs, show };
}
const print = (text: string, name = 'stdout') => ({ type: 'stream', name, text });
const display = (text: string, displayId?: string) => ({ type: 'display', displayId, data: { 'text/plain': text } });
const update = (text: string, displayId: string) => ({
  type: 'update_display',
  displayId,
  data: { 'text/plain': text },
});

describe('outputs of a cell', () => {
  it('joins what is printed close together and keeps the order of streams', async () => {
    const cell = createCell();
    cell.show(print('a'), print('b'), print('c', 'stderr'), print('d'));
    await cell.outputs.flush();
    expect(cell.screen.map((output) => output.texts)).toEqual([['ab'], ['c'], ['d']]);
  });

  it('adds later text to the output of its stream', async () => {
    const cell = createCell();
    cell.show(print('one '));
    await cell.outputs.flush();
    cell.show(print('two'));
    await cell.outputs.flush();
    expect(cell.screen).toEqual([{ texts: ['one ', 'two'] }]);
    expect(cell.calls).toEqual(['append', 'extend']);
  });

  it('writes by itself soon after an event', async () => {
    const cell = createCell();
    cell.show(print('a'));
    await expect.poll(() => cell.screen.length).toBe(1);
  });

  it('writes only the last of several updates of a display', async () => {
    const cell = createCell();
    cell.show(display('0', 'chart'));
    await cell.outputs.flush();
    cell.show(...Array.from({ length: 50 }, (_, i) => update(String(i), 'chart')));
    await cell.outputs.flush();
    expect(cell.screen).toEqual([{ texts: ['49'] }]);
    expect(cell.calls).toEqual(['append', 'replace']);
  });

  it('updates a display of an earlier cell in place', async () => {
    const displays: Displays<Screen[number]> = new Map();
    const earlier = createCell(displays);
    earlier.show(display('before', 'chart'));
    await earlier.outputs.flush();
    const later = createCell(displays);
    later.show(update('after', 'chart'));
    await later.outputs.flush();
    expect(earlier.screen).toEqual([{ texts: ['after'] }]);
    expect(later.screen).toEqual([]);
  });

  it('clears at once, or when the next output comes', async () => {
    const cell = createCell();
    cell.show(print('old'), { type: 'clear_output', wait: false }, print('new'));
    await cell.outputs.flush();
    expect(cell.screen).toEqual([{ texts: ['new'] }]);
    cell.show({ type: 'clear_output', wait: true });
    await cell.outputs.flush();
    expect(cell.screen).toEqual([{ texts: ['new'] }]);
    cell.show(print('newest'));
    await cell.outputs.flush();
    expect(cell.screen).toEqual([{ texts: ['newest'] }]);
  });

  it('tells how much waits for the screen', async () => {
    const cell = createCell();
    cell.show(print('12345'), display('123'));
    expect(cell.outputs.waiting).toBe(8);
    await cell.outputs.flush();
    expect(cell.outputs.waiting).toBe(0);
  });
});
