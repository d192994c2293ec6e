import type { DownloadPlace } from '../../engine/hub/resolve-hub-model.ts';
import { UserError } from '../../errors.ts';
import { resolveModel } from '../../governance/resolve-model.ts';
import type { RecordStore } from '../../governance/store.ts';
import type { ModelReference, Run } from '../../handles.ts';
import type { Metric } from '../metrics/metric.ts';
import { semanticSimilarityMetric, semanticSimilarityName } from '../metrics/semantic-similarity.ts';
import { modelDigest } from '../model-digest.ts';
import { type TrainedWith, trainedWith } from '../trained-with.ts';

/** The model whose embeddings measure similarity. */
export interface Embedder {
  readonly model: ModelReference;
  /** `sha256:` over its files. */
  readonly digest: string;
}

/** Where models are looked for. */
export type ModelPlace = { folder: string } & DownloadPlace;

/**
 * The embedder of those metrics that need one, and the metrics with it in their signatures: the model that was asked
 * for, else `byDefault`'s. Metrics that need none come back as they are, and no model is looked for.
 */
export async function chooseEmbedder(
  metrics: readonly Metric[],
  asked: string | ModelReference | Run | undefined,
  { folder, ...place }: ModelPlace,
  byDefault: () => Promise<ModelReference>,
): Promise<{ metrics: readonly Metric[]; embedder?: Embedder }> {
  if (!metrics.some(isEmbedding)) return { metrics };
  const model = asked === undefined ? await byDefault() : await resolveModel(asked, folder, place);
  const digest = await modelDigest(model.folder);
  const { signature } = semanticSimilarityMetric(digest.slice('sha256:'.length, 'sha256:'.length + 12));
  return {
    metrics: metrics.map((metric) => (isEmbedding(metric) ? { ...metric, signature } : metric)),
    embedder: { model, digest },
  };
}

/**
 * The model that the evaluated one descends from: the base of its fine-tuning, the base of that one and so on, or the
 * model itself where it has none. All versions that were fine-tuned from one base are so measured by the same embedder,
 * which none of their trainings has changed.
 */
export async function originalBase(
  model: ModelReference,
  trained: TrainedWith,
  store: RecordStore,
  { folder, ...place }: ModelPlace,
): Promise<ModelReference> {
  let [found, { base }] = [model, trained];
  while (base !== undefined) {
    if (base.reference === undefined) throw embedderNotHere(model.ref, base.name);
    found = await resolveModel(base.reference, folder, place);
    ({ base } = await trainedWith(found, store));
  }
  return found;
}

/** Also as `semantic_similarity()`. */
function isEmbedding({ name }: Metric): boolean {
  return name.replace(/\(.*/, '') === semanticSimilarityName;
}

/** Models that answer from elsewhere have no hidden states to offer, and several would measure each by itself. */
export function embedderNotNamed(): UserError {
  return new UserError(
    `${semanticSimilarityName} compares texts by the embeddings of one local model, and the models asked here may be several or remote. Name one: --embedder with a folder, owner/name of the hub or name@v1.0.0.`,
    { offending: semanticSimilarityName },
  );
}

function embedderNotHere(model: string, base: string): UserError {
  return new UserError(
    `${semanticSimilarityName} embeds with the base model of "${model}", which is "${base}": it was read from a folder, and its fine-tuning job is not on this machine. Name the folder: --embedder PATH/${base}`,
    { offending: semanticSimilarityName },
  );
}
