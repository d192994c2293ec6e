import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { localFolder } from '../../governance/local-folder.ts';
import { findRepository } from '../../governance/repository.ts';
import type { PiiKind } from './entity.ts';

/**
 * Names in the place of personal data that this machine, and no other, can turn back.
 * The key and the sealed values lie in the local folder, which git ignores.
 */
export interface Pseudonyms {
  /** The same value of the same kind has the same pseudonym: `<EMAIL_ADDRESS:nbofkjdcaegmhlip>`. Letters alone, so that none looks like a number. */
  of(kind: PiiKind, value: string): string;
  /** Keeps the values of new pseudonyms, sealed. Call it before the pseudonyms are used. */
  save(): Promise<void>;
  /** Text with the pseudonyms that are known here turned back, and how many were not known. */
  restore(text: string): { text: string; restored: number; unknown: number };
}

const entry = z.strictObject({ pseudonym: z.string(), sealed: z.string() });
const pseudonymPattern = /<[A-Z_]+:[a-p]{16}>/g;
const nonceBytes = 12;
const tagBytes = 16;

/** Opens the pseudonyms of the repository around `folder` (of the folder itself where there is none); the key is made at first. */
export async function openPseudonyms(at: string): Promise<Pseudonyms> {
  const repository = await findRepository(at).catch(() => undefined);
  const folder = path.join(await localFolder(repository?.folder ?? at), 'redaction');
  const vault = path.join(folder, 'values.jsonl');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = await readKey(path.join(folder, 'key'));
  const sealed = await readVault(vault);
  let added: string[] = [];
  return {
    of(kind, value) {
      const hash = createHmac('sha256', key).update(`${kind}\0${value}`).digest().subarray(0, 8);
      const pseudonym = `<${kind}:${lettersOf(hash)}>`;
      if (!sealed.has(pseudonym)) {
        sealed.set(pseudonym, seal(key, value));
        added.push(pseudonym);
      }
      return pseudonym;
    },
    async save() {
      const lines = added.map((pseudonym) => `${JSON.stringify({ pseudonym, sealed: sealed.get(pseudonym) })}\n`);
      added = [];
      if (lines.length > 0) await appendFile(vault, lines.join(''), { mode: 0o600 });
    },
    restore(text) {
      let restored = 0;
      let unknown = 0;
      const plain = text.replaceAll(pseudonymPattern, (pseudonym) => {
        const value = sealed.get(pseudonym);
        if (value === undefined) unknown++;
        else restored++;
        return value === undefined ? pseudonym : unseal(key, value);
      });
      return { text: plain, restored, unknown };
    },
  };
}

/** Two that begin at once end with one key: the file is made by one of them alone. */
async function readKey(file: string): Promise<Buffer> {
  await writeFile(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'hex');
  if (key.length !== 32) throw keyDamaged(file);
  return key;
}

/** A line that was cut off by a crash is left out: its pseudonym was never used. */
async function readVault(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const entries = text.split('\n').flatMap((line) => {
    try {
      return [entry.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
  return new Map(entries.map(({ pseudonym, sealed }) => [pseudonym, sealed]));
}

/** Two letters from a to p for each byte. */
function lettersOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(97 + (byte >> 4), 97 + (byte & 15))).join('');
}

/** AES-256-GCM: nonce, tag and ciphertext in base64. */
function seal(key: Buffer, value: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

function unseal(key: Buffer, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
}

function keyDamaged(file: string): UserError {
  return new UserError(
    `The key of the pseudonyms in ${file} is damaged: it must be 64 hexadecimal digits. Restore it from a backup, or move the folder away to begin anew.`,
  );
}
