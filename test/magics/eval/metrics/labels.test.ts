import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../../magics/eval/metrics/accuracy.ts';
import { auc } from '../../../../magics/eval/metrics/auc.ts';
import { calibrationError, calibrationMetric } from '../../../../magics/eval/metrics/calibration.ts';
import { chooseMetrics } from '../../../../magics/eval/metrics/choose.ts';
import { macroF1 } from '../../../../magics/eval/metrics/macro-f1.ts';
import { mcc } from '../../../../magics/eval/metrics/mcc.ts';
import { scoreSamples } from '../../../../magics/eval/score.ts';
import { statistics } from './statistics.ts';

describe('metrics of labels', () => {
  it.each(statistics.labels)('are scikit-learn’s ($macroF1)', (wanted) => {
    expect(accuracy(wanted.predictions, wanted.references).score).toBeCloseTo(wanted.accuracy, 12);
    expect(macroF1(wanted.predictions, wanted.references).score).toBeCloseTo(wanted.macroF1, 12);
    expect(mcc(wanted.predictions, wanted.references).score).toBeCloseTo(wanted.mcc, 12);
  });

  it('are undetermined without samples', () => {
    expect(macroF1([], []).score).toBeNull();
    expect(mcc([], []).score).toBeNull();
    expect(auc([true, true], [1, 2])).toBeNull();
    expect(calibrationError([], [])).toBeNull();
  });

  it('have bootstrap intervals around them in %eval', () => {
    const { predictions, references, macroF1: wanted } = statistics.labels[0]!;
    const samples = predictions.map((prediction, i) => ({
      prediction: `${prediction}\nbecause`,
      reference: references[i]!,
    }));
    const { macro_f1, mcc: correlation } = scoreSamples(chooseMetrics('macro_f1,mcc'), samples, { seed: 1 });
    expect(macro_f1!.value).toBeCloseTo(wanted, 12);
    expect(macro_f1!.low).toBeLessThan(wanted);
    expect(macro_f1!.high).toBeGreaterThan(wanted);
    expect(correlation!.signature).toBe('labels:first line, trimmed|bs:1000|seed:1');
  });
});

describe('auc', () => {
  it.each(statistics.auc)('is scikit-learn’s, ties included ($auc)', ({ positive, scores, auc: wanted }) => {
    expect(auc(positive, scores)).toBeCloseTo(wanted, 12);
  });

  it('of %eval tells whether right answers are surer, and leaves out samples without a confidence', () => {
    const [right, wrong] = [
      { prediction: 'a', reference: 'a' },
      { prediction: 'a', reference: 'b' },
    ];
    const samples = [
      { ...right, confidence: 0.9 },
      { ...wrong, confidence: 0.2 },
      { ...wrong, confidence: null },
    ];
    expect(scoreSamples(chooseMetrics('auc'), samples, { seed: 1 }).auc).toMatchObject({ value: 1, n: 2 });
  });
});

describe('calibration error', () => {
  it.each(statistics.calibration)('is the binned gap between confidence and accuracy ($error)', (wanted) => {
    expect(calibrationError(wanted.confidences, wanted.right, wanted.bins)).toBeCloseTo(wanted.error, 12);
  });

  it('of %eval is the same from summed statistics', () => {
    const { confidences, right, error } = statistics.calibration[0]!;
    const samples = confidences.map((confidence, i) => ({
      prediction: 'a',
      reference: right[i] ? 'a' : 'b',
      confidence,
    }));
    expect(scoreSamples([calibrationMetric()], samples, { seed: 1, resamples: 10 }).ece!.value).toBeCloseTo(error, 12);
  });
});
