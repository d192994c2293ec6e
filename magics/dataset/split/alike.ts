import type { Dataset } from '../dataset.ts';
import { checkMemory } from '../near/check-memory.ts';
import { createFirstRows } from '../near/first-rows.ts';
import { createSimilarTexts } from '../near/similar-texts.ts';
import { freeTextColumns } from '../prepare/compared-columns.ts';
import { eachText } from '../row-batches.ts';
import { comparableText } from '../text.ts';
import type { Turns } from '../turns.ts';
import type { Components } from './components.ts';

/** Rows whose free texts are equal (case, white space, punctuation aside) or, with a likeness below 1, at least that alike. */
export type Likeness = 'exact' | number;

/** Links all rows whose free texts are alike. Blank texts are like nothing; a data set without texts has no rows that are alike. */
export async function linkAlike(
  source: Dataset,
  likeness: Likeness,
  components: Components,
  turns?: Turns,
): Promise<void> {
  const columns = freeTextColumns(source);
  if (columns.length === 0) return;
  if (likeness !== 'exact') checkMemory(source);
  const first = createFirstRows();
  const seen = likeness === 'exact' ? undefined : createSimilarTexts(likeness);
  const link = (text: string, row: number) => {
    const key = comparableText(text);
    if (key === '') return;
    const of = first.ofOrAdd(key, row);
    if (of !== row) components.link(of, row);
    // Equal texts are linked already: one of each is enough.
    if (of !== row || seen === undefined) return;
    for (const { id } of seen.similarTo(text)) components.link(id, row);
    seen.add(row);
  };
  await eachText(source, columns, link, turns);
}
