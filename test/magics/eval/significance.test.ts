import { describe, expect, it } from 'vitest';
import { bootstrapEstimates, bootstrapInterval, pairedBootstrap } from '../../../magics/eval/intervals.ts';
import { chooseMetrics } from '../../../magics/eval/metrics/choose.ts';
import { meanMetric } from '../../../magics/eval/metrics/metric.ts';
import { prepareMetric } from '../../../magics/eval/prepare-metric.ts';
import { pairedTest, randomisationPValue, sacrebleuPValue } from '../../../magics/eval/significance.ts';
import { makeSentences } from './metrics/sentences.ts';
import { statistics } from './metrics/statistics.ts';

const { values, other, ...scipy } = statistics.bootstrap;

describe('bootstrap intervals', () => {
  it('of a mean and of a median are SciPy’s within sampling error', () => {
    const median = (sample: readonly number[]) => {
      const sorted = [...sample].sort((a, b) => a - b);
      return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
    };
    for (const [found, wanted] of [
      [bootstrapInterval(values, { seed: 1, resamples: 8000 }), scipy.mean],
      [bootstrapInterval(values, { seed: 1, resamples: 8000, statistic: median }), scipy.median],
      [pairedBootstrap(other, values, { seed: 1, resamples: 8000 }), scipy.paired],
    ] as const) {
      expect(Math.abs(found!.low - wanted.low)).toBeLessThan(0.1 * wanted.error);
      expect(Math.abs(found!.high - wanted.high)).toBeLessThan(0.1 * wanted.error);
    }
  });
});

describe('randomisationPValue', () => {
  const numbers = meanMetric({
    name: 'number',
    title: 'number',
    signature: 'number',
    isProportion: false,
    score: ({ prediction }) => Number(prediction),
  });
  const samples = (list: readonly number[]) => list.map((value) => ({ prediction: String(value), reference: '' }));

  it('is SciPy’s permutation test within sampling error', () => {
    const p = randomisationPValue(numbers, samples(other), samples(values), { seed: 1, trials: 8000 })!;
    expect(Math.abs(p - scipy.randomisation)).toBeLessThan(0.02);
  });

  it('is 1 for a model compared with itself, and the same for the same seed', () => {
    expect(randomisationPValue(numbers, samples(values), samples(values), { seed: 1, trials: 99 })).toBe(1);
    const p = (seed: number) => randomisationPValue(numbers, samples(other), samples(values), { seed, trials: 200 });
    expect(p(3)).toBe(p(3));
  });
});

describe('tests of corpus metrics', () => {
  it.each(statistics.significance)(
    'of $kind have sacreBLEU’s figures within sampling error',
    ({ kind, count, bs, ar }) => {
      const triples = makeSentences(count);
      const [metric] = chooseMetrics(kind);
      const toSamples = (side: 0 | 2) => triples.map((t) => ({ prediction: t[side], reference: t[1] }));
      const both = [prepareMetric(metric!, toSamples(0)), prepareMetric(metric!, toSamples(2))] as const;
      expect([both[1].value(), both[0].value()]).toEqual(bs.scores.map((score) => expect.closeTo(score, 9)));
      const scores: number[] = [];
      const differences = bootstrapEstimates(count, { seed: 1, resamples: 2000 }, (indices) => {
        const weights = new Uint32Array(count);
        for (const i of indices) weights[i]!++;
        scores.push(both[0].value(weights)!);
        return both[0].value(weights)! - both[1].value(weights)!;
      });
      scores.sort((a, b) => a - b);
      const half = (scores[1949]! - scores[50]!) / 2;
      expect(Math.abs(half / bs.ci - 1)).toBeLessThan(0.1);
      expect(Math.abs(sacrebleuPValue(differences, bs.scores[1] - bs.scores[0]) - bs.p)).toBeLessThan(0.04);
      const p = randomisationPValue(metric!, toSamples(0), toSamples(2), { seed: 1, trials: 2000 })!;
      expect(Math.abs(p - ar.p)).toBeLessThan(0.04);
    },
  );

  it('say in their signature how they were made', () => {
    const triples = makeSentences(60);
    const [made, wanted, others] = [0, 1, 2].map((k) => triples.map((t) => t[k]!)) as [string[], string[], string[]];
    const bootstrap = pairedTest(made, others, wanted, { trials: 100, seed: 4 });
    const randomised = pairedTest(made, others, wanted, { test: 'randomisation', trials: 100, seed: 4 });
    expect(bootstrap.signature).toMatch(/tok:13a.*\|bs:100\|seed:4\|paired$/);
    expect(randomised.signature).toMatch(/tok:13a.*\|ar:100\|seed:4\|paired$/);
    expect(randomised.difference).toBe(bootstrap.difference);
    expect(pairedTest(made, made, wanted, { test: 'randomisation', trials: 50 }).pValue).toBe(1);
  });
});
