import { type FileHandle, open } from 'node:fs/promises';

/** Little-endian magic numbers of a frame, and of one that decoders pass over (its last four bits are free). */
const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Bytes of the longest frame header, with its magic number. */
const maxHeaderBytes = 18;

/**
 * Whether a file compressed by Zstandard is there to its end: every frame reaches its last block. Nothing is decoded; a
 * decoder that is handed half a file may take what came so far for all of it.
 * Source: RFC 8878, section 3.1.
 */
export async function isWholeZstd(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    let at: number | undefined = 0;
    while (at !== undefined && at < size) at = await frameEnd(handle, at);
    return at === size;
  } finally {
    await handle.close();
  }
}

/** Where the frame that begins at a place ends; undefined where it does not, within the file or at all. */
async function frameEnd(handle: FileHandle, start: number): Promise<number | undefined> {
  const header = await read(handle, start, maxHeaderBytes);
  if (header.length < 8) return undefined;
  const magic = header.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) return start + 8 + header.readUInt32LE(4);
  if (magic !== frameMagic) return undefined;
  const descriptor = header[4]!;
  let at = start + 5 + fieldBytes(descriptor);
  for (;;) {
    const block = await read(handle, at, 3);
    if (block.length < 3) return undefined;
    const [word, isRepeat] = [block.readUIntLE(0, 3), (block[0]! & 6) === 2];
    at += 3 + (isRepeat ? 1 : word >> 3);
    if ((word & 1) === 1) return at + ((descriptor & 4) === 4 ? 4 : 0);
  }
}

/** Bytes of the window, the dictionary's number and the content's size that follow a frame's descriptor. */
function fieldBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) === 32;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSize;
}

async function read(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}
