/** A trial as the comparison sees it. */
export interface Point {
  /** Seconds of training. */
  readonly seconds: number;
  readonly value: number | null;
}

/** The trials that no other beats in quality at the same or a lower cost, in the order of their cost. */
export function paretoFront<T extends Point>(points: readonly T[], goal: 'minimize' | 'maximize'): T[] {
  const sign = goal === 'minimize' ? 1 : -1;
  const measured = points.filter(({ value }) => value !== null);
  const ordered = [...measured].sort((a, b) => a.seconds - b.seconds || sign * (a.value! - b.value!));
  const front: T[] = [];
  for (const point of ordered) {
    const best = front.at(-1);
    if (best === undefined || sign * (point.value! - best.value!) < 0) front.push(point);
  }
  return front;
}

/** The trial with the best value; the earlier one of equals. */
export function bestOf<T extends Point>(points: readonly T[], goal: 'minimize' | 'maximize'): T | undefined {
  const sign = goal === 'minimize' ? 1 : -1;
  const measured = points.filter(({ value }) => value !== null);
  return measured.reduce<T | undefined>(
    (best, point) => (best === undefined || sign * (point.value! - best.value!) < 0 ? point : best),
    undefined,
  );
}
