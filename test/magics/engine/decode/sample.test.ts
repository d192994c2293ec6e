import { describe, expect, it } from 'vitest';
import { type SamplingOptions, sampleToken } from '../../../../magics/engine/decode/sample.ts';
import { randomStream } from '../../../../magics/engine/random.ts';

/** Logits of the probabilities 0.5, 0.3, 0.15, 0.05. */
const probabilities = [0.5, 0.3, 0.15, 0.05];
const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 3);

/** Share of each token in many draws. */
function shares(options: SamplingOptions): number[] {
  const random = randomStream('draws');
  const counts = [0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) counts[sampleToken(logits, options, random)]!++;
  return counts.map((count) => count / draws);
}

function expectShares(options: SamplingOptions, expected: number[]): void {
  for (const [i, share] of shares(options).entries()) expect(share).toBeCloseTo(expected[i]!, 1.5);
}

describe('sampling', () => {
  it('draws tokens as often as their probability says', () => expectShares({ temperature: 1 }, probabilities));

  it('a temperature of 0.5 squares the odds', () => {
    const squares = probabilities.map((p) => p * p);
    const sum = squares.reduce((a, b) => a + b);
    expectShares(
      { temperature: 0.5 },
      squares.map((square) => square / sum),
    );
  });

  it('top-k keeps the k most likely tokens', () =>
    expectShares({ temperature: 1, topK: 2 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]));

  it('top-p keeps the fewest tokens that reach the probability', () => {
    expectShares({ temperature: 1, topP: 0.75 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]);
    expectShares({ temperature: 1, topP: 0.4 }, [1, 0, 0, 0]);
  });

  it('a temperature of 0 takes the most likely token, the first of equals', () => {
    const random = randomStream('any');
    expect(sampleToken(logits, {}, random)).toBe(0);
    expect(sampleToken(Float32Array.of(1, 2, 2), { temperature: 0 }, random)).toBe(1);
  });

  it('min-p keeps what has that fraction of the most likely one', () =>
    expectShares({ temperature: 1, minP: 0.5 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]));

  it('a mask leaves only its tokens, also for the most likely one', () => {
    const random = randomStream('any');
    const mask = Uint32Array.of(0b1100);
    expect(sampleToken(logits, {}, random, { mask })).toBe(2);
    for (let i = 0; i < 50; i++) expect(sampleToken(logits, { temperature: 2 }, random, { mask })).toBeGreaterThan(1);
  });

  it('the repetition penalty divides what is positive and multiplies what is negative', () => {
    const random = randomStream('any');
    const seen = { all: new Set([0, 2]), generated: new Map() };
    const values = Float32Array.of(3, 2, -0.5, -0.9);
    expect(sampleToken(values, { repetitionPenalty: 1.4 }, random, { seen })).toBe(0);
    expect(sampleToken(values, { repetitionPenalty: 1.6 }, random, { seen })).toBe(1);
    const mask = Uint32Array.of(0b1100);
    expect(sampleToken(values, { repetitionPenalty: 1.9 }, random, { seen, mask })).toBe(3);
  });

  it('presence counts once and frequency each time, of generated tokens only', () => {
    const random = randomStream('any');
    const seen = { all: new Set([0, 1]), generated: new Map([[0, 3]]) };
    const values = Float32Array.of(3, 2, 0, 0);
    expect(sampleToken(values, { presencePenalty: 0.9 }, random, { seen })).toBe(0);
    expect(sampleToken(values, { presencePenalty: 1.1 }, random, { seen })).toBe(1);
    expect(sampleToken(values, { frequencyPenalty: 0.3 }, random, { seen })).toBe(0);
    expect(sampleToken(values, { frequencyPenalty: 0.4 }, random, { seen })).toBe(1);
  });
});
