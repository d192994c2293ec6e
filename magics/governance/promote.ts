import { type Check, checkPolicy } from './check-policy.ts';
import { type FoundVersion, findVersion } from './find-version.ts';
import { readPolicy } from './policy.ts';
import {
  alreadyInStage,
  nothingToRollBack,
  notInStage,
  promotionRefused,
  stageInUse,
  stageInvalid,
} from './policy-errors.ts';
import { parseReference } from './reference.ts';
import { stagePeriods } from './stages.ts';
import type { RecordStore } from './store.ts';
import { nextCounter } from './tags.ts';

/** A stage change that was made: its tag, and what the policy found. */
export interface Promotion {
  readonly ref: string;
  readonly stage: string;
  readonly tag: string;
  readonly checks: readonly Check[];
}

/** Puts a version in a stage with the tag `name#stage#N`, when the policy allows it. A UserError names rules and evidence when not. */
export async function promote(store: RecordStore, ref: string, stage: string): Promise<Promotion> {
  const { found, checks } = await examine(store, ref, stage);
  return assign(store, found, stage, { checks, title: `Promote ${found.version.ref} to ${stage}` });
}

/** Puts the version that was in the stage before back in it. The policy is not asked again. */
export async function rollback(store: RecordStore, name: string, stage: string): Promise<Promotion> {
  const tags = await store.tags(name);
  const periods = stagePeriods(tags).filter((period) => period.stage === stage);
  const current = periods.at(-1);
  const gone = new Set(tags.filter((tag) => tag.action === 'deregister').map((tag) => tag.version));
  const before = periods.findLast(
    (period) => period.commit !== current?.commit && period.version !== undefined && !gone.has(period.version),
  );
  if (current === undefined || before?.version === undefined) throw nothingToRollBack(name, stage);
  const found = await findVersion(store, `${name}@${before.version}`);
  const title = `Roll ${stage} back from ${current.version ?? current.commit.slice(0, 7)} to ${found.version.ref}`;
  return assign(store, found, stage, { checks: [], title, trailers: [`Llmops-Rollback: ${before.tag}`] });
}

/** Takes a version back (`name@v1.2.0!`), or with a bare name the whole model (`name@deprecated#N`). What is in a stage is refused. */
export async function deprecate(store: RecordStore, ref: string, reason = ''): Promise<string> {
  const { name, version: wanted } = parseReference(ref);
  const { version, tags } = await findVersion(store, ref);
  const inUse = stagePeriods(tags).find(
    (period) => period.until === undefined && (wanted === undefined || period.commit === version.commit),
  );
  if (inUse !== undefined) throw stageInUse(ref, inUse.stage);
  const message = [`Deprecate ${ref}`, reason].filter(Boolean).join('\n\n');
  return mint(store, name, version.commit, message, (number) =>
    wanted === undefined ? `${name}@deprecated#${number}` : `${ref}!`,
  );
}

/** Takes a version out of a stage (`name#stage!#N`), which is then empty. */
export async function unassign(store: RecordStore, ref: string, stage: string, reason = ''): Promise<string> {
  const { name } = parseReference(ref);
  const { version, tags } = await findVersion(store, ref);
  const isThere = stagePeriods(tags).some(
    (period) => period.until === undefined && period.stage === stage && period.commit === version.commit,
  );
  if (!isThere) throw notInStage(version.ref, stage);
  const message = [`Take ${version.ref} out of ${stage}`, reason].filter(Boolean).join('\n\n');
  return mint(store, name, version.commit, message, (number) => `${name}#${stage}!#${number}`);
}

/** The version that is meant and what the policy says; throws when a rule is not met. */
export async function examine(
  store: RecordStore,
  ref: string,
  stage: string,
): Promise<{ found: FoundVersion; checks: Check[] }> {
  await checkStage(store, stage);
  const found = await findVersion(store, ref);
  const { version, record, tags } = found;
  if (version.stages.includes(stage)) throw alreadyInStage(version.ref, stage);
  const checks = await checkPolicy(store, { record, commit: version.commit, stage, now: new Date(), tags });
  if (checks.some((check) => !check.passed)) throw promotionRefused(version.ref, stage, checks);
  return { found, checks };
}

/** How a tag's or a commit's message tells what the policy found. */
export function checkLines(checks: readonly Check[]): string[] {
  return checks.map(({ rule, passed, finding, evidence }) => {
    const where = evidence.length === 0 ? '' : ` (${evidence.join(', ')})`;
    return `- ${passed ? 'met' : 'NOT MET'}: ${rule}: ${finding}${where}`;
  });
}

interface Assignment {
  title: string;
  checks: readonly Check[];
  trailers?: readonly string[];
}

/** Mints the stage's next tag on the version's commit. The message tells the state of the records that was checked. */
export async function assign(
  store: RecordStore,
  { version }: FoundVersion,
  stage: string,
  { title, checks, trailers = [] }: Assignment,
): Promise<Promotion> {
  const [head] = await store.repository.read([store.repository.ref]);
  const ending = [`Llmops-State: ${head?.oid ?? version.commit}`, ...trailers];
  const message = [title, checkLines(checks).join('\n'), ending.join('\n')].filter(Boolean).join('\n\n');
  const tag = await mint(store, version.name, version.commit, message, (n) => `${version.name}#${stage}#${n}`);
  return { ref: version.ref, stage, tag, checks };
}

/** Makes the model's tag with the next number and gives its name. */
async function mint(
  store: RecordStore,
  name: string,
  commit: string,
  message: string,
  tagOf: (number: number) => string,
): Promise<string> {
  const [made] = await store.tag(async () => [{ name: tagOf(nextCounter(await store.tags(name))), commit, message }]);
  return made!.name;
}

/** Stages are words that GTO takes too; where the policy names stages, one of them. */
async function checkStage(store: RecordStore, stage: string): Promise<void> {
  const known = Object.keys((await readPolicy(store))?.stages ?? {});
  const isWord = /^[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(stage);
  if (!isWord || (known.length > 0 && !known.includes(stage))) throw stageInvalid(stage, known);
}
