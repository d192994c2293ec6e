import { displaySymbol, type MagicContext, type MimeBundle, typeSymbol } from '../context.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import type { Evaluation, ModelReference } from '../handles.ts';
import { type EvalOutput, evalBlock, evalCharts } from './display.ts';
import { findings } from './findings.ts';
import { failedGates, gateFailed, parseGates } from './gate.ts';
import type { EvalOptions } from './options.ts';
import { type PredictOptions, predict } from './predict.ts';
import { type RecordedEval, recordEval } from './record.ts';
import { createOutput } from './run-job.ts';
import { scoreAnswers } from './score-answers.ts';
import { type EvalSetting, prepareEval } from './setting.ts';

/**
 * Evaluates a model on a data set: its answers come from a job, its figures are computed here, and both are recorded.
 * Throws a UserError after recording when a gate fails.
 */
export async function evaluateModel(options: EvalOptions, context: MagicContext): Promise<Evaluation> {
  const store = await openStore(context.folder);
  const setting = await prepareEval(options, store, context);
  const names = setting.metrics.map((metric) => metric.name);
  const gates = options.gate === undefined ? [] : parseGates(options.gate, names);

  const show = createOutput(context);
  const answers = await askModels(setting, { ...options, show }, store, context);
  const scored = scoreAnswers(setting, answers);
  const recorded = await recordEval(setting, scored, answers, store, context);

  const { reused } = answers.model;
  const output: EvalOutput = {
    ...recorded,
    setting,
    scored,
    reused,
    findings: await findings(setting, scored, context),
  };
  const bundle = evalBlock(output);
  show(bundle);
  for (const chart of await evalCharts(output)) context.display(chart);
  const failed = failedGates(gates, scored.metrics);
  if (failed.length > 0) throw gateFailed(setting.model.ref, failed, scored.metrics, recorded.commit);
  return createEvaluation(recorded, bundle);
}

async function askModels(
  setting: EvalSetting,
  { maxNewTokens, fresh, device, show }: EvalOptions & Pick<PredictOptions, 'show'>,
  store: RecordStore,
  context: MagicContext,
) {
  const withLikelihood = setting.metrics.some((metric) => metric.name === 'perplexity');
  const settings = { maxNewTokens, withLikelihood, fresh, show, device: device === 'auto' ? undefined : device };
  const ask = (model: ModelReference) => predict(model, setting.requests, settings, store, context);
  return { model: await ask(setting.model), baseline: setting.baseline && (await ask(setting.baseline)) };
}

function createEvaluation({ record, commit }: RecordedEval, bundle: MimeBundle): Evaluation {
  const { id, model, metrics, baselineMetrics } = record;
  const evaluation: Evaluation = { id, model, metrics, ...(baselineMetrics && { baselineMetrics }), commit };
  return Object.defineProperties(evaluation, {
    [displaySymbol]: { value: () => bundle },
    [typeSymbol]: { value: "import('llmops').Evaluation" },
  });
}
