import { describe, expect, it } from 'vitest';
import { bleu, bleuMetric, sentenceBleu } from '../../../../magics/eval/metrics/bleu.ts';
import { golden, hypotheses, references } from './golden.ts';

describe('bleu', () => {
  it('gives sacreBLEU’s corpus score, precisions and brevity penalty', () => {
    for (const { from, to, ...wanted } of golden.corpora) {
      const score = bleu(hypotheses.slice(from, to), references.slice(from, to));
      expect(score.score).toBeCloseTo(wanted.score, 9);
      expect(score.brevityPenalty).toBeCloseTo(wanted.bp, 9);
      expect(score.hypothesisTokens).toBe(wanted.sys);
      expect(score.referenceTokens).toBe(wanted.ref);
      for (const [i, precision] of wanted.precisions.entries()) expect(score.precisions[i]).toBeCloseTo(precision, 9);
    }
  });

  it('gives sacreBLEU’s score for every single sentence', () => {
    for (const { hypothesis, reference, bleu: wanted } of golden.samples) {
      expect(Math.abs(sentenceBleu(hypothesis, reference).score - wanted), JSON.stringify(hypothesis)).toBeLessThan(
        1e-9,
      );
    }
  });

  it('matches n-grams against any of several references', () => {
    const both = references.map((reference, i) => [reference, golden.secondReferences[i]!]);
    expect(bleu(hypotheses, both).score).toBeCloseTo(golden.twoReferences.score, 9);
    expect(bleu(hypotheses, both).signature).toContain('nrefs:2|');
  });

  it('signs its figures as sacreBLEU does', () => {
    expect(bleu(hypotheses, references).signature).toBe(golden.signature);
  });

  it('is the same number from summed statistics, and undetermined for no text', () => {
    const metric = bleuMetric();
    const sums = new Array<number>(metric.width).fill(0);
    for (const [i, prediction] of hypotheses.entries()) {
      const vector = metric.statistics({ prediction, reference: references[i]! })!;
      for (const [k, v] of vector.entries()) sums[k]! += v;
    }
    expect(metric.value(sums)).toBe(bleu(hypotheses, references).score);
    expect(metric.value(new Array<number>(metric.width).fill(0))).toBeNull();
  });

  it('refuses lists of different lengths', () => {
    expect(() => bleu(['a', 'b'], ['a'])).toThrow('2 predictions but 1 references');
  });
});
