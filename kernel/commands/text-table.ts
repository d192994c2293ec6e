/** Lines of aligned columns, two spaces apart, headings in capitals; numbers to the right. */
export function textTable(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [columns.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const isNumeric = columns.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ');
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** `2026-11-22 15:04` from an ISO time, in UTC. */
export function shortTime(iso: string): string {
  return new Date(iso).toISOString().slice(0, 16).replace('T', ' ');
}
