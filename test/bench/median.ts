/** Median time of an action, in ms; what comes `before` each is not counted. */
export async function medianTime(
  tries: number,
  action: (i: number) => Promise<unknown>,
  before?: (i: number) => Promise<void>,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < tries; i++) {
    await before?.(i);
    const startedAt = performance.now();
    await action(i);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
