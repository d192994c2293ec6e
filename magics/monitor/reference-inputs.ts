import { resolveDataset } from '../dataset/resolve.ts';
import { parseHubReference } from '../engine/hub/reference.ts';
import { isUserError } from '../errors.ts';
import { trainedWith } from '../eval/trained-with.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { RecordStore } from '../governance/store.ts';
import { loadPrompt } from '../prompt/prompt.ts';

/** Inputs that a model was trained on, or why they are not known. */
export type ReferenceInputs = { readonly dataset: string; readonly inputs: string[] } | { readonly unknown: string };

const maxRows = 20_000;

/** The user messages that the model's training data renders to: what requests are compared with. */
export async function referenceInputs(model: string, store: RecordStore): Promise<ReferenceInputs> {
  // Looking at traffic never downloads anything.
  if (parseHubReference(model) !== undefined) return { unknown: `${model} is a model of the hub` };
  try {
    const { trainingData, prompt } = await trainedWith(await resolveModel(model, store.folder), store);
    if (trainingData === undefined) return { unknown: `the record of ${model} names no training data` };
    const data = await resolveDataset(trainingData.name, store.folder);
    if (prompt === undefined) return { unknown: `the record of ${model} names no prompt` };
    const { renderRow } = await loadPrompt(prompt, store.folder);
    const every = Math.ceil(data.rowCount / maxRows);
    const rows = data.rows().filter((_, i) => i % every === 0);
    const inputs = rows.map((row) => renderRow(row).findLast(({ role }) => role === 'user')?.content ?? '');
    return { dataset: data.name, inputs };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { unknown: error.message.split('. ')[0]! };
  }
}
