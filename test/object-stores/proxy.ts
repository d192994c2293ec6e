import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire to a server that counts what goes over it and can be cut. */
export interface Wire {
  readonly port: number;
  /** Bytes since the last `reset`. */
  readonly sent: number;
  readonly received: number;
  /** After so many bytes in a direction all connections break, until `reset`. */
  cutAfter(limits: { sent?: number; received?: number }): void;
  reset(): void;
  close(): Promise<void>;
}

/** Listens on a free port of loopback and passes everything on to `port`. */
export async function openWire(port: number): Promise<Wire> {
  const counts = { sent: 0, received: 0 };
  let limits = { sent: Number.POSITIVE_INFINITY, received: Number.POSITIVE_INFINITY };
  const sockets = new Set<Socket>();
  const isCut = () => counts.sent > limits.sent || counts.received > limits.received;
  const pass = (from: Socket, to: Socket, direction: 'sent' | 'received') => {
    from.on('data', (chunk) => {
      counts[direction] += chunk.length;
      if (isCut()) for (const socket of sockets) socket.destroy();
      else if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  };
  const server = createServer((client) => {
    if (isCut()) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    sockets.add(client).add(upstream);
    pass(client, upstream, 'sent');
    pass(upstream, client, 'received');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return counts.sent;
    },
    get received() {
      return counts.received;
    },
    cutAfter(given) {
      limits = { ...limits, ...given };
    },
    reset() {
      counts.sent = 0;
      counts.received = 0;
      limits = { sent: Number.POSITIVE_INFINITY, received: Number.POSITIVE_INFINITY };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
