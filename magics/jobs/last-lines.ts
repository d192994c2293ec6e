import { open } from 'node:fs/promises';

/** The last five lines of a log; empty when there is none. */
export async function lastLines(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - 2000);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-5).join('\n');
  } finally {
    await handle.close();
  }
}
