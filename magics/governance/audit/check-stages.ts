import { checkPolicy } from '../check-policy.ts';
import { policyPath } from '../policy.ts';
import type { RecordStore } from '../store.ts';
import type { RegistryTag } from '../tags.ts';
import type { History } from './history.ts';
import type { Problem } from './problem.ts';

/** Stage tags must be numbered without gaps, and each must have met the policy of its time. */
export async function checkStages(
  store: RecordStore,
  history: History,
  tags: readonly RegistryTag[],
): Promise<Problem[]> {
  const byName = new Map<string, RegistryTag[]>();
  for (const tag of tags) byName.set(tag.name, [...(byName.get(tag.name) ?? []), tag]);
  const problems: Problem[] = [];
  for (const own of byName.values()) {
    const numbered = own.filter((tag) => tag.counter > 0).sort((a, b) => a.counter - b.counter);
    problems.push(...gaps(numbered));
    for (const tag of numbered) {
      if (tag.action === 'assign') problems.push(...(await checkAssignment(store, history, tag, own)));
    }
  }
  return problems;
}

function gaps(numbered: readonly RegistryTag[]): Problem[] {
  return numbered.flatMap(({ tag, counter }, i) => {
    const before = numbered[i - 1]?.counter ?? 0;
    return counter - before <= 1
      ? []
      : [{ rule: 'stage', subject: tag, problem: `number ${before + 1} is missing: a stage tag was removed` }];
  });
}

async function checkAssignment(
  store: RecordStore,
  history: History,
  tag: RegistryTag,
  own: readonly RegistryTag[],
): Promise<Problem[]> {
  const found = (rule: string, problem: string): Problem => ({ rule, subject: tag.tag, problem, commit: tag.commit });
  const [object] = await store.repository.read([tag.oid]);
  const message = object?.content.toString('utf8') ?? '';
  const earlier = own.filter(
    (other) => other.counter < tag.counter && Date.parse(other.createdAt) <= Date.parse(tag.createdAt),
  );
  if (isRollback(message, tag, earlier)) return [];
  const made = Date.parse(tag.createdAt);
  const last = history.commits.filter((commit) => commit.time <= made + secondMs).at(-1)?.commit ?? tag.commit;
  const state = /^Llmops-State: ([0-9a-f]{40,64})$/m.exec(message)?.[1] ?? last;
  if (!history.reachable.has(state))
    return [found('stage', `was made from commit ${state.slice(0, 10)}, which the history lacks`)];
  const [used, ruling] = await Promise.all([state, last].map((at) => store.readFile(policyPath, { at })));
  const isOlder = used !== ruling && !(await isAfter(store, state, last));
  const at = isOlder ? last : state;
  const record = await store.read('model', tag.name, { at: tag.commit });
  if (record === undefined) return [found('stage', 'its commit holds no such model')];
  const candidate = { record, commit: tag.commit, stage: tag.stage!, at, now: new Date(made), tags: earlier };
  const failed = (await checkPolicy(store, candidate)).filter((check) => !check.passed);
  return failed.map(({ rule, finding, evidence }) => found('policy', [`${rule}: ${finding}`, ...evidence].join(' ')));
}

/** A way back to a version that had been in this stage needs no new evidence. */
function isRollback(message: string, tag: RegistryTag, earlier: readonly RegistryTag[]): boolean {
  const named = /^Llmops-Rollback: (\S+)$/m.exec(message)?.[1];
  return earlier.some((other) => other.tag === named && other.commit === tag.commit && other.stage === tag.stage);
}

/** Commit times are in whole seconds. */
const secondMs = 1000;

async function isAfter(store: RecordStore, commit: string, older: string): Promise<boolean> {
  const { git } = store.repository;
  return git(['merge-base', '--is-ancestor', older, commit]).then(
    () => true,
    () => false,
  );
}
