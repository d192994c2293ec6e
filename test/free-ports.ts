import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Not where systems take the ports of outgoing connections from: a client that calls a server which is yet to start, again
// and again, would take the server's port now and then, or connect to itself.
const [first, last] = [10_000, 32_000];
let next = randomInt(first, last);

/** Ports of loopback that nobody listens on, each given once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = next;
    next = port + 1 < last ? port + 1 : first;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
