import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { GitObject } from './object-reader.ts';
import { sshKeygenMissing } from './policy-errors.ts';

/** Whose SSH keys count: lines of ssh-keygen's allowed signers file, and keys that no longer do. */
export interface Trust {
  readonly allowed: readonly AllowedSigner[];
  /** Keys in base64. */
  readonly revoked: ReadonlySet<string>;
}

export interface AllowedSigner {
  readonly principal: string;
  /** Public key in base64. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/** What a commit's signature is worth. `principal` is the e-mail that the allowed signers file gives the key. */
export interface SignatureFinding {
  readonly verdict: 'good' | 'unsigned' | 'unknown' | 'tampered' | 'expired' | 'revoked' | 'unsupported';
  readonly principal?: string;
}

/** Reads an allowed signers file (ssh-keygen(1), ALLOWED SIGNERS) and a list of revoked public keys. Authorities are left out. */
export function parseTrust(allowedSigners: string, revokedSigners: string): Trust {
  const allowed = linesOf(allowedSigners).flatMap(parseSigner);
  const revoked = linesOf(revokedSigners).flatMap((line) => /\b(AAAA[A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? []);
  return { allowed, revoked: new Set(revoked) };
}

/** Checks a commit's SSH signature: whether it fits the commit, and whether its key counted when the commit was made. */
export async function verifySignature(commit: GitObject, { allowed, revoked }: Trust): Promise<SignatureFinding> {
  const { payload, signature } = splitSignature(commit.content.toString('utf8'));
  if (signature === undefined) return { verdict: 'unsigned' };
  const key = signingKey(signature);
  if (key === undefined) return { verdict: 'unsupported' };
  if (!(await fits(payload, signature))) return { verdict: 'tampered' };
  const known = allowed.filter((signer) => signer.key === key);
  const principal = known[0]?.principal;
  if (revoked.has(key)) return { verdict: 'revoked', principal };
  if (known.length === 0) return { verdict: 'unknown' };
  const time = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(payload)?.[1]) * 1000;
  const valid = known.find(
    ({ validAfter = 0, validBefore = Number.POSITIVE_INFINITY }) => time >= validAfter && time < validBefore,
  );
  return valid === undefined ? { verdict: 'expired', principal } : { verdict: 'good', principal: valid.principal };
}

/** The commit without its signature header, which is what was signed, and the signature. */
export function splitSignature(commit: string): { payload: string; signature?: string } {
  const end = commit.indexOf('\n\n');
  const header = commit.slice(0, end + 1);
  const found = /^gpgsig(?:-sha256)? ((?:.*\n)(?: .*\n)*)/m.exec(header);
  if (found === null) return { payload: commit };
  const payload = header.replace(found[0], '') + commit.slice(end + 1);
  return { payload, signature: found[1]!.replaceAll('\n ', '\n') };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** `principals [options] keytype base64-key [comment]` */
function parseSigner(line: string): AllowedSigner[] {
  const [, principals = '', options = '', key = ''] =
    /^("[^"]*"|\S+)\s+(.*?)\s*(?:ssh-|ecdsa-|sk-)\S+\s+(AAAA[A-Za-z0-9+/=]+)/.exec(line) ?? [];
  const namespaces = /namespaces="([^"]*)"/.exec(options)?.[1]?.split(',');
  if (key === '' || /cert-authority/.test(options) || namespaces?.includes('git') === false) return [];
  const validAfter = timeOf(/valid-after="?(\d+Z?)/.exec(options)?.[1]);
  const validBefore = timeOf(/valid-before="?(\d+Z?)/.exec(options)?.[1]);
  const names = principals.replaceAll('"', '').split(',');
  return names.map((principal) => ({ principal: principal.toLowerCase(), key, validAfter, validBefore }));
}

/** `YYYYMMDD[HHMM[SS]][Z]`, local time without Z. */
function timeOf(text: string | undefined): number | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text ?? '') ?? [];
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
}

/** The public key inside an SSH signature (PROTOCOL.sshsig): `SSHSIG`, version, then the key; undefined for other kinds. */
function signingKey(signature: string): string | undefined {
  const body = /-----BEGIN SSH SIGNATURE-----([\s\S]*)-----END SSH SIGNATURE-----/.exec(signature)?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  if (bytes.length < 14 || bytes.toString('latin1', 0, 6) !== 'SSHSIG') return undefined;
  return bytes.subarray(14, 14 + bytes.readUInt32BE(10)).toString('base64');
}

/** Whether the signature is the key's own, of this very text: asked of ssh-keygen. */
async function fits(payload: string, signature: string): Promise<boolean> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'llmops-signature-'));
  try {
    const file = path.join(folder, 'signature');
    await writeFile(file, signature);
    const child = spawn('ssh-keygen', ['-Y', 'check-novalidate', '-n', 'git', '-s', file], {
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    });
    const closed = once(child, 'close');
    child.stdin.on('error', () => {});
    child.stdin.end(payload);
    return ((await closed) as [number])[0] === 0;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? sshKeygenMissing(error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
