import { setTimeout as sleep } from 'node:timers/promises';
import type { HubEnvironment } from './environment.ts';
import {
  accessDenied,
  hubFailed,
  hubUnreachable,
  repositoryNotFound,
  revisionNotFound,
  tokenRefused,
} from './errors.ts';
import type { HubReference } from './reference.ts';

export type Fetch = typeof fetch;

export interface HubFetchOptions {
  readonly signal?: AbortSignal;
  /** How often a request that failed on the way (no connection, 408, 429, 5xx) is made again. */
  readonly retries: number;
}

/** Seconds before the first repetition; each further one waits twice as long. */
const firstDelaySeconds = 0.5;
const longestDelaySeconds = 30;

/**
 * `fetch` for one repository: it carries the token (to the hub alone: a redirect to another host loses it), repeats what
 * failed on the way, and turns every answer but a good one into a UserError that says what to do.
 */
export function createHubFetch(environment: HubEnvironment, reference: HubReference, options: HubFetchOptions): Fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    // Compressed text would make ranges and sizes meaningless.
    headers.set('accept-encoding', 'identity');
    if (environment.token !== undefined) headers.set('authorization', `Bearer ${environment.token}`);
    const signals = [options.signal, init?.signal].filter((signal) => signal !== undefined && signal !== null);
    const request = { ...init, headers, signal: AbortSignal.any(signals) };
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(url, request).catch((error: unknown) => ({ error }));
      options.signal?.throwIfAborted();
      const isLast = attempt >= options.retries;
      if ('error' in answer) {
        if (isLast) throw hubUnreachable(reference, environment.endpoint, answer.error);
      } else {
        if (answer.ok || answer.status === 416) return answer;
        await answer.body?.cancel();
        if (isLast || !isPassing(answer.status)) throw refusal(answer, environment, reference);
      }
      await sleep(delaySeconds(attempt, 'error' in answer ? undefined : answer) * 1000, undefined, options);
    }
  };
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function delaySeconds(attempt: number, answer: Response | undefined): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN);
  const delay = Number.isFinite(asked) ? asked : firstDelaySeconds * 2 ** attempt;
  return Math.min(delay, longestDelaySeconds);
}

/** The hub says 401 for what does not exist and for what may not be seen; its own error code tells more. */
function refusal({ status, headers }: Response, environment: HubEnvironment, reference: HubReference): Error {
  const code = headers.get('x-error-code');
  const message = headers.get('x-error-message') ?? '';
  if (code === 'GatedRepo' || (status === 403 && code === null)) return accessDenied(reference, environment);
  if (code === 'RevisionNotFound') return revisionNotFound(reference, environment);
  if (status === 401 && /invalid credentials/i.test(message)) return tokenRefused(reference, environment);
  if (code === 'RepoNotFound' || status === 401 || status === 404) return repositoryNotFound(reference, environment);
  return hubFailed(reference, environment.endpoint, status, message === '' ? undefined : new Error(message));
}
