import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { askServer } from '../../../../magics/jobs/executors/ask-server.ts';

/** A self-signed certificate of 127.0.0.1 that signs nothing else: made with `openssl req -x509`, for tests alone. */
const read = (name: string) => readFileSync(path.join(import.meta.dirname, name), 'utf8');
const [cert, key] = [read('loopback-certificate.pem'), read('loopback-key.pem')];

it('a server is asked over TLS by who shows a certificate, and trusted by its own', async () => {
  const server = createServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true }, (_, response) =>
    response.end('hello'),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    expect(await askServer(url, { method: 'GET', tls: { ca: cert, cert, key } })).toEqual({
      status: 200,
      said: 'hello',
    });
    expect(await askServer(url, { method: 'GET', tls: { ca: cert } })).toHaveProperty('unreachable');
    expect(await askServer(url, { method: 'GET', tls: { cert, key } })).toMatchObject({ unsent: false });
  } finally {
    server.close();
  }
});

it('marks no request as a browser’s, and tells what was never sent from what was not answered', async () => {
  const server = createPlainServer((request, response) => {
    if (request.url === '/headers') response.end(JSON.stringify(request.headers));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = await askServer(`${url}/headers`, { method: 'POST', body: {}, headers: { authorization: 'me' } });
  expect(Object.keys(JSON.parse((answer as { said: string }).said)).sort()).toEqual([
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
  ]);
  expect(await askServer(`${url}/silence`, { method: 'GET', limitMs: 100 })).toEqual({
    unreachable: 'no answer',
    unsent: false,
  });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(await askServer(url, { method: 'GET' })).toEqual({ unreachable: 'ECONNREFUSED', unsent: true });
});
