import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test server was asked. */
export interface Asked {
  readonly url: string;
  readonly authorization?: string;
  readonly body: Record<string, unknown>;
}

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly asked: Asked[];
}

/** A server on loopback that answers every request by `answer`. */
export async function startServer(answer: (asked: Asked, response: ServerResponse) => void): Promise<TestServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    readBody(request).then((text) => {
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      const one = { url: request.url ?? '', authorization: request.headers.authorization, body };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Streams pieces as OpenAI does, cutting the bytes at awkward places. */
export function streamPieces(response: ServerResponse, pieces: readonly string[], finishReason = 'stop'): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunks = [
    ...pieces.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: finishReason }] },
    { choices: [], usage: { prompt_tokens: 11, completion_tokens: pieces.length } },
  ];
  const bytes = Buffer.from(
    `: ping\n\n${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
  );
  for (let i = 0; i < bytes.length; i += 7) response.write(bytes.subarray(i, i + 7));
  response.end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
