/** Times training steps alone: neither loading nor validation counts as a step. */
export interface StepClock {
  /** Call after each step. */
  stepped(): void;
  /** What `steps` more steps will take; undefined before there is something to judge by. */
  leftMs(steps: number): number | undefined;
  /** Seconds that all steps would take, as judged after the first few. */
  readonly estimate?: number;
}

/** The first step loads what all share; the next few are the calibration. */
const calibrationSteps = 4;

export function createStepClock(steps: number, now: () => number = () => performance.now()): StepClock {
  let [count, firstAt, lastAt] = [0, 0, 0];
  let estimate: number | undefined;
  const perStep = () => (count < 2 ? undefined : (lastAt - firstAt) / (count - 1));
  return {
    stepped() {
      lastAt = now();
      if (count === 0) firstAt = lastAt;
      count++;
      if (count === Math.min(calibrationSteps, steps)) estimate = ((perStep() ?? 0) * steps) / 1000;
    },
    leftMs(left) {
      const each = perStep();
      return each === undefined ? undefined : each * left;
    },
    get estimate() {
      return estimate;
    },
  };
}
