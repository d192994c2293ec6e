import type { MagicContext } from '../../context.ts';
import type { RecordStore } from '../../governance/store.ts';
import type { Answers } from '../score-answers.ts';
import type { EvalSetting } from '../setting.ts';
import { type MeasureOptions, measure } from './measure.ts';

/** The answers with their similarities to the right ones, where a metric asks for them. */
export async function withSimilarity(
  answers: Answers,
  { embedder, rows, target }: Pick<EvalSetting, 'embedder' | 'rows' | 'target'>,
  options: MeasureOptions,
  store: RecordStore,
  context: MagicContext,
): Promise<Answers> {
  if (embedder === undefined) return answers;
  const questions = rows.map((row, i) => ({
    answers: [answers.model, ...(answers.baseline ? [answers.baseline] : [])].map((one) => one.predictions[i]!.text),
    references: referencesOf(row[target]),
  }));
  return { ...answers, similarity: await measure(questions, embedder, options, store, context) };
}

/** A column may hold one right answer, or a list of which any is right. */
function referencesOf(value: unknown): string[] {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : [String(value)];
}
