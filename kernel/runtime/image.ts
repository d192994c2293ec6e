import { type MimeBundle, mime } from '../../magics/context.ts';

/** First bytes of the image formats that notebooks show. */
const signatures: readonly (readonly [type: string, bytes: readonly number[], at?: number])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
];

/** The bundle of bytes that are an image, by their first bytes; undefined for other bytes. */
export function imageBundle(bytes: Uint8Array): MimeBundle | undefined {
  const found = signatures.find(([, signature, at = 0]) => signature.every((byte, i) => bytes[at + i] === byte));
  const note = (type: string) => `[${type}, ${bytes.length.toLocaleString('en-US')} bytes]`;
  if (found !== undefined) {
    const [type] = found;
    return { [type]: Buffer.from(bytes).toString('base64'), [mime.text]: note(type) };
  }
  const start = Buffer.from(bytes.subarray(0, 500)).toString('utf8');
  if (!/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/s.test(start)) return undefined;
  return { [mime.svg]: Buffer.from(bytes).toString('utf8'), [mime.text]: note(mime.svg) };
}
