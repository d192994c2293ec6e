import type { MagicContext } from '../../context.ts';
import { datasetInput } from '../../dataset/record.ts';
import { openStore } from '../../governance/open-store.ts';
import type { EvalRequest } from '../payload.ts';
import { type PredictOptions, predict } from '../predict.ts';
import { recordSamples } from '../record-samples.ts';
import { createOutput } from '../run-job.ts';
import { type Scored, scoreAnswers } from '../score-answers.ts';
import { type EvalSetting, prepareEval } from '../setting.ts';
import { withSimilarity } from '../similarity/with-similarity.ts';
import { robustnessBundle } from './display.ts';
import type { RobustnessOptions } from './options.ts';
import { type Perturbation, perturb } from './perturb.ts';

/** How a model fares on questions that are written otherwise; differences are to the questions as they are. */
export interface Robustness {
  readonly model: string;
  readonly byKind: readonly { kind: Perturbation; id: string; scored: Scored }[];
  readonly commit: string;
}

/** Asks every question as it is and changed in several ways, and tests whether the answers get worse. */
export async function robustness(options: RobustnessOptions, context: MagicContext): Promise<Robustness> {
  const store = await openStore(context.folder);
  const { kinds, ...rest } = options;
  const setting = await prepareEval({ ...rest, slices: [], against: undefined, gate: undefined }, store, context);
  const show = createOutput(context);
  const settings = settingsOf(options, show);
  const ask = (requests: readonly EvalRequest[]) => predict(setting.model, requests, settings, store, context);
  const plain = await ask(setting.requests);
  const found: { kind: Perturbation; scored: Scored; seconds: number }[] = [];
  for (const kind of kinds) {
    const requests = perturbRequests(setting, kind);
    const answers = await ask(requests);
    const asked = { ...setting, requests };
    const both = await withSimilarity({ model: answers, baseline: plain }, asked, settings, store, context);
    const scored = scoreAnswers(asked, both);
    found.push({ kind, scored, seconds: answers.result.seconds });
  }
  const { model, data, prompt, seed, config } = setting;
  const { records, commit } = await recordSamples(
    found.map(({ kind, scored, seconds }) => ({
      idPrefix: `${model.name}-${kind}`,
      task: data.name,
      model: model.ref,
      baseline: `${model.ref} on unchanged questions`,
      inputs: [datasetInput(data, 'test'), { role: 'prompt' as const, kind: 'prompt' as const, name: prompt.name }],
      config: { ...config, perturbation: kind },
      seed,
      metrics: scored.metrics,
      baselineMetrics: scored.baselineMetrics,
      differences: scored.differences,
      seconds,
      samples: scored.samples,
    })),
    `Evaluate ${model.ref} on ${data.name} written otherwise: ${kinds.join(', ')}`,
    store,
    context,
  );
  const result = {
    model: model.ref,
    byKind: found.map(({ kind, scored }, i) => ({ kind, id: records[i]!.id, scored })),
    commit,
  };
  show(robustnessBundle(result, setting.metrics, data.name));
  return result;
}

/** The requests with every text that the prompt reads changed; the right answers stay. */
function perturbRequests({ prompt, rows, requests, seed, target }: EvalSetting, kind: Perturbation): EvalRequest[] {
  const read = prompt.inputs.map(({ name }) => name).filter((name) => name !== target);
  return rows.map((row, i) => {
    const texts = read.flatMap((name) =>
      typeof row[name] === 'string' ? [[name, perturb(row[name], kind, seed, i)]] : [],
    );
    return { messages: prompt.renderRow({ ...row, ...Object.fromEntries(texts) }), reference: requests[i]!.reference };
  });
}

function settingsOf({ maxNewTokens, fresh, device }: RobustnessOptions, show: PredictOptions['show']): PredictOptions {
  return { maxNewTokens, fresh, show, withLikelihood: false, device: device === 'auto' ? undefined : device };
}
