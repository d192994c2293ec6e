import { askServer, type ServerAnswer } from './ask-server.ts';
import { rayHeaders } from './ray-server.ts';

/** An answer of Ray's job server, or that it gives none. */
export type RayAnswer =
  | { readonly answer: unknown }
  | { readonly refused: string; readonly status: number }
  | Extract<ServerAnswer, { unreachable: string }>;

/** Asks Ray's Jobs REST API, below `/api/jobs/`. */
export async function askRay(
  server: string,
  method: 'GET' | 'POST',
  name: string,
  { body, limitMs }: { body?: object; limitMs?: number } = {},
): Promise<RayAnswer> {
  const answer = await askServer(`${server}/api/jobs/${name}`, { method, headers: rayHeaders(), body, limitMs });
  if ('unreachable' in answer) return answer;
  const { status, said } = answer;
  // What stands between may answer for a server that is away.
  if (status === 502 || status === 503 || status === 504) return { unreachable: `status ${status}`, unsent: false };
  if (status >= 400) return { refused: lastWords(said) || `status ${status}`, status };
  try {
    return { answer: JSON.parse(said) };
  } catch {
    return { refused: 'it answers with something else than JSON', status };
  }
}

/** Ray answers with the trace of its own error, whose last line says what is wrong. */
function lastWords(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return (lines.filter((line) => /\w/.test(line)).at(-1) ?? '').replace(/^\w+Error: /, '').slice(0, 500);
}
