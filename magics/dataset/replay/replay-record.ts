import { rm } from 'node:fs/promises';
import { isUserError } from '../../errors.ts';
import type { Input } from '../../governance/record-parts.ts';
import { type DatasetRecord, recordPath } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import type { Dataset } from '../dataset.ts';
import { isLargeRows } from '../large/large-rows.ts';
import type { RecipeStep } from '../prepare/step.ts';
import { openRows } from '../record.ts';
import { inputUnrecorded } from './errors.ts';
import { runRecipe } from './run-recipe.ts';

/** A step that was run again. */
export interface ReplayedStep {
  /** Data set that the step makes. */
  readonly name: string;
  readonly verb: string;
  readonly options: RecipeStep['options'];
  /** Digest in the record, and the one that came out; absent where the step could not be run. */
  readonly expected: string;
  readonly digest?: string;
  readonly rows?: number;
  readonly seconds: number;
  readonly reproduced: boolean;
  /** Why it could not be run, or what differs. */
  readonly problem?: string;
}

/** Where a recipe is run. */
export interface ReplayPlace {
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** Told of each step when it is done. */
  onStep?(step: ReplayedStep): void;
}

/** A step differs or could not be run; what follows from it is not run. */
class Differs extends Error {}

/**
 * Runs the recipe of a record again, and first those of the data sets that it was made from, back to the files. Nothing
 * is read but files with the recorded digests, and nothing is written. Ends at the first step that differs.
 */
export async function replayRecord(
  store: RecordStore,
  record: DatasetRecord,
  place: ReplayPlace,
): Promise<ReplayedStep[]> {
  const steps: ReplayedStep[] = [];
  const made = new Map<string, Promise<Dataset>>();
  const scratch: string[] = [];
  try {
    await make(record);
  } catch (error) {
    if (!(error instanceof Differs)) throw error;
  } finally {
    await Promise.all(scratch.map((file) => rm(file, { force: true })));
  }
  return steps;

  async function makeInput({ name, digest }: Input, of: DatasetRecord): Promise<Dataset> {
    const key = `${name} ${digest}`;
    const earlier = made.get(key);
    if (earlier !== undefined) return earlier;
    const input = await findRecord(store, name, digest);
    if (input === undefined) throw failed(of, inputUnrecorded(name, digest).message);
    const work = make(input);
    made.set(key, work);
    return work;
  }

  async function make(of: DatasetRecord): Promise<Dataset> {
    const sources: Dataset[] = [];
    const references: Dataset[] = [];
    for (const input of of.inputs.filter((i) => i.kind === 'dataset')) {
      (input.role === 'reference' ? references : sources).push(await makeInput(input, of));
    }
    place.signal?.throwIfAborted();
    const [step] = of.recipe;
    const start = performance.now();
    const ingredients = { repository: store.folder, folder: place.folder, sources, references, signal: place.signal };
    const table = await runRecipe(of, step ?? { verb: 'nothing', options: {} }, ingredients).catch((error: unknown) => {
      if (!isUserError(error)) throw error;
      throw failed(of, error.message);
    });
    // What a load has imported stays in the cache: it is not imported twice.
    if (isLargeRows(table) && step?.verb !== 'load') scratch.push(table.file);
    const dataset = await openRows(of.name, table);
    const seconds = (performance.now() - start) / 1000;
    const reproduced = dataset.digest === of.digest;
    const problem = reproduced ? {} : { problem: `${dataset.rowCount} rows came out, ${of.rows} are recorded` };
    add({ ...said(of), digest: dataset.digest, rows: dataset.rowCount, seconds, reproduced, ...problem });
    if (!reproduced) throw new Differs();
    return dataset;
  }

  function failed(of: DatasetRecord, problem: string): Differs {
    add({ ...said(of), seconds: 0, reproduced: false, problem });
    return new Differs();
  }

  function add(step: ReplayedStep): void {
    steps.push(step);
    place.onStep?.(step);
  }
}

function said({ name, recipe, digest }: DatasetRecord): Pick<ReplayedStep, 'name' | 'verb' | 'options' | 'expected'> {
  return { name, verb: recipe[0]?.verb ?? 'nothing', options: recipe[0]?.options ?? {}, expected: digest };
}

/** The record of that digest: the newest one, or one of its earlier commits. */
async function findRecord(store: RecordStore, name: string, digest?: string): Promise<DatasetRecord | undefined> {
  const newest = await store.read('dataset', name);
  if (newest === undefined || newest.digest === digest || digest === undefined) return newest;
  const commits = await store.log(recordPath(newest));
  const earlier = await store.readMany(
    'dataset',
    commits.map(({ commit }) => ({ name, at: commit })),
  );
  return earlier.find((record) => record?.digest === digest);
}
