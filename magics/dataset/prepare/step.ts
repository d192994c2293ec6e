import type { ColumnTable } from 'arquero';
import type { z } from 'zod';
import type { Input } from '../../governance/record-parts.ts';
import type { DatasetRecord } from '../../governance/records.ts';
import type { Dataset } from '../dataset.ts';
import type { LargeRows } from '../large/large-rows.ts';
import type { ScratchPlace } from '../large/scratch-rows.ts';
import type { Turns } from '../turns.ts';
import type { RowTable } from './row-table.ts';

/** What a step works on. */
export interface StepInput extends ScratchPlace, Turns {
  readonly source: Dataset;
  /** Other data sets that it holds the source against, in the order of its options. */
  readonly references: readonly Dataset[];
  /** The notebook's folder: relative paths start here, and the cache is found from here. */
  readonly folder: string;
}

/** What a step gives. */
export interface StepOutcome {
  readonly table: ColumnTable | LargeRows;
  /** Ends the headline `clean: 95 rows, 2 columns of tickets (100 rows) …`: "without 5 exact duplicates (5.0%)". */
  readonly note: string;
  /** Rows to look at: what was removed or changed. */
  readonly shown: readonly RowTable[];
  /** Files that the step read besides the data, by digest. */
  readonly inputs?: readonly Input[];
}

/**
 * One kind of preparation: a function from a data set to a table that depends on its options alone, so that a recipe can
 * be run again. Everything else that a verb does (resolve, record, show, replay) is the same for all of them.
 */
export interface Step<Schema extends z.ZodObject = z.ZodObject> {
  readonly verb: string;
  readonly summary: string;
  readonly example: string;
  /** `data`, `as`, and what the step itself asks; the latter go into the recipe as they are. */
  readonly options: Schema;
  /** What the result is called unless told otherwise: `NAME.dedup`. */
  readonly suffix: string;
  /** Option that names other data sets. They are inputs of the record, not part of the recipe. */
  readonly references?: 'against';
  /** Runs on rows in memory and on disk alike; those of the result are where there is room for them. */
  apply(input: StepInput, options: z.output<Schema>): StepOutcome | Promise<StepOutcome>;
}

/** A step of a record's recipe. */
export type RecipeStep = DatasetRecord['recipe'][number];

/** Types a step's `apply` by its schema. */
export function defineStep<Schema extends z.ZodObject>(step: Step<Schema>): Step<Schema> {
  return step;
}
