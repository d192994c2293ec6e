import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** A message of Jupyter's protocol 5.4. */
export interface JupyterMessage {
  readonly identities: readonly Buffer[];
  readonly header: JupyterHeader;
  readonly content: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly buffers: readonly Buffer[];
}

/** Parts that few messages have. */
export interface MessageExtras {
  readonly metadata?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

export interface JupyterHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** Signs and verifies messages with the connection's key; an empty key means no signatures. */
export interface Wire {
  /** Frames of a message. `parent`: header of the request that it answers. */
  encode(
    type: string,
    content: object,
    parent: JupyterHeader | undefined,
    identities: readonly (Buffer | string)[],
    extras?: MessageExtras,
  ): (Uint8Array | string)[];
  /** Undefined when the frames are no message or the signature is wrong. */
  decode(frames: readonly Buffer[]): JupyterMessage | undefined;
}

const delimiter = Buffer.from('<IDS|MSG>');

export function createWire(key: string): Wire {
  const session = randomUUID();

  function sign(parts: readonly (Buffer | string)[]): string {
    if (key === '') return '';
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  return {
    encode(type, content, parent, identities, { metadata = {}, buffers = [] } = {}) {
      const header: JupyterHeader = {
        msg_id: randomUUID(),
        msg_type: type,
        session,
        username: 'kernel',
        date: new Date().toISOString(),
        version: '5.4',
      };
      const parts = [header, parent ?? {}, metadata, content].map((part) => JSON.stringify(part));
      return [...identities, delimiter, sign(parts), ...parts, ...buffers];
    },
    decode(frames) {
      const at = frames.findIndex((frame) => frame.equals(delimiter));
      const parts = frames.slice(at + 2, at + 6);
      if (at < 0 || parts.length < 4) return undefined;
      const expected = Buffer.from(sign(parts));
      const given = frames[at + 1]!;
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
      const [header, , metadata, content] = parts.map((part) => JSON.parse(part.toString()));
      return { identities: frames.slice(0, at), header, content, metadata, buffers: frames.slice(at + 6) };
    },
  };
}
