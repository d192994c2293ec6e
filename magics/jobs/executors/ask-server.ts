import http from 'node:http';
import https, { type RequestOptions } from 'node:https';

/** What a server has said, or why it has said nothing; `unsent`: it certainly has not seen the request. */
export type ServerAnswer =
  | { readonly status: number; readonly said: string }
  | { readonly unreachable: string; readonly unsent: boolean };

/** A request: `body` is sent as JSON; `tls` says whom to trust and who asks. */
export interface ServerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly limitMs?: number;
  readonly tls?: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
}

/** A server that has not answered by then is busy or gone. */
const answerLimitMs = 10_000;
const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Asks the server of a cluster. Not by `fetch`: that marks its requests as a browser's, from which some take nothing, and
 * it knows no certificates of clients.
 */
export function askServer(
  url: string,
  { method, headers, body, limitMs = answerLimitMs, tls }: ServerRequest,
): Promise<ServerAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const options = {
    ...tls,
    method,
    signal: AbortSignal.timeout(limitMs),
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
  };
  return new Promise((resolve) => {
    const request = (url.startsWith('https:') ? https : http).request(url, options, (response) => {
      let said = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        said += part;
      });
      response.once('end', () => resolve({ status: response.statusCode!, said }));
      response.once('error', (error) => resolve(noAnswer(error)));
    });
    request.once('error', (error) => resolve(noAnswer(error)));
    request.end(text);
  });
}

function noAnswer(error: NodeJS.ErrnoException): ServerAnswer {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return { unreachable: 'no answer', unsent: false };
  return { unreachable: error.code ?? error.message, unsent: unsentCodes.has(error.code ?? '') };
}
