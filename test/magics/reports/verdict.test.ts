import { describe, expect, it } from 'vitest';
import { compareFigures } from '../../../magics/reports/verdict.ts';

const figure = (value: number, low?: number, high?: number) => ({ value, low, high });

describe('compareFigures', () => {
  it('calls a difference only when the intervals are apart', () => {
    expect(compareFigures('accuracy', figure(0.9, 0.85, 0.95), figure(0.7, 0.65, 0.75))).toBe('better');
    expect(compareFigures('accuracy', figure(0.7, 0.65, 0.75), figure(0.9, 0.85, 0.95))).toBe('worse');
    expect(compareFigures('accuracy', figure(0.9, 0.85, 0.95), figure(0.84, 0.8, 0.88))).toBe('no clear difference');
  });

  it('trusts the paired difference more than the two intervals', () => {
    const [ours, theirs] = [figure(0.9, 0.85, 0.95), figure(0.84, 0.8, 0.88)];
    expect(compareFigures('accuracy', ours, theirs, figure(0.06, 0.02, 0.1))).toBe('better');
    expect(compareFigures('accuracy', ours, theirs, figure(0.06, -0.01, 0.13))).toBe('no clear difference');
  });

  it('knows that a smaller loss is better', () => {
    expect(compareFigures('perplexity', figure(1.1, 1, 1.2), figure(9, 8, 10))).toBe('better');
  });

  it('gives no verdict without intervals or without a baseline', () => {
    expect(compareFigures('accuracy', figure(0.9), figure(0.7))).toBe('not tested');
    expect(compareFigures('accuracy', figure(0.9), undefined)).toBe('no baseline');
    expect(compareFigures('accuracy', { value: null }, figure(0.7))).toBe('no baseline');
  });
});
