import type { TokenizerDefinition } from './create.ts';

/**
 * The bytes of each token that stands for text, by id; added tokens are left out. Byte-level vocabularies write bytes as
 * characters (GPT-2's table); the others mark spaces as ▁ and single bytes as <0x0A>.
 */
export function tokenBytes(
  definition: TokenizerDefinition,
  vocabulary: ReadonlyMap<string, number>,
): Map<number, Uint8Array> {
  const added = new Set(definition.added_tokens?.map(({ id }) => id));
  const isByteLevel = JSON.stringify([definition.decoder, definition.pre_tokenizer]).includes('"ByteLevel"');
  const bytesOf = isByteLevel ? byteLevelBytes : markedBytes;
  const bytes = new Map<number, Uint8Array>();
  for (const [token, id] of vocabulary) if (!added.has(id)) bytes.set(id, bytesOf(token));
  return bytes;
}

/** GPT-2's table: printable characters of Latin-1 stand for themselves, the other bytes for characters from U+0100 on. */
const byteOfCharacter = new Map<string, number>();
for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  byteOfCharacter.set(String.fromCodePoint(isPrintable ? byte : next++), byte);
}

function byteLevelBytes(token: string): Uint8Array {
  const bytes = [...token].map((character) => byteOfCharacter.get(character));
  return bytes.includes(undefined) ? new Uint8Array(Buffer.from(token)) : Uint8Array.from(bytes as number[]);
}

function markedBytes(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
  return byte === undefined
    ? new Uint8Array(Buffer.from(token.replaceAll('▁', ' ')))
    : Uint8Array.of(Number.parseInt(byte, 16));
}
