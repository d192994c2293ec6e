import path from 'node:path';
import type { MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { openStore } from '../../governance/open-store.ts';
import type { EvalRecord } from '../../governance/records.ts';
import type { AskOptions } from '../ask/ask-all.ts';
import { failedGates, formatGate, type Gate, gateResults, parseGates } from '../gate.ts';
import type { ImportedSuite } from '../import/imported-suite.ts';
import { matrixBundle } from '../matrix/display.ts';
import { type MatrixCell, runMatrix } from '../matrix/run-matrix.ts';
import { recordSamples } from '../record-samples.ts';
import type { SuiteOptions } from './options.ts';
import { suitePlace } from './recorded-task.ts';
import type { SuiteResult } from './suite.ts';

/** Runs another program's suite: every prompt with every model, each combination recorded as an evaluation. */
export async function runImported(
  imported: ImportedSuite,
  options: SuiteOptions,
  context: MagicContext,
): Promise<SuiteResult> {
  const { name, plan, gates, notImported } = imported;
  const names = plan.metrics.map((metric) => metric.name);
  const parsed = gates.length === 0 ? [] : parseGates(gates.join(','), names);
  const models = chooseModels(imported, options);
  const cells = await runMatrix({ ...plan, models, prices: options.prices, seed: options.seed }, context);
  const { records, commit } = await recordCells(cells, imported, parsed, options, context);
  context.display(matrixBundle(cells, plan.metrics, { task: name, commit }));
  const tasks = cells.map((cell, i) => ({
    task: cell.prompt,
    model: cell.model,
    id: records[i]!.id,
    metrics: cell.figures,
    gates,
    failed: failedGates(parsed, cell.figures).map(formatGate),
  }));
  return { suite: name, passed: tasks.every(({ failed }) => failed.length === 0), tasks, notImported };
}

/** The models that the options name, else the file's; each with the file's sampling where it has none of its own. */
function chooseModels({ name, plan, asking }: ImportedSuite, options: SuiteOptions): AskOptions[] {
  const { model, endpoint, keyEnv, maxTokens, fresh } = options;
  const isNamed = model !== undefined || endpoint !== undefined;
  const models = isNamed ? [{ model, endpoint, keyEnv }] : plan.models;
  if (models.length === 0) throw noModel(name);
  return models.map((one) => ({ maxTokens, ...asking, ...one, fresh }));
}

async function recordCells(
  cells: readonly MatrixCell[],
  { name, plan, notImported }: ImportedSuite,
  gates: readonly Gate[],
  { file, seed }: SuiteOptions,
  context: MagicContext,
): Promise<{ records: EvalRecord[]; commit: string }> {
  const { folder } = context;
  const store = await openStore(folder);
  const place = await suitePlace(name, { file: path.resolve(folder, file), folder, repository: store.folder });
  const metrics = Object.fromEntries(plan.metrics.map((metric) => [metric.name, metric.signature]));
  const evaluations = cells.map((cell) => ({
    idPrefix: `suite-${name.replace(/[^\w.-]+/g, '-')}`,
    task: name,
    model: cell.model,
    inputs: [{ role: 'source' as const, kind: 'file' as const, name: path.basename(file) }],
    config: { prompt: cell.prompt, metrics, notImported },
    seed,
    metrics: cell.figures,
    seconds: cell.samples.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    samples: cell.samples,
    suite: {
      ...place,
      task: `${cell.prompt} with ${cell.model}`,
      gates: gateResults(gates, failedGates(gates, cell.figures)),
    },
  }));
  const message = `Run ${path.basename(file)} on ${cells.length} combinations of prompt and model`;
  return recordSamples(evaluations, message, store, context);
}

function noModel(name: string): UserError {
  return new UserError(
    `"${name}" names no model that can be asked from here. Pass --model NAME, or --endpoint URL of an OpenAI-compatible server.`,
  );
}
