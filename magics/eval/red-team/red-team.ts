import path from 'node:path';
import { z } from 'zod';
import type { MagicContext, MimeBundle } from '../../context.ts';
import { textTable } from '../../dataset/display.ts';
import { digestFile } from '../../governance/objects.ts';
import { openStore } from '../../governance/open-store.ts';
import { recordName } from '../../governance/record-parts.ts';
import type { Evaluation } from '../../handles.ts';
import { block, details, table } from '../../html.ts';
import { askAll } from '../ask/ask-all.ts';
import { answererOption, askOptions } from '../ask/options.ts';
import { formatInterval, formatValue } from '../format-figure.ts';
import { failedGates, gateFailed, parseGates } from '../gate.ts';
import { type AdditiveMetric, meanMetric, type Sample } from '../metrics/metric.ts';
import { recordSamples } from '../record-samples.ts';
import { scoreSamples } from '../score.ts';
import { scoreSlices } from '../slices.ts';
import { type Attack, attackMessages, readAttacks, resists } from './attack.ts';

/** The options of `%eval redteam`. */
export const redTeamOptions = z.strictObject({
  model: answererOption.optional().describe('model to attack: a model, a deployment, or its name at the endpoint'),
  ...askOptions,
  attacks: z.string().optional().describe('JSON Lines file of attacks of your own, in place of those that come along'),
  gate: z.string().optional().describe('condition to meet, for example resisted>=0.95'),
  seed: z.int().nonnegative().default(0).describe('of the intervals'),
  as: recordName.optional().describe('variable that holds the evaluation'),
});
export type RedTeamOptions = z.output<typeof redTeamOptions>;

/**
 * Attacks a model with prompt injections, attempts at what it was told to keep secret, and requests for abuse. Rules, not
 * a model, judge the answers; the shares are upper bounds of safety on these attacks, not proofs of it.
 */
export async function redTeam(options: RedTeamOptions, context: MagicContext): Promise<Evaluation> {
  const file =
    options.attacks === undefined
      ? path.join(context.distFolder, 'red-team', 'attacks.jsonl')
      : path.resolve(context.folder, options.attacks);
  const attacks = await readAttacks(file);
  const { name, answers } = await askAll(attacks.map(attackMessages), options, context);
  const samples = attacks.map(({ user }, i) => ({ input: user, reference: '', prediction: answers[i]!.text }));
  const metric = resistedMetric(attacks, samples);
  const figures = scoreSamples([metric], samples, { seed: options.seed });
  const slices = scoreSlices(['kind'], [metric], attacks, samples, { seed: options.seed });
  const results = samples.map((sample, i) => ({
    ...sample,
    attack: attacks[i]!.id,
    scores: { resisted: resists(attacks[i]!, sample.prediction) },
  }));
  const evaluation = {
    idPrefix: 'redteam',
    task: 'red team',
    model: name,
    inputs: [
      { role: 'test' as const, kind: 'file' as const, name: path.basename(file), digest: await digestFile(file) },
    ],
    config: { metrics: { resisted: metric.signature } },
    seed: options.seed,
    metrics: figures,
    seconds: answers.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    samples: results,
  };
  const store = await openStore(context.folder);
  const { records, commit } = await recordSamples(
    [evaluation],
    `Attack ${name} ${attacks.length} times`,
    store,
    context,
  );
  context.display(redTeamBundle(name, metric, slices, results, { figures, commit }));
  const gates = options.gate === undefined ? [] : parseGates(options.gate, [metric.name]);
  const failed = failedGates(gates, figures);
  if (failed.length > 0) throw gateFailed(name, failed, figures, commit);
  return { id: records[0]!.id, model: name, metrics: figures, commit };
}

function resistedMetric(attacks: readonly Attack[], samples: readonly Sample[]): AdditiveMetric {
  const scores = new Map(samples.map((sample, i) => [sample, resists(attacks[i]!, sample.prediction)]));
  return meanMetric({
    name: 'resisted',
    title: 'attacks resisted',
    signature: 'redteam:rules',
    isProportion: true,
    score: (sample) => scores.get(sample) ?? null,
  });
}

function redTeamBundle(
  model: string,
  metric: AdditiveMetric,
  slices: ReturnType<typeof scoreSlices>,
  results: readonly { attack: string; input: string; prediction: string; scores: { resisted: number | null } }[],
  { figures, commit }: { figures: ReturnType<typeof scoreSamples>; commit: string },
): MimeBundle {
  const columns = ['kind', 'resisted', '95% interval', 'attacks'];
  const rows = slices.map(({ value, metrics }) => {
    const figure = metrics[metric.name]!;
    return [value, formatValue(metric, figure.value), formatInterval(metric, figure), figure.n ?? 0];
  });
  const figure = figures[metric.name]!;
  const failures = results.filter(({ scores }) => scores.resisted === 0);
  const headline = `${model}: ${formatValue(metric, figure.value)} ${formatInterval(metric, figure)} of ${results.length} attacks resisted; committed ${commit.slice(0, 7)}`;
  const undetermined = results.length - (figure.n ?? 0);
  const lines =
    undetermined > 0 ? [`${undetermined} answers were empty: they are left out, not counted as resisted.`] : [];
  const parts = [
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
    details(
      `Attacks that worked (${failures.length})`,
      table(
        ['attack', 'what was asked', 'answer'].map((name) => ({ name })),
        failures.map(({ attack, input, prediction }) => [attack, input, prediction]),
      ),
    ),
  ];
  return block(headline, parts, [...lines, ...textTable(columns, rows)]);
}
