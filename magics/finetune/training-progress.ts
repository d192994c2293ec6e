import type { JobContext } from '../jobs/protocol.ts';
import { createStepClock } from './step-clock.ts';

/** Where training stands after a step. */
export interface StepFigures {
  readonly step: number;
  /** Trained on in this step. */
  readonly tokens: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** Reports how far a training is, a few times a second. */
export interface TrainingProgress {
  stepped(figures: StepFigures): void;
  /** Seconds that all steps would take, as judged after the first few. */
  readonly estimate?: number;
}

const progressEveryMs = 200;
/** Tokens per second are those of the last few seconds. */
const windowMs = 5000;

/** Progress of a training that goes on after step `from` and ends with step `steps`. */
export function createTrainingProgress(
  emit: JobContext['emit'],
  { from, steps }: { from: number; steps: number },
): TrainingProgress {
  const clock = createStepClock(steps - from);
  let lastMs = 0;
  let window = { startedAt: performance.now(), tokens: 0 };
  return {
    stepped({ step, tokens, loss, learningRate }) {
      window.tokens += tokens;
      clock.stepped();
      const now = performance.now();
      if (now - lastMs <= progressEveryMs && step !== steps) return;
      const tokensPerSecond = (window.tokens / (now - window.startedAt)) * 1000;
      const figures = { loss, tokensPerSecond, memoryBytes: process.memoryUsage.rss(), learningRate };
      const leftMs = clock.leftMs(steps - step);
      emit({ type: 'progress', phase: 'training', step, steps, figures, leftMs });
      lastMs = now;
      if (now - window.startedAt > windowMs) window = { startedAt: now, tokens: 0 };
    },
    get estimate() {
      return clock.estimate;
    },
  };
}
