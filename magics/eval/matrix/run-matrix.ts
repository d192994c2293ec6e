import type { MagicContext } from '../../context.ts';
import type { ChatMessage } from '../../engine/types.ts';
import { openStore } from '../../governance/open-store.ts';
import type { Figure } from '../../governance/record-parts.ts';
import { type AskOptions, askAll } from '../ask/ask-all.ts';
import { costOf, type Prices } from '../ask/cost.ts';
import { costMetric, latencyMetric } from '../metrics/latency.ts';
import type { Metric, Sample } from '../metrics/metric.ts';
import { createOutput } from '../run-job.ts';
import { scoreSample, scoreSamples } from '../score.ts';
import type { SampleResult } from '../score-answers.ts';
import type { Embedder } from '../similarity/choose-embedder.ts';
import { measure } from '../similarity/measure.ts';

/** One way to ask. */
export interface MatrixPrompt {
  name: string;
  render(row: Readonly<Record<string, unknown>>): ChatMessage[];
}

/** One question with its right answer. */
export interface MatrixCase {
  row: Readonly<Record<string, unknown>>;
  reference: string;
}

/** Everything that is asked. */
export interface MatrixPlan {
  prompts: readonly MatrixPrompt[];
  models: readonly AskOptions[];
  cases: readonly MatrixCase[];
  metrics: readonly Metric[];
  /** The model that texts are compared by, where a metric does that. */
  embedder?: Embedder;
  prices?: Prices;
  seed: number;
  /** Changes an answer before it is scored (filters of imported tasks). */
  clean?(answer: string): string;
}

/** One prompt with one model. */
export interface MatrixCell {
  prompt: string;
  model: string;
  /** The plan's metrics, mean latency in seconds, and cost where prices are known. */
  figures: Record<string, Figure>;
  samples: (SampleResult & { seconds?: number; cost?: number; cached: boolean })[];
  /** Answers that were there already: they cost nothing this time. */
  cached: number;
}

/** Asks every model every case with every prompt, and scores each combination. */
export async function runMatrix(plan: MatrixPlan, context: MagicContext): Promise<MatrixCell[]> {
  const cells: MatrixCell[] = [];
  for (const model of plan.models)
    for (const prompt of plan.prompts) cells.push(await runCell(plan, prompt, model, context));
  return cells;
}

async function runCell(
  { cases, metrics, embedder, prices, seed, clean = (text) => text }: MatrixPlan,
  prompt: MatrixPrompt,
  model: AskOptions,
  context: MagicContext,
): Promise<MatrixCell> {
  const conversations = cases.map(({ row }) => prompt.render(row));
  const { name, answers } = await askAll(conversations, model, context);
  const texts = answers.map(({ text }) => clean(text));
  const similarities = embedder && (await similaritiesOf(texts, cases, embedder, context));
  const samples = cases.map(({ row, reference }, i): Sample => {
    const { seconds } = answers[i]!;
    const cost = costOf(answers[i]!, prices);
    return { prediction: texts[i]!, reference, row, seconds, cost, similarity: similarities?.[i] };
  });
  const results = samples.map(({ prediction, reference, seconds, cost }, i) => ({
    input: conversations[i]!.findLast(({ role }) => role === 'user')?.content ?? '',
    reference,
    prediction,
    scores: Object.fromEntries(metrics.map((metric) => [metric.name, scoreSample(metric, samples[i]!)])),
    seconds,
    cost,
    cached: answers[i]!.cached,
  }));
  return {
    prompt: prompt.name,
    model: name,
    figures: scoreSamples([...metrics, latencyMetric, costMetric], samples, { seed }),
    samples: results,
    cached: answers.filter(({ cached }) => cached).length,
  };
}

async function similaritiesOf(
  texts: readonly string[],
  cases: readonly MatrixCase[],
  embedder: Embedder,
  context: MagicContext,
): Promise<(number | null)[]> {
  const questions = cases.map(({ reference }, i) => ({ answers: [texts[i]!], references: [reference] }));
  const options = { show: createOutput(context) };
  const { similarities } = await measure(questions, embedder, options, await openStore(context.folder), context);
  return similarities.map(([similarity]) => similarity!);
}
