import type { MagicContext } from '../../context.ts';
import { datasetInput } from '../../dataset/record.ts';
import { resolveDataset } from '../../dataset/resolve.ts';
import { openStore } from '../../governance/open-store.ts';
import { isPrompt, loadPrompt, type Prompt } from '../../prompt/prompt.ts';
import { chooseMetrics } from '../metrics/choose.ts';
import { recordSamples } from '../record-samples.ts';
import { chooseTarget, prepareRows } from '../requests.ts';
import { chooseEmbedder, embedderNotNamed } from '../similarity/choose-embedder.ts';
import { matrixBundle } from './display.ts';
import type { MatrixOptions } from './options.ts';
import { type MatrixCell, runMatrix } from './run-matrix.ts';

/** Every prompt with every model. */
export interface Matrix {
  readonly cells: readonly MatrixCell[];
  /** Ids of the evaluations, one for each cell in their order: `%eval compare` takes two. */
  readonly ids: readonly string[];
  readonly commit: string;
}

/** Asks every model every row with every prompt; shows quality, latency and cost side by side, and records each cell. */
export async function matrix(options: MatrixOptions, context: MagicContext): Promise<Matrix> {
  const chosen = chooseMetrics(options.metrics);
  const data = await resolveDataset(options.data, context.folder);
  const prompts = await Promise.all(
    options.prompts.map((one) => (isPrompt(one) ? one : loadPrompt(one, context.folder, context))),
  );
  const target = chooseTarget(data, prompts[0]!, options.target);
  const { rows } = prepareRows(data, prompts[0]!, target, options.limit);
  const { metrics, embedder } = await chooseEmbedder(chosen, options.embedder, context, () => {
    throw embedderNotNamed();
  });
  const cells = await runMatrix(
    {
      prompts: prompts.map((prompt) => ({ name: referenceOf(prompt), render: (row) => [...prompt.renderRow(row)] })),
      models: options.models.map((model) => ({ ...options, model })),
      cases: rows.map((row) => ({ row, reference: String(row[target]) })),
      metrics,
      embedder,
      prices: options.prices,
      seed: options.seed,
    },
    context,
  );
  const { records, commit } = await recordSamples(
    cells.map((cell) => ({
      idPrefix: `matrix-${data.name}`,
      task: data.name,
      model: cell.model,
      inputs: [datasetInput(data, 'test'), { role: 'prompt' as const, kind: 'prompt' as const, name: cell.prompt }],
      config: {
        metrics: Object.fromEntries(metrics.map(({ name, signature }) => [name, signature])),
        target,
        ...(embedder && { embedder: { model: embedder.model.ref, digest: embedder.digest } }),
      },
      seed: options.seed,
      metrics: cell.figures,
      seconds: cell.samples.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
      samples: cell.samples,
    })),
    `Evaluate ${prompts.length} prompts with ${options.models.length} models on ${data.name}`,
    await openStore(context.folder),
    context,
  );
  context.display(matrixBundle(cells, metrics, { task: data.name, commit }));
  return { cells, ids: records.map(({ id }) => id), commit };
}

function referenceOf({ name, version }: Prompt): string {
  return version === undefined ? name : `${name}@${version}`;
}
