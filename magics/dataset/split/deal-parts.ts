import type { ColumnTable } from 'arquero';
import type { Dataset } from '../dataset.ts';
import type { LargeRows } from '../large/large-rows.ts';
import { forgetRows, type ScratchPlace } from '../large/scratch-rows.ts';
import { takeRows } from '../take-rows.ts';
import type { Turns } from '../turns.ts';
import { dealRows, type Move } from './deal-rows.ts';
import { dealOf, partRows, type SplitRecipe } from './recipe.ts';
import { isDealtByHash, selectPart } from './select-part.ts';

/** Parts of a data set, and the rows that were moved so that nothing stands in two of them. */
export interface DealtParts {
  readonly tables: readonly (ColumnTable | LargeRows)[];
  readonly moves: readonly Move[];
}

/** The rows of the named parts: dealt one by one or, on disk, chosen by a hash where that is enough. */
export async function dealParts(
  source: Dataset,
  recipe: Omit<SplitRecipe, 'part'>,
  names: readonly string[],
  place: ScratchPlace & Turns,
): Promise<DealtParts> {
  const dealt = isDealtByHash(source, recipe) ? undefined : await dealRows(source, dealOf(recipe), place);
  const tables: (ColumnTable | LargeRows)[] = [];
  try {
    for (const part of names) {
      const take = () => takeRows(source, partRows(dealt!.parts, recipe.shares, part), place);
      tables.push(await (dealt === undefined ? selectPart(source, { ...recipe, part }, place) : take()));
    }
  } catch (error) {
    await forgetRows(tables);
    throw error;
  }
  return { tables, moves: dealt?.moves ?? [] };
}
