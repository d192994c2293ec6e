import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Session } from '../control/session.ts';
import type { KernelEvent, Request } from '../protocol.ts';

/** Speaks `kernel/protocol.ts` as JSON lines with the client that listens on `path`. The kernel ends with the connection. */
export function connectSocket(path: string, session: Session): void {
  const socket = connect(path);
  const send = (event: KernelEvent) => socket.write(`${JSON.stringify(event)}\n`);
  socket.on('connect', () => {
    send({ type: 'ready', version: '1', pid: process.pid, node: process.version });
    session.listen(send);
  });
  createInterface({ input: socket }).on('line', (line) => session.handle(JSON.parse(line) as Request));
  socket.on('error', () => session.exit());
  socket.on('close', () => session.exit());
}
