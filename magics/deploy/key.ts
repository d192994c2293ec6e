import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';

/** Where a deployment's key comes from: a file that only the owner can read, or an environment variable. */
export type KeySource = { file: string } | { variable: string };

/** Makes a key file with a new random key (mode 0600), or keeps the one that is there. */
export async function ensureKeyFile(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `sk-${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

/** The key, read when it is needed. Throws a UserError when the variable or the file is missing or empty. */
export async function readKey(source: KeySource, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const key =
    'variable' in source ? environment[source.variable] : await readFile(source.file, 'utf8').catch(() => undefined);
  if (key === undefined || key.trim() === '') throw keyMissing(source);
  return key.trim();
}

/** Compares keys in a time that does not depend on where they differ. */
export function isSameKey(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function keyMissing(source: KeySource): UserError {
  return 'variable' in source
    ? new UserError(
        `The environment variable ${source.variable} holds no key. Set it before you start VS Code or Jupyter, or leave --api-key-env out to get a random key.`,
        { offending: source.variable },
      )
    : new UserError(`The deployment's key file "${source.file}" is missing. Stop the deployment and start it again.`);
}
