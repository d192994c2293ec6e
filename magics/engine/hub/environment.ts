import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where the hub is, where its files are kept, and who asks. The token must reach no record and no log. */
export interface HubEnvironment {
  /** `https://huggingface.co`, or a mirror. */
  readonly endpoint: string;
  /** Folder of `models--owner--name` folders, shared with every other tool of Hugging Face. */
  readonly cacheFolder: string;
  readonly token?: string;
  /** Only the cache is used; the network is never touched. */
  readonly isOffline: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads Hugging Face's own variables: HF_ENDPOINT, HF_HUB_CACHE (or HF_HOME, XDG_CACHE_HOME), HF_TOKEN (or the file that
 * `hf auth login` writes, HF_TOKEN_PATH), HF_HUB_DISABLE_IMPLICIT_TOKEN, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE.
 */
export function readHubEnvironment(variables: Variables = process.env): HubEnvironment {
  const cacheHome = variables.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const home = expandHome(variables.HF_HOME || path.join(cacheHome, 'huggingface'));
  const cache = variables.HF_HUB_CACHE || variables.HUGGINGFACE_HUB_CACHE || path.join(home, 'hub');
  return {
    endpoint: (variables.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    cacheFolder: expandHome(cache),
    token: readToken(variables, home),
    isOffline: isTrue(variables.HF_HUB_OFFLINE || variables.TRANSFORMERS_OFFLINE),
  };
}

function readToken(variables: Variables, home: string): string | undefined {
  if (isTrue(variables.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  const given = variables.HF_TOKEN || variables.HUGGING_FACE_HUB_TOKEN;
  const token = given ?? readText(variables.HF_TOKEN_PATH || path.join(home, 'token'));
  return token?.replace(/[\r\n]/g, '').trim() || undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(expandHome(file), 'utf8');
  } catch {
    return undefined;
  }
}

function expandHome(file: string): string {
  return file.replace(/^~(?=$|[\\/])/, os.homedir());
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? '');
}
