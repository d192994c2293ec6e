/** Numbers of at most `most` rows, spread evenly over all of them, in order. */
export function spreadRows(total: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(total / most));
  return Array.from({ length: Math.ceil(total / step) }, (_, i) => i * step);
}
