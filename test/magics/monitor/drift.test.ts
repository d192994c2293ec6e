import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../magics/engine/random.ts';
import { detectDrift } from '../../../magics/monitor/drift.ts';

const training = ['every', 'day', 'at', 'nine', 'noon', 'monday', 'weekly', 'morning'];

function texts(count: number, words: readonly string[], length: number, seed: number): string[] {
  const random = randomStream('texts', seed);
  const word = () => words[Math.floor(random.uniform() * words.length)]!;
  return Array.from({ length: count }, () =>
    Array.from({ length: length + Math.floor(random.uniform() * 4) }, word).join(' '),
  );
}
const verdicts = (reference: string[], current: string[]) =>
  Object.fromEntries(detectDrift(reference, current).map(({ feature, verdict }) => [feature, verdict]));

describe('detectDrift', () => {
  it('finds none between samples of one source, however many there are', () => {
    for (const n of [50, 500, 20_000]) {
      expect(verdicts(texts(5000, training, 4, 1), texts(n, training, 4, n)), `${n} requests`).toEqual({
        length: 'no drift',
        words: 'no drift',
        vocabulary: 'no drift',
      });
    }
  });

  it('finds longer inputs', () => {
    const results = detectDrift(texts(1000, training, 4, 1), texts(200, training, 9, 2));
    expect(results.map(({ verdict }) => verdict)).toEqual(['drift', 'drift', 'no drift']);
    expect(results[1]!.detail).toMatch(/^median (10|11) in requests, (5|6) in training$/);
  });

  it('finds other words and names them', () => {
    const [, , vocabulary] = detectDrift(
      texts(1000, training, 4, 1),
      texts(200, [...training, 'refund', 'card'], 4, 2),
    );
    expect(vocabulary!.verdict).not.toBe('no drift');
    expect(vocabulary!.detail).toContain('refund');
    expect(vocabulary!.pValue).toBeLessThan(0.01);
  });

  it('says when there are too few samples to tell', () => {
    expect(verdicts(texts(1000, training, 4, 1), texts(29, ['other'], 50, 2))).toEqual({
      length: 'too few samples',
      words: 'too few samples',
      vocabulary: 'too few samples',
    });
    expect(detectDrift([], []).every(({ psi, pValue }) => psi === null && pValue === null)).toBe(true);
  });
});
