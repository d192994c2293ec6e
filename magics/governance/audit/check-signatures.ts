import { readTrust, signatureFaults, verifyRecordCommit } from '../approvals.ts';
import { allowedSignersPath, revokedSignersPath } from '../policy.ts';
import { recordPath } from '../records.ts';
import { verifySignature } from '../signatures.ts';
import type { RecordStore } from '../store.ts';
import type { History } from './history.ts';
import type { Problem } from './problem.ts';

/** Approvals must be signed by keys that count; who may sign is changed only by those who may. */
export async function checkSignatures(store: RecordStore, history: History): Promise<Problem[]> {
  const trust = await readTrust(store);
  const problems: Problem[] = [];
  for (const approval of await store.list('approval')) {
    const path = recordPath(approval);
    const { verdict } = await verifyRecordCommit(store, path, trust);
    if (verdict === 'good') continue;
    const problem = `${approval.createdBy ?? 'somebody'} ${signatureFaults[verdict]}`;
    problems.push({ rule: 'signature', subject: path, problem });
  }
  return [...problems, ...(await checkSigners(store, history))];
}

async function checkSigners(store: RecordStore, { commits }: History): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { commit, parents, changes } of commits) {
    const change = changes.find(({ path, status }) => {
      return path === revokedSignersPath || (path === allowedSignersPath && status !== 'A');
    });
    if (change === undefined) continue;
    const [object] = await store.repository.read([commit]);
    const { verdict } = await verifySignature(object!, await readTrust(store, parents[0]));
    if (verdict === 'good') continue;
    const problem = `was changed by somebody who ${signatureFaults[verdict]}`;
    problems.push({ rule: 'signature', subject: change.path, problem, commit });
  }
  return problems;
}
