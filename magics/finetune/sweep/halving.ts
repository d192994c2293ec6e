/** How trials are stopped early: the evaluations after which they are compared, and what share goes on. */
export interface Halving {
  /** Evaluations of the metric after which the worst stop, rising. */
  readonly rungs: readonly number[];
  /** One in eta goes on. */
  readonly eta: number;
}

/** Weights & Biases' `early_terminate` of type hyperband. */
export interface EarlyTerminate {
  readonly min_iter?: number;
  readonly max_iter?: number;
  readonly s?: number;
  readonly eta: number;
}

/** As many rungs as leave one trial. */
const maxRungs = 10;

/**
 * The rungs: min_iter * eta^k, or with max_iter the s divisions of it by eta (the brackets of Li et al. 2018, as Weights &
 * Biases counts them), as far as there are trials to choose among.
 */
export function rungsOf({ min_iter, max_iter, s = maxRungs, eta }: EarlyTerminate, trials: number): Halving {
  const useful = Math.max(1, Math.ceil(Math.log(trials) / Math.log(eta) - 1e-9));
  const all =
    min_iter !== undefined
      ? Array.from({ length: maxRungs }, (_, k) => Math.round(min_iter * eta ** k))
      : Array.from({ length: s }, (_, k) => Math.floor(max_iter! / eta ** (k + 1))).reverse();
  return { rungs: [...new Set(all.filter((rung) => rung >= 1))].slice(0, useful), eta };
}

/**
 * The trials that go on after a rung: the best of them, one in eta, at least one. Trials without a value do not.
 * Ties go to the earlier trial.
 */
export function survivors<T extends { readonly value: number | null }>(
  trials: readonly T[],
  eta: number,
  goal: 'minimize' | 'maximize',
): T[] {
  const measured = trials.filter((trial) => trial.value !== null);
  const sign = goal === 'minimize' ? 1 : -1;
  const ranked = [...measured].sort((a, b) => sign * (a.value! - b.value!));
  const kept = new Set(ranked.slice(0, Math.max(1, Math.ceil(trials.length / eta))));
  return measured.filter((trial) => kept.has(trial));
}
