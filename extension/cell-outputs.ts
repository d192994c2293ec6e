import type { KernelEvent } from '../kernel/protocol.ts';
import type { ReplyEvent } from './kernel-client.ts';
import { bundleItems, errorItem, type OutputItem, streamItem } from './output-items.ts';

/** What the outputs of one cell are written to: a cell execution of VS Code, or a test's list. `Output` is its handle of an output. */
export interface OutputSink<Output> {
  append(items: OutputItem[]): Promise<Output>;
  /** Adds items to an output that is on screen; VS Code joins those of the same stream. */
  extend(output: Output, items: OutputItem[]): Promise<unknown>;
  /** Replaces what an output shows, also one of another cell. */
  replace(output: Output, items: OutputItem[]): Promise<unknown>;
  clear(): Promise<unknown>;
}

/** Outputs by display id: later cells update those of earlier ones. One per kernel. */
export type Displays<Output> = Map<string, Output[]>;

/** Writes a cell's events to the screen: in order, many at once. */
export interface CellOutputs {
  handle(event: ReplyEvent): void;
  /** Resolves when everything so far is on screen. */
  flush(): Promise<void>;
  /** Bytes, roughly, that wait to be written. */
  readonly waiting: number;
}

const flushIntervalMs = 60;

type Change =
  | { type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { type: 'append'; items: OutputItem[]; displayId?: string }
  | { type: 'update'; items: OutputItem[]; displayId: string }
  | { type: 'clear' };

/** Starts with an empty cell. Stream text is joined, and of several updates of one display only the last is written. */
export function createCellOutputs<Output>(sink: OutputSink<Output>, displays: Displays<Output>): CellOutputs {
  let changes: Change[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let clearBeforeNext = false;
  const write = createWriter(sink, displays);

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = changes;
    changes = [];
    writing = writing.then(async () => {
      for (const change of batch) await write(change);
    });
    return writing;
  };
  const add = (change: Change) => {
    if (clearBeforeNext && change.type !== 'update') {
      clearBeforeNext = false;
      add({ type: 'clear' });
    }
    if (!joins(changes, change)) changes.push(change);
    timer ??= setTimeout(() => void flush().catch(() => {}), flushIntervalMs);
  };

  return {
    get waiting() {
      return changes.reduce((sum, change) => sum + sizeOf(change), 0);
    },
    flush,
    handle: (event) => {
      if (event.type === 'clear_output' && event.wait) clearBeforeNext = true;
      const change = changeOf(event);
      if (change !== undefined) add(change);
    },
  };
}

/** The change that one event asks for. The kernel has cut what is too long to be shown. */
function changeOf(event: KernelEvent): Change | undefined {
  switch (event.type) {
    case 'stream':
      return { type: 'stream', name: event.name, text: event.text };
    case 'display':
      return { type: 'append', items: bundleItems(event.data), displayId: event.displayId };
    case 'result':
      return { type: 'append', items: bundleItems(event.data) };
    case 'update_display':
      return { type: 'update', items: bundleItems(event.data), displayId: event.displayId };
    case 'error':
      return { type: 'append', items: [errorItem(event)] };
    case 'clear_output':
      return event.wait ? undefined : { type: 'clear' };
    default:
      return undefined;
  }
}

function sizeOf(change: Change): number {
  if (change.type === 'stream') return change.text.length;
  return 'items' in change ? change.items.reduce((sum, item) => sum + item.data.length, 0) : 0;
}

/** Joins a change with one that still waits; false when it stands by itself. */
function joins(changes: Change[], change: Change): boolean {
  const last = changes.at(-1);
  if (change.type === 'stream' && last?.type === 'stream' && last.name === change.name) {
    last.text += change.text;
    return true;
  }
  if (change.type !== 'update') return false;
  const waiting = changes.find(
    (other) => (other.type === 'update' || other.type === 'append') && other.displayId === change.displayId,
  );
  if (waiting === undefined || !('items' in waiting)) return false;
  waiting.items = change.items;
  return true;
}

function createWriter<Output>(sink: OutputSink<Output>, displays: Displays<Output>) {
  let stream: { name: string; output: Output } | undefined;
  return async (change: Change): Promise<void> => {
    if (change.type === 'update') {
      await Promise.all((displays.get(change.displayId) ?? []).map((output) => sink.replace(output, change.items)));
    } else if (change.type === 'stream' && stream?.name === change.name) {
      await sink.extend(stream.output, [streamItem(change.name, change.text)]);
    } else if (change.type === 'stream') {
      stream = { name: change.name, output: await sink.append([streamItem(change.name, change.text)]) };
    } else if (change.type === 'append') {
      stream = undefined;
      const output = await sink.append(change.items);
      if (change.displayId !== undefined) remember(displays, change.displayId, output);
    } else {
      stream = undefined;
      await sink.clear();
    }
  };
}

function remember<Output>(displays: Displays<Output>, displayId: string, output: Output): void {
  displays.set(displayId, [...(displays.get(displayId) ?? []), output]);
}
