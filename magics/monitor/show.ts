import { displaySymbol, type MagicContext, typeSymbol } from '../context.ts';
import { type DeploymentFiles, deploymentFiles } from '../deploy/logs.ts';
import { deploymentStatus } from '../deploy/status.ts';
import { openStore } from '../governance/open-store.ts';
import { type MonitorOutput, monitorBlock, monitorCharts } from './display.ts';
import { type DriftResult, detectDrift } from './drift.ts';
import { findings } from './findings.ts';
import type { ShowOptions } from './options.ts';
import { referenceInputs } from './reference-inputs.ts';
import { summariseTraffic, type Traffic } from './traffic.ts';

/** What `%monitor` gives. */
export interface Monitoring extends Traffic {
  readonly name: string;
  readonly model: string;
  readonly drift: readonly DriftResult[];
  readonly findings: readonly string[];
}

/** Shows what a deployment has been doing, and whether its inputs still look like its training data. */
export async function showMonitor(options: ShowOptions, context: MagicContext): Promise<Monitoring> {
  const store = await openStore(context.folder);
  const [status] = await deploymentStatus(context.folder, options.name);
  const { name, model } = status!;
  const { requests, feedback, others } = await readLogs(deploymentFiles(store.folder, name), model, options.since);
  const reference = await referenceInputs(model, store);
  const inputs = requests.flatMap(({ input }) => (input === undefined ? [] : [input]));
  const drift = 'dataset' in reference ? detectDrift(reference.inputs, inputs) : [];
  const traffic = summariseTraffic(requests, feedback);
  const found = findings({ status: status!, traffic, requests, feedback, drift, others });
  const output: MonitorOutput = { name, model, traffic, requests, drift, reference, findings: found };
  const bundle = monitorBlock(output);
  context.display(bundle);
  for (const chart of await monitorCharts(output)) context.display(chart);
  const monitoring: Monitoring = { name, model, ...traffic, drift, findings: found };
  return Object.defineProperties(monitoring, {
    [displaySymbol]: { value: () => bundle },
    [typeSymbol]: { value: "import('llmops').Monitoring" },
  });
}

/** Requests that the present model answered, and the feedback on them; `others` went to models that ran here before. */
async function readLogs(files: DeploymentFiles, model: string, since = Number.POSITIVE_INFINITY) {
  const all = (await files.requests.read()).filter(({ time }) => Date.parse(time) >= Date.now() - since);
  const requests = all.filter((request) => request.model === model);
  const ids = new Set(requests.map(({ id }) => id));
  const feedback = (await files.feedback.read()).filter(({ requestId }) => ids.has(requestId));
  return { requests, feedback, others: all.length - requests.length };
}
