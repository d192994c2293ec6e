import { z } from 'zod';
import { askServer, type ServerAnswer } from './ask-server.ts';
import type { KubeAccess } from './kube-config.ts';

/** An answer of Kubernetes' API, or that it gives none. */
export type KubeAnswer =
  | { readonly answer: unknown }
  | { readonly refused: string; readonly status: number }
  | Extract<ServerAnswer, { unreachable: string }>;

const problem = z.object({ message: z.string() });

/** Asks Kubernetes' REST API for a path such as `/api/v1/namespaces/default/pods`. */
export async function askKube(
  { server, headers, tls }: KubeAccess,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, limitMs }: { body?: object; limitMs?: number } = {},
): Promise<KubeAnswer> {
  const answer = await askServer(`${server}${path}`, { method, headers, tls, body, limitMs });
  if ('unreachable' in answer) return answer;
  const { status, said } = answer;
  const told = parseJson(said);
  if (status >= 500) return { unreachable: messageOf(told) ?? `status ${status}`, unsent: false };
  if (status >= 400) return { refused: messageOf(told) ?? `status ${status}`, status };
  return { answer: told };
}

function messageOf(told: unknown): string | undefined {
  return problem.safeParse(told).data?.message.slice(0, 500);
}

function parseJson(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}
