/** Norm of the difference over the norm of the reference, both L2. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const norm = (values: number[]) => Math.hypot(...values);
  const reference = Array.from(expected);
  return norm(reference.map((value, i) => actual[i]! - value)) / Math.max(norm(reference), 1e-12);
}
