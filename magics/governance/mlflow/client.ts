import type { z } from 'zod';
import { serverFailed, serverMissing, serverRefused, serverUnknown, serverUnreachable } from './errors.ts';

/** MLflow's REST API, below `/api/2.0/mlflow/`. Answers are checked by a schema. */
export interface MlflowClient {
  readonly url: string;
  /** Undefined where MLflow says that there is no such thing. */
  get<T>(path: string, query: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T | undefined>;
  post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T>;
  /** A POST whose answer does not matter. */
  tell(path: string, body: object, method?: 'POST' | 'PATCH' | 'DELETE'): Promise<void>;
}

/** A client of the server at `url`, or at `MLFLOW_TRACKING_URI`; who we are says MLflow's own environment variables. */
export function createMlflowClient(url = process.env.MLFLOW_TRACKING_URI, fetch = globalThis.fetch): MlflowClient {
  if (url === undefined || url === '') throw serverMissing();
  const server = url.replace(/\/+$/, '');
  if (!/^https?:\/\/[^/@]+(\/[^@?]*)?$/.test(server)) throw serverUnknown(url.replace(/\/\/[^/]*@/, '//...@'));

  async function ask(method: string, path: string, body?: object): Promise<{ status: number; answer: unknown }> {
    const headers = { 'content-type': 'application/json', ...authorization() };
    const target = `${server}/api/2.0/mlflow/${path}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(target, { method, headers, body: text }).catch((error: unknown) => {
      throw serverUnreachable(server, error);
    });
    const answer = parse(await response.text());
    if (response.status === 401 || response.status === 403) throw serverRefused(server, response.status);
    return { status: response.status, answer };
  }

  async function demand(method: string, path: string, body: object): Promise<unknown> {
    const { status, answer } = await ask(method, path, body);
    if (status >= 400) throw serverFailed(server, path, problemOf(answer) ?? `status ${status}`);
    return answer;
  }

  return {
    url: server,
    async get(path, query, schema) {
      const { status, answer } = await ask('GET', `${path}?${new URLSearchParams(query)}`);
      if (status === 404 && /not (found|exist)|could not find|no .* exists/i.test(problemOf(answer) ?? ''))
        return undefined;
      if (status >= 400) throw serverFailed(server, path, problemOf(answer) ?? `status ${status}`);
      return check(schema, answer, path);
    },
    post: async (path, body, schema) => check(schema, await demand('POST', path, body), path),
    async tell(path, body, method = 'POST') {
      await demand(method, path, body);
    },
  };

  function check<T>(schema: z.ZodType<T>, answer: unknown, path: string): T {
    const result = schema.safeParse(answer);
    if (!result.success)
      throw serverFailed(server, path, `something else than MLflow's API does: ${result.error.issues[0]?.message}`);
    return result.data;
  }
}

function authorization(): Record<string, string> {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = process.env;
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(answer: unknown): string | undefined {
  const { message } = (answer ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message.split('\n')[0] : undefined;
}
