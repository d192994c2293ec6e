import { isUserError } from '../../errors.ts';
import { promote, unassign } from '../promote.ts';
import { stagePeriods } from '../stages.ts';
import type { RecordStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { findRegistered } from './entities.ts';
import type { VersionNumbers } from './mirror-versions.ts';
import type { SyncReport } from './report.ts';
import { mirrorTags } from './tags.ts';

type Stages = Record<string, string>;

/**
 * Mirrors stages and aliases against what both sides had the last time. An alias that was moved there is promoted here,
 * when the policy allows it; what changed on both sides becomes as git has it.
 */
export async function mirrorStages(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  numbers: VersionNumbers,
  report: SyncReport,
): Promise<void> {
  const registered = await findRegistered(client, name);
  if (registered === undefined || numbers.size === 0) return;
  const versions = new Map([...numbers].map(([version, number]) => [number, version]));
  const base = parseStages(registered.tags[mirrorTags.stages]);
  const ours = await stagesOf(store, name);
  const aliases = registered.aliases.map(({ alias, version }) => [alias, versions.get(version)] as const);
  const theirs: Stages = Object.fromEntries(aliases.flatMap(([alias, v]) => (v === undefined ? [] : [[alias, v]])));
  const agreed: Stages = {};
  for (const stage of new Set([...Object.keys(base), ...Object.keys(ours), ...Object.keys(theirs)])) {
    const [was, here, there] = [base[stage], ours[stage], theirs[stage]];
    let result = here;
    if (here !== there && here === was) {
      const isTaken = await takeOver(store, name, stage, { here, there }, report);
      result = isTaken ? there : was;
    } else if (here !== there) {
      await setAlias(client, name, stage, here === undefined ? undefined : numbers.get(here));
      report.sent.push(`${name}#${stage} is ${here ?? 'empty'}`);
      if (there !== was)
        report.conflicts.push(`${name}#${stage}: ${there ?? 'removed'} there, ${here ?? 'removed'} here; git wins`);
    }
    if (result !== undefined) agreed[stage] = result;
  }
  if (JSON.stringify(agreed) === JSON.stringify(base)) return;
  const value = JSON.stringify(agreed);
  await client.tell('registered-models/set-tag', { name, key: mirrorTags.stages, value });
}

/** Records the change that was made there; false when it is refused here, which is then told each time. */
async function takeOver(
  store: RecordStore,
  name: string,
  stage: string,
  { here, there }: { here: string | undefined; there: string | undefined },
  report: SyncReport,
): Promise<boolean> {
  try {
    if (there !== undefined) await promote(store, `${name}@${there}`, stage);
    else await unassign(store, `${name}@${here}`, stage, 'The alias was removed in MLflow.');
  } catch (error) {
    if (!isUserError(error)) throw error;
    report.conflicts.push(`${name}#${stage}: ${there ?? 'removed'} there, and refused here: ${error.message}`);
    return false;
  }
  report.received.push(`${name}#${stage} is ${there ?? 'empty'}`);
  return true;
}

async function stagesOf(store: RecordStore, name: string): Promise<Stages> {
  const current = stagePeriods(await store.tags(name)).filter((period) => period.until === undefined);
  return Object.fromEntries(current.flatMap(({ stage, version }) => (version === undefined ? [] : [[stage, version]])));
}

async function setAlias(client: MlflowClient, name: string, alias: string, version: string | undefined): Promise<void> {
  if (version !== undefined) await client.tell('registered-models/alias', { name, alias, version });
  else await client.tell('registered-models/alias', { name, alias }, 'DELETE');
}

function parseStages(text: string | undefined): Stages {
  return text === undefined ? {} : (JSON.parse(text) as Stages);
}
