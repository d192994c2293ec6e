import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const chunkBytes = 1 << 22;

/** The bytes of a file, unzipped where it is gzipped. */
export async function openBytes(file: string): Promise<Readable> {
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  return (await isGzip(file)) ? stream.pipe(createGunzip({ chunkSize: chunkBytes })) : stream;
}

/** Lines that hold more than white space. */
export async function countLines(file: string): Promise<number> {
  let lines = 0;
  let isBlank = true;
  for await (const chunk of (await openBytes(file)) as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(10, start);
      const end = newline < 0 ? chunk.length : newline;
      if (isBlank && !isWhite(chunk, start, end)) {
        lines++;
        isBlank = false;
      }
      if (newline >= 0) isBlank = true;
      start = end + 1;
    }
  }
  return lines;
}

/** Text of a file in pieces that begin and end with whole characters, without a byte order mark. */
export async function* textChunks(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of (await openBytes(file)) as AsyncIterable<Buffer>)
    yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

function isWhite(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 32 && byte !== 13 && byte !== 9) return false;
  }
  return true;
}
