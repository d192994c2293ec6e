import { describe, expect, it } from 'vitest';
import { fairness } from '../../../magics/eval/fairness.ts';
import { chooseMetrics } from '../../../magics/eval/metrics/choose.ts';
import { scoreSamples } from '../../../magics/eval/score.ts';
import { statistics } from './metrics/statistics.ts';

const measures = [
  'demographicParityDifference',
  'demographicParityRatio',
  'equalizedOddsDifference',
  'equalizedOddsRatio',
  'equalOpportunityDifference',
] as const;

describe('fairness', () => {
  it.each(statistics.fairness)(
    'gives Fairlearn’s rates by group and measures ($demographicParityDifference)',
    (wanted) => {
      const found = fairness(wanted.predictions.map(String), wanted.references.map(String), wanted.groups, '1');
      for (const [group, rates] of Object.entries({ ...wanted.byGroup, overall: wanted.overall })) {
        const own = group === 'overall' ? found.overall : found.byGroup[group]!;
        for (const [name, value] of Object.entries(rates)) expect(own[name as keyof typeof own]).toBeCloseTo(value, 12);
      }
      for (const measure of measures) expect(found[measure]).toBeCloseTo(wanted[measure], 12);
    },
  );

  it('leaves a rate undetermined where a group has nothing that it is about', () => {
    const { byGroup, equalOpportunityDifference } = fairness(['1', '0', '1'], ['1', '0', '1'], ['a', 'b', 'a'], '1');
    expect(byGroup.b!.truePositiveRate).toBeNull();
    expect(equalOpportunityDifference).toBe(0);
    expect(fairness([], [], [], '1').demographicParityDifference).toBeNull();
  });

  it('is a metric of %eval with an interval, grouped by a column of the data', () => {
    const { groups, references, predictions, equalizedOddsDifference } = statistics.fairness[0]!;
    const samples = predictions.map((p, i) => ({
      prediction: String(p),
      reference: String(references[i]),
      row: { team: groups[i] },
    }));
    const name = 'equalized_odds_difference(column=team, positive=1)';
    const figure = scoreSamples(chooseMetrics(name), samples, { seed: 1, resamples: 200 })[name]!;
    expect(figure.value).toBeCloseTo(equalizedOddsDifference, 12);
    expect(figure.low).toBeLessThan(figure.value!);
    expect(figure.signature).toContain('positive:1|column:team');
  });

  it('names the columns when the one to group by is missing', () => {
    const samples = [{ prediction: '1', reference: '1', row: { team: 'a' } }];
    const metrics = chooseMetrics('demographic_parity_ratio(column=tem, positive=1)');
    expect(() => scoreSamples(metrics, samples, { seed: 1 })).toThrow('no column "tem" to group by. Columns: team.');
    expect(() => chooseMetrics('demographic_parity_ratio')).toThrow('"column"');
  });
});
