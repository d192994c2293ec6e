import type { MagicContext } from '../context.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import { isUserError } from '../errors.ts';
import { formatValue } from './format-figure.ts';
import type { Scored } from './score-answers.ts';
import type { EvalSetting } from './setting.ts';

/** What a reader should know before trusting the figures, ordered by weight: evidence, then what to do about it. */
export async function findings(
  setting: EvalSetting,
  scored: Scored,
  { folder }: Pick<MagicContext, 'folder'>,
): Promise<string[]> {
  const all = [
    await leaks(setting, folder),
    promptChange(setting),
    cutAnswers(setting, scored),
    weakestGroup(setting, scored),
    leftOut(setting),
    fewSamples(setting),
    undetermined(setting, scored),
  ];
  return all.filter((finding) => finding !== undefined);
}

/** Inputs that the training data holds word for word. */
async function leaks({ trained, prompt, requests }: EvalSetting, folder: string): Promise<string | undefined> {
  if (trained.trainingData === undefined) return undefined;
  try {
    const data = await resolveDataset(trained.trainingData.name, folder);
    const seen = new Set(data.rows().map((row) => JSON.stringify(prompt.renderRow(row))));
    const leaked = requests.filter(({ messages }) => seen.has(JSON.stringify(messages))).length;
    if (leaked === 0) return undefined;
    return `${leaked} of ${requests.length} inputs (${percent(leaked, requests.length)}) are in the training data "${data.name}" too: they flatter the score.`;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return `Leaks from the training data could not be looked for: ${error.message}`;
  }
}

function promptChange({ trained, prompt, model }: EvalSetting): string | undefined {
  if (trained.promptDigest === undefined || trained.promptDigest === prompt.digest) return undefined;
  return `${model.ref} was trained with another text of the prompt than "${prompt.name}" has here: scores may suffer.`;
}

function cutAnswers({ maxNewTokens, requests }: EvalSetting, { cut }: Scored): string | undefined {
  if (cut === 0) return undefined;
  return `${cut} answers (${percent(cut, requests.length)}) were cut at ${maxNewTokens} tokens: --max-new-tokens ${maxNewTokens * 2}`;
}

/** The group whose whole interval lies below the overall figure, if any: the one furthest below. */
function weakestGroup({ metrics: [metric] }: EvalSetting, { slices, metrics }: Scored): string | undefined {
  const whole = metric && metrics[metric.name]!.value;
  if (metric === undefined || whole === null || whole === undefined || metric.better === 'lower') return undefined;
  const [worst] = slices
    .map(({ column, value, metrics: own }) => ({ column, value, figure: own[metric.name]! }))
    .filter(({ figure }) => figure.value !== null && (figure.high ?? figure.value) < whole)
    .sort((a, b) => a.figure.value! - b.figure.value!);
  if (worst === undefined) return undefined;
  return `Weakest group: ${worst.column} = ${worst.value}, ${metric.title} ${formatValue(metric, worst.figure.value)} on ${worst.figure.n} samples.`;
}

function leftOut({ withoutReference, target }: EvalSetting): string | undefined {
  return withoutReference === 0 ? undefined : `${withoutReference} rows without a value in "${target}" were left out.`;
}

function fewSamples({ requests }: EvalSetting): string | undefined {
  return requests.length >= 100 ? undefined : `Only ${requests.length} samples: the intervals are wide.`;
}

function undetermined({ metrics }: EvalSetting, scored: Scored): string | undefined {
  const names = metrics.filter((metric) => scored.metrics[metric.name]!.value === null).map((metric) => metric.title);
  return names.length === 0 ? undefined : `Undetermined: ${names.join(', ')}.`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}
