import type { TableRow } from '../../magics/charts/table-order.ts';
import { type PageRequest, pagesOf, type ReadPage } from '../../magics/charts/table-pages.ts';
import { type MimeBundle, mime } from '../../magics/context.ts';

/** Tables on screen of which the notebook holds only the first rows. */
export interface TableSources {
  /** The bundle with a name for its table, where clients may read more of it. */
  publish(data: MimeBundle): MimeBundle;
  /** Undefined when the table is not kept (any more). */
  read(source: string, request: PageRequest): Promise<readonly TableRow[] | undefined>;
}

/** So many tables are kept in memory for their readers. */
const keptTables = 20;

export function createTableSources(): TableSources {
  const kept = new Map<string, ReadPage>();
  let last = 0;
  return {
    publish(data) {
      const resource = data[mime.table];
      const read = pagesOf(resource);
      if (read === undefined) return data;
      const source = `${process.pid}-${++last}`;
      kept.set(source, read);
      if (kept.size > keptTables) kept.delete(kept.keys().next().value!);
      return { ...data, [mime.table]: { ...(resource as object), source } };
    },
    read: async (source, request) => kept.get(source)?.(request),
  };
}
