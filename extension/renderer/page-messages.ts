import type { TableRow } from '../../magics/charts/table-order.ts';
import type { PageRequest } from '../../magics/charts/table-pages.ts';

/** A table output asks for rows; `source` is the table's name in its kernel. */
export interface PageQuestion {
  readonly id: string;
  readonly source: string;
  readonly page: PageRequest;
}

/** The answer; null when the kernel, or the table in it, has gone. */
export interface PageReply {
  readonly id: string;
  rows: readonly TableRow[] | null;
}
