import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../../magics/eval/intervals.ts';
import { bleu } from '../../../magics/eval/metrics/bleu.ts';
import { chooseMetrics } from '../../../magics/eval/metrics/choose.ts';
import type { Sample } from '../../../magics/eval/metrics/metric.ts';
import { compareSamples, scoreSample, scoreSamples } from '../../../magics/eval/score.ts';
import { scoreSlices } from '../../../magics/eval/slices.ts';

/** `right` of `count` samples are answered right; each has two tokens of known probability. */
function samples(count: number, right: number): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    reference: `at ${i} o'clock every day`,
    prediction: i < right ? `at ${i} o'clock every day` : 'never',
    referenceLogprob: 2 * Math.log(0.25),
    referenceTokens: 2,
  }));
}

describe('scoreSamples', () => {
  it('gives proportions Wilson’s interval', () => {
    const { exact_match } = scoreSamples(chooseMetrics('exact_match'), samples(50, 40), { seed: 1 });
    const { low, high } = wilsonInterval(40, 50)!;
    expect(exact_match).toMatchObject({ value: 0.8, low, high, level: 0.95, n: 50 });
    expect(exact_match!.signature).toContain('ci:wilson');
  });

  it('gives corpus metrics the corpus value, inside a seeded bootstrap interval', () => {
    const set = samples(50, 40);
    const { bleu: figure, perplexity } = scoreSamples(chooseMetrics('bleu,perplexity'), set, { seed: 1 });
    const corpus = bleu(
      set.map((s) => s.prediction),
      set.map((s) => s.reference),
    );
    expect(figure!.value).toBe(corpus.score);
    expect(figure!.low).toBeLessThan(corpus.score);
    expect(figure!.high).toBeGreaterThan(corpus.score);
    expect(figure!.signature).toBe(`${corpus.signature}|bs:1000|seed:1`);
    expect(perplexity!.value).toBeCloseTo(4, 12);
    expect(scoreSamples(chooseMetrics('bleu'), set, { seed: 1 }).bleu).toEqual(figure);
  });

  it('says null, never NaN, where a metric is undetermined', () => {
    const withoutLikelihood = samples(3, 3).map((sample) => ({ ...sample, referenceLogprob: null }));
    const { perplexity } = scoreSamples(chooseMetrics('perplexity'), withoutLikelihood, { seed: 1 });
    expect(perplexity).toEqual({ value: null, n: 0, signature: expect.any(String) });
    expect(scoreSamples(chooseMetrics('exact_match'), [], { seed: 1 }).exact_match!.value).toBeNull();
  });
});

describe('compareSamples', () => {
  const metrics = chooseMetrics('exact_match,bleu');

  it('finds a better model significantly better', () => {
    const { exact_match } = compareSamples(metrics, samples(100, 90), samples(100, 50), { seed: 1 });
    expect(exact_match!.value).toBeCloseTo(0.4, 12);
    expect(exact_match!.low).toBeGreaterThan(0.28);
    expect(exact_match!.high).toBeLessThan(0.52);
    expect(exact_match!.pValue).toBeLessThan(0.01);
  });

  it('finds no difference between a model and itself', () => {
    const { bleu: figure } = compareSamples(metrics, samples(100, 50), samples(100, 50), { seed: 1 });
    expect(figure).toMatchObject({ value: 0, low: 0, high: 0, pValue: 1 });
  });
});

describe('a metric of the user’s own', () => {
  it('goes by its function’s name and leaves out samples that it cannot judge', () => {
    function sameHour(prediction: string, reference: string): boolean {
      if (prediction === 'never') throw new Error('no hour');
      return prediction === reference;
    }
    const { sameHour: figure } = scoreSamples(chooseMetrics([sameHour]), samples(10, 6), { seed: 1 });
    expect(figure).toMatchObject({
      value: 1,
      n: 6,
      signature: expect.stringMatching(/^function:sameHour\|source:[0-9a-f]{8}\|ci:wilson$/),
    });
    expect(scoreSample(chooseMetrics(sameHour)[0]!, samples(10, 6)[9]!)).toBeNull();
  });

  it('may give any number', () => {
    const metric = chooseMetrics([
      function lengthRatio(p: string, r: string) {
        return p.length / r.length;
      },
    ]);
    const { lengthRatio } = scoreSamples(metric, samples(10, 6), { seed: 1 });
    expect(lengthRatio!.value).toBeLessThan(1);
    expect(lengthRatio!.signature).toMatch(/^function:lengthRatio\|source:[0-9a-f]{8}\|bs:1000\|seed:1$/);
  });

  it('must have a name', () => {
    expect(() => chooseMetrics([(p: string, r: string) => p === r])).toThrow('needs a name');
  });
});

describe('chooseMetrics', () => {
  it('takes names, comma-separated names, groups and functions, each once', () => {
    const names = (...wanted: string[]) => chooseMetrics(wanted).map((metric) => metric.name);
    expect(names('bleu, exact_match', 'rouge', 'bleu')).toEqual([
      'bleu',
      'exact_match',
      'rouge1',
      'rouge2',
      'rougeL',
      'rougeLsum',
    ]);
  });

  it('names the nearest metric when one is unknown', () => {
    expect(() => chooseMetrics('exact_mach')).toThrow('There is no metric "exact_mach". Did you mean "exact_match"?');
    expect(() => chooseMetrics('')).toThrow('No metric was named');
  });
});

describe('scoreSlices', () => {
  it('scores each value of a column, the largest group first, missing values by themselves', () => {
    const set = samples(6, 3);
    const rows = [{ lang: 'en' }, { lang: 'de' }, { lang: 'en' }, { lang: null }, { lang: 'en' }, { lang: 'de' }];
    const slices = scoreSlices(['lang'], chooseMetrics('exact_match'), rows, set, { seed: 1 });
    expect(slices.map(({ value, metrics }) => [value, metrics.exact_match!.n, metrics.exact_match!.value])).toEqual([
      ['en', 3, 2 / 3],
      ['de', 2, 0.5],
      ['missing', 1, 0],
    ]);
  });
});
