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
  const { requests, feedback } = await readLogs(deploymentFiles(store.folder, name), options.since);
  const reference = await referenceInputs(model, store);
  const inputs = requests.flatMap(({ input }) => (input === undefined ? [] : [input]));
  const drift = 'dataset' in reference ? detectDrift(reference.inputs, inputs) : [];
  const traffic = summariseTraffic(requests, feedback);
  const found = findings({ status: status!, traffic, requests, feedback, drift });
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

/** Requests since a moment, and the feedback on them. */
async function readLogs(files: DeploymentFiles, since: number | undefined) {
  const all = await files.requests.read();
  const requests = since === undefined ? all : all.filter(({ time }) => Date.parse(time) >= Date.now() - since);
  const ids = new Set(requests.map(({ id }) => id));
  const feedback = (await files.feedback.read()).filter(({ requestId }) => ids.has(requestId));
  return { requests, feedback };
}
