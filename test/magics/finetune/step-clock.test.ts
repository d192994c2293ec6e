import { describe, expect, it } from 'vitest';
import { createStepClock } from '../../../magics/finetune/step-clock.ts';

describe('the step clock', () => {
  it('judges by the steps after the first, which loads what all share', () => {
    let time = 0;
    const clock = createStepClock(100, () => time);
    const step = (ms: number) => {
      time += ms;
      clock.stepped();
    };
    step(5000);
    expect(clock.leftMs(99)).toBeUndefined();
    step(10);
    expect(clock.leftMs(98)).toBe(980);
    step(12);
    step(8);
    expect(clock.estimate).toBe(1);
    step(30);
    expect(clock.leftMs(95)).toBe(15 * 95);
    expect(clock.estimate).toBe(1);
  });
});
