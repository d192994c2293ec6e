import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../magics/engine/random.ts';
import { type SamplingOptions, sampleToken } from '../../../magics/engine/sample.ts';

/** Logits of the probabilities 0.5, 0.3, 0.15, 0.05. */
const probabilities = [0.5, 0.3, 0.15, 0.05];
const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 3);

/** Share of each token in many draws. */
function shares(options: SamplingOptions): number[] {
  const random = randomStream('draws');
  const counts = [0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) counts[sampleToken(logits, options, random).id]!++;
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
    expect(sampleToken(logits, {}, random).id).toBe(0);
    expect(sampleToken(Float32Array.of(1, 2, 2), { temperature: 0 }, random).id).toBe(1);
  });

  it('reports the log-probability under the model itself, whatever the temperature', () => {
    const random = randomStream('any');
    for (const options of [{}, { temperature: 2 }, { temperature: 1, topK: 1 }]) {
      const { id, logprob } = sampleToken(logits, options, random);
      expect(logprob).toBeCloseTo(Math.log(probabilities[id]!), 5);
    }
  });
});
