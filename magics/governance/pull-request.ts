import { randomUUID } from 'node:crypto';
import { checkPolicy } from './check-policy.ts';
import { findVersion } from './find-version.ts';
import { promotionRefused } from './policy-errors.ts';
import { assign, checkLines, examine, type Promotion } from './promote.ts';
import type { PromotionRecord } from './records.ts';
import type { RecordStore } from './store.ts';

/** A branch that asks for a promotion. */
export interface PromotionRequest {
  readonly id: string;
  readonly branch: string;
  readonly commit: string;
  /** Path of the description, Markdown, for the pull request's text. */
  readonly description: string;
}

/** Commits a promotion's record and its description with the evidence on a branch of its own; HEAD and work tree stay. */
export async function requestPromotion(store: RecordStore, ref: string, stage: string): Promise<PromotionRequest> {
  const { found, checks } = await examine(store, ref, stage);
  const { version } = found;
  const id = `${version.ref.replace('@', '-')}-${stage}-${randomUUID().slice(0, 8)}`;
  const record: PromotionRecord = {
    schemaVersion: 1,
    kind: 'promotion',
    createdAt: new Date().toISOString(),
    id,
    model: version.ref,
    commit: version.commit,
    stage,
    checks: checks.map((check) => ({ ...check, evidence: [...check.evidence] })),
  };
  const title = `Promote ${version.ref} to ${stage}`;
  const evidence = checkLines(checks).join('\n') || 'The policy asks for nothing.';
  const description = `llmops/promotions/${id}.md`;
  const branch = `promote/${id}`;
  const files = {
    [description]: `# ${title}\n\n${evidence}\n\nMerge, then mint the tag: \`llmops promote --merged\`.\n`,
  };
  const { commit } = await store.commit({ records: [record], files, message: `${title}\n\n${evidence}`, branch });
  return { id, branch, commit, description };
}

/** Mints the tags of promotions that have been merged; the policy is asked once more. Gives those that it made. */
export async function mintMerged(store: RecordStore): Promise<Promotion[]> {
  const minted = await mintedIds(store);
  const made: Promotion[] = [];
  const requests = (await store.list('promotion')).filter((request) => !minted.has(request.id));
  for (const { id, model, stage } of requests.sort((a, b) => a.createdAt.localeCompare(b.createdAt))) {
    const found = await findVersion(store, model);
    const { version, record, tags } = found;
    const checks = await checkPolicy(store, { record, commit: version.commit, stage, now: new Date(), tags });
    if (checks.some((check) => !check.passed)) throw promotionRefused(model, stage, checks);
    const title = `Promote ${model} to ${stage}`;
    made.push(await assign(store, found, stage, { title, checks, trailers: [`Llmops-Promotion: ${id}`] }));
  }
  return made;
}

/** Ids of the promotions whose tags exist: the tags name them. */
async function mintedIds(store: RecordStore): Promise<Set<string>> {
  const stageTags = (await store.tags()).filter((tag) => tag.action === 'assign');
  const objects = await store.repository.read(stageTags.map((tag) => tag.oid));
  const ids = objects.map((object) => /^Llmops-Promotion: (\S+)$/m.exec(object?.content.toString('utf8') ?? '')?.[1]);
  return new Set(ids.filter((id) => id !== undefined));
}
