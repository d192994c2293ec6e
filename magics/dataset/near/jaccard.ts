/** Size of the intersection over size of the union of two ascending lists; 0 as soon as it cannot reach `threshold`. */
export function jaccard(a: Uint32Array, b: Uint32Array, threshold = 0): number {
  const [small, large] = a.length < b.length ? [a.length, b.length] : [b.length, a.length];
  if (small < threshold * large) return 0;
  // |A and B| / (|A| + |B| - |A and B|) >= t  <=>  |A and B| >= t / (1 + t) * (|A| + |B|)
  const needed = (threshold / (1 + threshold)) * (a.length + b.length) - 1e-9;
  let both = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i]!, b[j]!];
    if (x === y) both++;
    if (x <= y) i++;
    if (y <= x) j++;
    if (both + Math.min(a.length - i, b.length - j) < needed) return 0;
  }
  return both / (a.length + b.length - both);
}
