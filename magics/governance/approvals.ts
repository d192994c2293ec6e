import { randomUUID } from 'node:crypto';
import type { Candidate } from './check-policy.ts';
import { digestText } from './objects.ts';
import { allowedSignersPath, revokedSignersPath } from './policy.ts';
import { type ApprovalRecord, recordPath } from './records.ts';
import { parseTrust, type SignatureFinding, type Trust, verifySignature } from './signatures.ts';
import type { RecordCommit, RecordStore } from './store.ts';

/** What an approval is worth. `by` is the signer's e-mail where the signature names one, else the claimed person. */
export interface ApprovalFinding {
  readonly path: string;
  readonly by: string;
  readonly counts: boolean;
  /** Why it does not count. */
  readonly why: string;
}

/** What a version is approved for: the record's text is pinned by its digest. */
export interface Approval {
  readonly model: string;
  readonly commit: string;
  readonly stage: string;
  readonly comment?: string;
  /** Key to sign with, for `git commit-tree -S`; git's own setting when absent. */
  readonly key?: string;
}

/** Commits an approval, signed with the SSH key that git is set to sign with. */
export async function approve(store: RecordStore, approval: Approval): Promise<RecordCommit & { id: string }> {
  const { model, commit, stage, comment, key = '' } = approval;
  const name = model.split('@')[0]!;
  const digest = await modelDigestAt(store, name, commit);
  const id = `${model.replace('@', '-')}-${stage}-${randomUUID().slice(0, 8)}`;
  const common = { schemaVersion: 1, createdAt: new Date().toISOString() } as const;
  const record: ApprovalRecord = { ...common, kind: 'approval', id, model, commit, digest, stage, comment };
  const message = `Approve ${model} for ${stage}${comment === undefined ? '' : `\n\n${comment}`}`;
  return { id, ...(await store.commit({ records: [record], message, signing: [`-S${key}`] })) };
}

/** All approvals of the candidate for its stage, each with whether it counts and why not. */
export async function approvalFindings(store: RecordStore, candidate: Candidate): Promise<ApprovalFinding[]> {
  const { record, stage, at } = candidate;
  const ref = `${record.name}@${record.version}`;
  const approvals = (await store.list('approval', { at })).filter((a) => a.model === ref && a.stage === stage);
  const trust = await readTrust(store, at);
  const author = emailOf(record.createdBy ?? '');
  return Promise.all(approvals.map((approval) => judge(store, approval, candidate, trust, author)));
}

/** Keys that count: as committed at `at`; revoked ones as of now, since a stolen key can date its commits back. */
export async function readTrust(store: RecordStore, at?: string): Promise<Trust> {
  const [allowed = '', revoked = ''] = await Promise.all([
    store.readFile(allowedSignersPath, { at }),
    store.readFile(revokedSignersPath),
  ]);
  return parseTrust(allowed, revoked);
}

/** In words, why a signature does not count. */
export const signatureFaults: Record<Exclude<SignatureFinding['verdict'], 'good'>, string> = {
  unsigned: 'did not sign',
  unknown: `signed with a key that ${allowedSignersPath} does not name`,
  tampered: 'signed something else: the commit was changed after it was signed',
  expired: 'signed outside the time for which the key counts',
  revoked: 'signed with a key that has been revoked',
  unsupported: 'signed with another kind of key than SSH',
};

async function judge(
  store: RecordStore,
  approval: ApprovalRecord,
  { record, commit, at }: Candidate,
  trust: Trust,
  author: string,
): Promise<ApprovalFinding> {
  const path = recordPath(approval);
  const claimed = emailOf(approval.createdBy ?? 'somebody');
  const refuse = (why: string, by = claimed): ApprovalFinding => ({ path, by, counts: false, why });
  const signed = await verifyRecordCommit(store, path, trust, at);
  const by = signed.principal ?? claimed;
  if (signed.verdict !== 'good') return refuse(signatureFaults[signed.verdict], by);
  if (approval.commit !== commit) return refuse('approved another commit of that version', by);
  if (approval.digest !== (await modelDigestAt(store, record.name, commit))) {
    return refuse('approved another content of that version', by);
  }
  if (by === author) return refuse('is the author', by);
  return { path, by, counts: true, why: '' };
}

/** The signature of the commit that gave the record the text it has at `at`. */
export async function verifyRecordCommit(
  store: RecordStore,
  path: string,
  trust: Trust,
  at?: string,
): Promise<SignatureFinding> {
  const [last] = await store.log(path, { at, limit: 1 });
  const [object] = last === undefined ? [] : await store.repository.read([last.commit]);
  return object === undefined ? { verdict: 'unsigned' } : verifySignature(object, trust);
}

export const emailOf = (person: string) => (/<([^>]*)>/.exec(person)?.[1] ?? person).toLowerCase();

async function modelDigestAt(store: RecordStore, name: string, commit: string): Promise<string> {
  return digestText((await store.readFile(`llmops/models/${name}/model.json`, { at: commit })) ?? '');
}
