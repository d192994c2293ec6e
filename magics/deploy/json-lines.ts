import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';

/** An append-only file of JSON values, one a line, readable by the owner only. */
export interface JsonLines<Entry> {
  /** Appends one entry; a single write, so that entries of several writers do not mix. */
  append(entry: Entry): Promise<void>;
  /** All entries, oldest first. Torn or foreign lines are left out; a file that does not exist has none. */
  read(): Promise<Entry[]>;
}

/** The JSON Lines file at `file`, its entries checked by `schema` when read. */
export function jsonLines<Schema extends z.ZodType>(file: string, schema: Schema): JsonLines<z.output<Schema>> {
  return {
    async append(entry) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    },
    async read() {
      const text = await readFile(file, 'utf8').catch((error) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      });
      return text.split('\n').flatMap((line) => parseLine(line, schema));
    },
  };
}

function parseLine<Schema extends z.ZodType>(line: string, schema: Schema): z.output<Schema>[] {
  if (line === '') return [];
  try {
    const result = schema.safeParse(JSON.parse(line));
    return result.success ? [result.data] : [];
  } catch {
    return [];
  }
}
