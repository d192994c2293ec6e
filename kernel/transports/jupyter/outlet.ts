import type { Connection } from './connection.ts';
import type { JupyterMessage, MessageExtras, Wire } from './wire.ts';

export type Channel = 'shell' | 'control';

/** Hands messages to the sockets, which send them in this order. */
export interface Outlet {
  /** Broadcasts; `parent` is the request that caused it. */
  publish(type: string, content: object, parent?: JupyterMessage, extras?: MessageExtras): void;
  status(state: 'starting' | 'busy' | 'idle', parent?: JupyterMessage): void;
  /** Greets a client that begins to listen: from now on it misses nothing (JEP 65). */
  welcome(topic: string): void;
  reply(channel: Channel, request: JupyterMessage, content: object): void;
  /** Asks the client that sent `request` for a line of input. */
  askInput(request: JupyterMessage, content: { prompt: string; password: boolean }): void;
}

/** Sends over the connection's sockets, signed. */
export function createOutlet(connection: Connection, wire: Wire): Outlet {
  const publish: Outlet['publish'] = (type, content, parent, extras) =>
    connection.send('iopub', wire.encode(type, content, parent?.header, [type], extras));
  return {
    publish,
    status: (state, parent) => publish('status', { execution_state: state }, parent),
    welcome: (topic) =>
      connection.send('iopub', wire.encode('iopub_welcome', { subscription: topic }, undefined, [topic])),
    reply(channel, { header, identities }, content) {
      const type = header.msg_type.replace('_request', '_reply');
      return connection.send(channel, wire.encode(type, content, header, identities));
    },
    askInput: ({ header, identities }, content) =>
      connection.send('stdin', wire.encode('input_request', content, header, identities)),
  };
}
