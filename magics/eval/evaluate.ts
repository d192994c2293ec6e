import { displaySymbol, type MagicContext, type MimeBundle, typeSymbol } from '../context.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordedSuiteTask } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { type Evaluation, type ModelReference, unionOf } from '../handles.ts';
import { resourcesOf } from '../jobs/resources.ts';
import { type EvalOutput, evalBlock, evalCharts } from './display.ts';
import { findings } from './findings.ts';
import { failedGates, type Gate, gateFailed, gateResults, parseGates } from './gate.ts';
import type { EvalOptions } from './options.ts';
import { type PredictOptions, predict } from './predict.ts';
import { type RecordedEval, recordEval } from './record.ts';
import { createOutput } from './run-job.ts';
import { scoreAnswers } from './score-answers.ts';
import { type EvalSetting, prepareEval } from './setting.ts';
import { similarityFindings } from './similarity/findings.ts';
import { withSimilarity } from './similarity/with-similarity.ts';

/** Evaluates a model on a data set, shows and records it. Throws a UserError after recording when a gate fails. */
export async function evaluateModel(options: EvalOptions, context: MagicContext): Promise<Evaluation> {
  const { evaluation, failed } = await evaluateWithGates(options, context);
  if (failed.length > 0) throw gateFailed(evaluation.model, failed, evaluation.metrics, evaluation.commit);
  return evaluation;
}

/**
 * Evaluates a model on a data set: its answers come from a job, its figures are computed here, and both are recorded,
 * for a task of a suite with what became of its gates. `failed` are the gates that the figures do not meet.
 */
export async function evaluateWithGates(
  options: EvalOptions,
  context: MagicContext,
  task?: Omit<RecordedSuiteTask, 'gates'>,
): Promise<{ evaluation: Evaluation; failed: Gate[] }> {
  const store = await openStore(context.folder);
  const setting = await prepareEval(options, store, context);
  const names = setting.metrics.map((metric) => metric.name);
  const gates = options.gate === undefined ? [] : parseGates(options.gate, names);

  const show = createOutput(context);
  const answers = await askModels(setting, { ...options, show }, store, context);
  const scored = scoreAnswers(setting, answers);
  const failed = failedGates(gates, scored.metrics, scored.differences);
  const suite = task && { ...task, gates: gateResults(gates, failed) };
  const recorded = await recordEval({ ...setting, suite }, scored, answers, store, context);

  const { reused } = answers.model;
  const output: EvalOutput = {
    ...recorded,
    setting,
    scored,
    reused,
    findings: [...(await findings(setting, scored, context)), ...similarityFindings(answers.similarity)],
  };
  const bundle = evalBlock(output);
  show(bundle);
  for (const chart of await evalCharts(output)) context.display(chart);
  return { evaluation: createEvaluation(recorded, bundle), failed };
}

async function askModels(
  setting: EvalSetting,
  options: EvalOptions & Pick<PredictOptions, 'show'>,
  store: RecordStore,
  context: MagicContext,
) {
  const withLikelihood = setting.metrics.some(({ name }) => name === 'perplexity' || name === 'bits_per_byte');
  const { maxNewTokens, fresh, show } = options;
  const device = options.device === 'auto' ? undefined : options.device;
  const settings = { maxNewTokens, withLikelihood, fresh, show, device, resources: resourcesOf(options) };
  const ask = (model: ModelReference) => predict(model, setting.requests, settings, store, context);
  const answers = { model: await ask(setting.model), baseline: setting.baseline && (await ask(setting.baseline)) };
  return withSimilarity(answers, setting, settings, store, context);
}

function createEvaluation({ record, commit }: RecordedEval, bundle: MimeBundle): Evaluation {
  const { id, model, metrics, baselineMetrics } = record;
  const evaluation: Evaluation = { id, model, metrics, ...(baselineMetrics && { baselineMetrics }), commit };
  return Object.defineProperties(evaluation, {
    [displaySymbol]: { value: () => bundle },
    [typeSymbol]: { value: `import('llmops').Evaluation<${unionOf(Object.keys(metrics))}>` },
  });
}
