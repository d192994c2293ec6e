import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { git, makeFolder } from './repository-fixture.ts';

/** An SSH key of a person. */
export interface Signer {
  readonly email: string;
  /** Private key file. */
  readonly key: string;
  /** `ssh-ed25519 AAAA...` */
  readonly publicKey: string;
}

export function makeSigner(name: string): Signer {
  const key = path.join(makeFolder(), name);
  const email = `${name}@example.com`;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', email, '-f', key]);
  const [type, base64] = readFileSync(`${key}.pub`, 'utf8').split(' ');
  return { email, key, publicKey: `${type} ${base64}` };
}

/** Commits the policy and whose keys count; `options` go before a key: `valid-before="20200101"`. */
export async function commitPolicy(
  store: RecordStore,
  policy: unknown,
  signers: readonly (Signer & { options?: string })[],
): Promise<void> {
  const lines = signers.map(({ email, publicKey, options = '' }) => `${email} ${options} ${publicKey}\n`);
  const files = {
    'llmops/policy.json': `${JSON.stringify(policy, null, 2)}\n`,
    'llmops/allowed_signers': lines.join(''),
  };
  await store.commit({ files, message: 'Policy' });
}

/** Replaces the signed commit at HEAD by one with another message and the same signature. */
export function forgeHead(folder: string): void {
  const forged = git(folder, 'cat-file', 'commit', 'HEAD').replace('Approve', 'Gladly approve');
  const options = { cwd: folder, input: `${forged}\n`, encoding: 'utf8' } as const;
  const oid = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], options).trim();
  git(folder, 'update-ref', 'HEAD', oid);
}
