import { readFile } from 'node:fs/promises';
import type { MagicContext } from '../../context.ts';
import type { RecordStore } from '../../governance/store.ts';
import { contentKey } from '../../jobs/key.ts';
import type { PredictOptions } from '../predict.ts';
import { runJob } from '../run-job.ts';
import type { Embedder } from './choose-embedder.ts';
import { type ComparedTexts, type EmbedPayload, type EmbedResult, embedResult, similarities } from './payload.ts';

/** Similarities of the answers to each question, and how they came about. */
export type MeasuredSimilarities = Pick<EmbedResult, 'contextTokens' | 'cut' | 'chance'> & {
  embedder: Embedder;
  /** One list per question, with one number or null per answer. */
  similarities: (number | null)[][];
};

/** How a measurement runs; nothing of it decides the figures. */
export type MeasureOptions = Pick<PredictOptions, 'device' | 'resources' | 'fresh' | 'show'>;

/** Measures in a job how similar answers are to the right ones; the same texts and embedder are answered at once. */
export async function measure(
  questions: readonly ComparedTexts[],
  embedder: Embedder,
  { device, resources, fresh, show }: MeasureOptions,
  store: RecordStore,
  context: Pick<MagicContext, 'distFolder' | 'signal'>,
): Promise<MeasuredSimilarities> {
  const lines = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const pointer = await store.objects.putText(lines, 'texts.jsonl');
  const payload: EmbedPayload = { modelFolder: embedder.model.folder, texts: await store.objects.file(pointer) };
  const settings = { kind: 'embed', version: 1, device: device ?? 'auto' };
  const key = contentKey({ ...settings, embedder: embedder.digest, texts: pointer.oid });
  const title = `embed ${questions.length} answers with ${embedder.model.ref}`;
  const { result } = await runJob({ kind: 'embed', title, key, payload, device, resources }, embedResult, context, {
    folder: store.folder,
    fresh,
    show,
  });
  const { contextTokens, cut, chance } = result;
  return { embedder, contextTokens, cut, chance, similarities: await readSimilarities(result.similarities) };
}

async function readSimilarities(file: string): Promise<(number | null)[][]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => similarities.parse(JSON.parse(line)));
}
