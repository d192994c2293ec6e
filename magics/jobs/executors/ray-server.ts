import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readJobSettings } from '../settings.ts';

const defaultAddress = 'http://127.0.0.1:8265';
const headers = z.record(z.string(), z.string());

/**
 * URL of the server that takes jobs, found as Ray's own command line does (`RAY_API_SERVER_ADDRESS`, `RAY_ADDRESS`), then
 * by the settings, then on this machine. A UserError says when it is no URL.
 */
export async function rayServer(repositoryFolder: string, env = process.env): Promise<string> {
  const { ray } = await readJobSettings(repositoryFolder);
  const given = env.RAY_API_SERVER_ADDRESS || env.RAY_ADDRESS || ray.address;
  if (given === undefined || given === 'auto') return defaultAddress;
  const server = given.replace(/\/+$/, '');
  if (!/^https?:\/\/[^/@?#\s]+(\/[^@?#\s]*)?$/.test(server)) throw addressUnknown(given);
  return server;
}

/** What every request says of who asks: `RAY_JOB_HEADERS`, and the cluster's token with `RAY_AUTH_MODE=token`. */
export function rayHeaders(env = process.env): Record<string, string> {
  const own = ownHeaders(env.RAY_JOB_HEADERS);
  const hasOwn = Object.keys(own).some((name) => name.toLowerCase() === 'authorization');
  const token = hasOwn || env.RAY_AUTH_MODE !== 'token' ? undefined : readToken(env);
  return token === undefined ? own : { ...own, authorization: `Bearer ${token}` };
}

function ownHeaders(text: string | undefined): Record<string, string> {
  if (text === undefined || text === '') return {};
  try {
    return headers.parse(JSON.parse(text));
  } catch {
    // What it holds is secret: it is not shown.
    throw new UserError('RAY_JOB_HEADERS is no JSON object of texts. Write it as {"Authorization": "Bearer TOKEN"}.');
  }
}

/** The token from where Ray looks for it: `RAY_AUTH_TOKEN`, the file `RAY_AUTH_TOKEN_PATH`, `~/.ray/auth_token`. */
function readToken(env: NodeJS.ProcessEnv): string | undefined {
  if (env.RAY_AUTH_TOKEN) return env.RAY_AUTH_TOKEN.trim();
  const file = env.RAY_AUTH_TOKEN_PATH || path.join(os.homedir(), '.ray', 'auth_token');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function addressUnknown(given: string): UserError {
  const shown = given.replace(/\/\/[^/]*@/, '//...@');
  const host = /^(?:ray:\/\/)?([\w.-]+)(?::\d+)?$/.exec(given)?.[1] ?? 'HOST';
  return new UserError(
    `"${shown}" is no address that takes jobs: Ray takes them at its dashboard. Set RAY_API_SERVER_ADDRESS, or "ray": { "address" } in llmops/jobs.json, to its URL, for example http://${host}:8265`,
    { offending: shown },
  );
}
