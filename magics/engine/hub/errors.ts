import { UserError } from '../../errors.ts';
import type { HubEnvironment } from './environment.ts';
import type { HubReference } from './reference.ts';

type Place = Pick<HubEnvironment, 'endpoint' | 'token'>;

export function repositoryNotFound({ repository, kind }: HubReference, { endpoint, token }: Place): UserError {
  const access =
    token === undefined
      ? 'If it is private, set HF_TOKEN to a token that may read it.'
      : 'If it is private, the token in use may not read it.';
  const page = kind === 'dataset' ? `${endpoint}/datasets/${repository}` : `${endpoint}/${repository}`;
  return new UserError(
    `${endpoint} has no ${kind === 'dataset' ? 'data set' : 'model'} "${repository}". Look up its name (${page}). ${access} For a folder on this machine, give a path that exists.`,
    { offending: repository },
  );
}

export function accessDenied({ repository }: HubReference, { endpoint, token }: Place, cause?: unknown): UserError {
  const next =
    token === undefined
      ? 'make a token (in the account settings there) and set HF_TOKEN, or run "hf auth login"'
      : 'use a token of the account that was given access (HF_TOKEN, or "hf auth login")';
  return new UserError(
    `"${repository}" is gated: its files are given only to those who accepted its terms. Accept them at ${endpoint}/${repository}, then ${next}, and run the cell again.`,
    { cause, offending: repository },
  );
}

export function tokenRefused({ repository }: HubReference, { endpoint }: Place, cause?: unknown): UserError {
  return new UserError(
    `${endpoint} refused the token for "${repository}". Set HF_TOKEN to a valid one, or unset it (and log out with "hf auth logout") to go without.`,
    { cause, offending: repository },
  );
}

export function revisionNotFound({ repository, revision }: HubReference, { endpoint }: Place): UserError {
  return new UserError(
    `"${repository}" has no revision "${revision}". Give a branch, a tag or a whole commit (${endpoint}/${repository}/commits), or leave "@${revision}" out.`,
    { offending: revision },
  );
}

export function notCached({ repository, revision }: HubReference, cacheFolder: string): UserError {
  return new UserError(
    `"${repository}" at ${revision} is not whole in ${cacheFolder}, and HF_HUB_OFFLINE forbids to download it. Unset HF_HUB_OFFLINE, or copy it there.`,
    { offending: repository },
  );
}

/** Nobody answered: what the cache holds may do instead. */
export class HubUnreachable extends UserError {}

export function hubUnreachable({ repository }: HubReference, endpoint: string, cause: unknown): HubUnreachable {
  return new HubUnreachable(
    `${endpoint} cannot be reached (${reasonOf(cause)}), and "${repository}" is not whole in the cache. Check the network, name a mirror with HF_ENDPOINT, or give the path of a local folder. What was downloaded so far is kept.`,
    { cause, offending: repository },
  );
}

export function hubFailed({ repository }: HubReference, endpoint: string, status: number, cause?: unknown): UserError {
  const advice = status === 429 ? 'Too many requests: wait a little, or set HF_TOKEN.' : 'Try again in a while.';
  return new UserError(`${endpoint} answered ${status} for "${repository}". ${advice}`, { cause });
}

export function checksumMismatch(file: string, expected: string, actual: string): UserError {
  return new UserError(
    `${file} arrived damaged twice: its checksum is ${actual.slice(0, 12)}..., not ${expected.slice(0, 12)}... A proxy or mirror may change it. The file was not kept.`,
  );
}

export function diskFull(folder: string, needed: number, free: number): UserError {
  return new UserError(
    `The download needs ${megabytes(needed)}, but ${folder} has ${megabytes(free)} free. Make room, or put the cache elsewhere with HF_HUB_CACHE.`,
  );
}

export function noUsableFiles({ repository }: HubReference, missing: string, found: readonly string[]): UserError {
  const weights = found.filter((name) => /\.(bin|pt|pth|h5|gguf|msgpack|onnx)$/.test(name));
  const has = weights.length > 0 ? ` It has ${weights.slice(0, 3).join(', ')}, which cannot be read.` : '';
  return new UserError(
    `"${repository}" has no ${missing}.${has} Choose a model whose weights are safetensors, with a config.json and a tokenizer.json.`,
    { offending: repository },
  );
}

export function downloadBusy(file: string, lock: string): UserError {
  return new UserError(
    `Another process has been downloading ${file} without getting further. If none is running, remove ${lock}`,
  );
}

/** `172 MB` */
export function megabytes(bytes: number): string {
  return bytes < 1e7 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
}

function reasonOf(cause: unknown): string {
  const { message, cause: inner } = cause as Error;
  const code = (inner as NodeJS.ErrnoException | undefined)?.code;
  return code ?? message ?? String(cause);
}
