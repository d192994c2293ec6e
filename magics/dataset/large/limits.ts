/** A data set with more rows than this stays on disk and is queried through DuckDB, and no table has more. */
export const maxTableRows = 1_000_000;

/** Bytes of files that are read into memory; of compressed ones, a fifth. */
export const maxMemoryBytes = 200_000_000;

/** Whether files are too large to be read into memory. */
export function isLarge(files: readonly { readonly path: string; readonly size: number }[]): boolean {
  const weight = ({ path, size }: { path: string; size: number }) =>
    (/\.(gz|zst|parquet|pq)$/i.test(path) ? 5 : 1) * size;
  return files.reduce((sum, file) => sum + weight(file), 0) > maxMemoryBytes;
}
