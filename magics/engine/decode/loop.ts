import type { ModelConfig } from '../config.ts';
import { createBatch, endRow, isAborted, type Member } from './batch.ts';
import type { DecodeModel } from './model.ts';
import type { ModelLoader } from './model-loader.ts';
import { createPrefixStore } from './prefix-store.ts';
import { createPromptReader, promptPositions } from './prompt-reader.ts';
import type { Row } from './row.ts';
import { createStepper } from './stepper.ts';
import type { RowInput } from './token-inputs.ts';
import { createWorkQueue } from './work-queue.ts';

/** Memory for the caches of finished sequences. */
const prefixBytes = 256 * 2 ** 20;

/** Decodes rows together: they join when there is room, and leave when they are finished. */
export interface DecodeLoop {
  /** Resolves when the row is finished. */
  submit(row: Row): Promise<void>;
  /** Runs work between two steps, while no row for which `isBlocked` holds is being decoded. */
  between<T>(
    work: (model: DecodeModel, firstFreeRow: number) => Promise<T>,
    isBlocked?: (row: Row) => boolean,
  ): Promise<T>;
  /** Forgets cached prefixes of an adapter. */
  forget(adapter: string): void;
}

export function createDecodeLoop(
  config: ModelConfig,
  loader: Pick<ModelLoader, 'cache' | 'model'>,
  placeOfAdapter: (row: Row) => number,
  maxBatch: number,
): DecodeLoop {
  const waiting: Member[] = [];
  const work = createWorkQueue();
  const prefixes = createPrefixStore(prefixBytes);
  const batch = createBatch(config, loader.cache, prefixes);
  const { members } = batch;
  const inputOf = (row: Row, ids: readonly number[]): RowInput => ({
    ids,
    start: row.cached,
    adapter: placeOfAdapter(row),
  });
  const reader = createPromptReader({ batch, prefixes, loader, inputOf, maxBatch });
  const step = createStepper({ config, batch, loader, inputOf });
  let isRunning = false;

  const dropAborted = (): void => {
    for (const gone of waiting.filter(isAborted)) {
      waiting.splice(waiting.indexOf(gone), 1);
      endRow(gone, 'aborted');
    }
    batch.dropAborted();
  };

  /** Those that have rows of the cache. */
  const present = (): Row[] => {
    const { reading } = batch;
    return [...members, ...(reading === undefined ? [] : [reading])].map(({ row }) => row);
  };

  const hasWork = () => waiting.length + work.length + present().length > 0;

  const iterate = async (): Promise<void> => {
    dropAborted();
    await work.run(present);
    let room = promptPositions;
    while (room > 0 && (batch.reading !== undefined || (waiting.length > 0 && members.length < maxBatch))) {
      room -= batch.reading === undefined ? await reader.admit(waiting) : await reader.readOn(batch.reading);
    }
    dropAborted();
    if (members.length > 0) await step();
  };

  /** After an error nothing that was under way can go on: all of it fails with the same error. */
  const failAll = (error: unknown): void => {
    const failed = [...waiting.splice(0), ...batch.clear()];
    for (const one of failed) one.reject(error);
  };

  const wake = (): void => {
    if (isRunning) return;
    isRunning = true;
    setImmediate(async () => {
      while (hasWork()) await iterate().catch(failAll);
      isRunning = false;
    });
  };

  return {
    submit: (row) =>
      new Promise((resolve, reject) => {
        waiting.push({ row, resolve, reject });
        wake();
      }),
    between: (task, isBlocked = () => false) =>
      new Promise((resolve, reject) => {
        const run = async () => {
          const first = present().length;
          await task(loader.model, first).then(resolve, reject);
          loader.cache.drop(first);
        };
        work.add({ isBlocked, run });
        wake();
      }),
    forget: (adapter) => prefixes.drop(adapter),
  };
}
