import type { ColumnTable } from 'arquero';
import { z } from 'zod';
import type { DatasetRecord } from '../../governance/records.ts';
import type { Dataset } from '../dataset.ts';
import type { LargeRows } from '../large/large-rows.ts';
import { selectRows } from '../large/select-rows.ts';
import type { RecipeStep } from '../prepare/step.ts';
import { steps } from '../prepare/steps.ts';
import { dealParts } from '../split/deal-parts.ts';
import { type SplitRecipe, splitRecipe } from '../split/recipe.ts';
import { stepUnknown } from './errors.ts';
import { checkFile, isFile, loadAgain } from './load-again.ts';

/** What a recipe is run on: data sets that stand for the inputs of the record, made anew. */
export interface Ingredients {
  /** Top folder of the repository: files are named from here. */
  readonly repository: string;
  readonly folder: string;
  readonly sources: readonly Dataset[];
  readonly references: readonly Dataset[];
  readonly signal?: AbortSignal;
}

/** Runs the step of a record again. Throws a UserError where a file is not what it was, or the step cannot be repeated. */
export async function runRecipe(
  record: DatasetRecord,
  step: RecipeStep,
  ingredients: Ingredients,
): Promise<ColumnTable | LargeRows> {
  const { folder, sources, references, signal } = ingredients;
  if (step.verb === 'load') return loadAgain(record, step, ingredients);
  await Promise.all(record.inputs.filter(isFile).map((input) => checkFile(input, ingredients.repository)));
  if (step.verb === 'sql') return queryAgain(record, step, ingredients);
  const [source] = sources;
  if (source === undefined) throw stepUnknown(record.name, step.verb);
  if (step.verb === 'split') return splitAgain(source, splitRecipe.parse(step.options), ingredients);
  const known = steps.get(step.verb);
  if (known === undefined) throw stepUnknown(record.name, step.verb);
  const options = known.options.parse({ ...step.options, data: source, ...againstOf(known.references, references) });
  return (await known.apply({ source, references, folder, signal }, options)).table;
}

/** The query over data sets made anew, under the names that they had. */
function queryAgain(record: DatasetRecord, step: RecipeStep, { sources, folder, signal }: Ingredients) {
  const { query } = z.object({ query: z.string() }).parse(step.options);
  const names = record.inputs.filter((input) => !isFile(input)).map(({ name }) => name);
  return selectRows(query, new Map(names.map((name, i) => [name, sources[i]!])), { folder, signal });
}

async function splitAgain(source: Dataset, { part, ...recipe }: SplitRecipe, place: Ingredients) {
  return (await dealParts(source, recipe, [part], place)).tables[0]!;
}

function againstOf(option: string | undefined, references: readonly Dataset[]): Record<string, readonly Dataset[]> {
  return option === undefined || references.length === 0 ? {} : { [option]: references };
}
