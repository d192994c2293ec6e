import { describe, expect, it } from 'vitest';
import { createDataset, type Row } from '../../../../magics/dataset/dataset.ts';
import { findCorrelations, pearson } from '../../../../magics/dataset/evidence/correlations.ts';
import { findLabelSlices } from '../../../../magics/dataset/evidence/label-slices.ts';
import { findLanguages, languageFindings } from '../../../../magics/dataset/evidence/languages.ts';
import { findToxicKinds } from '../../../../magics/dataset/evidence/toxic-terms.ts';
import { createRandom } from '../../../../magics/dataset/random.ts';
import { chiSquared } from '../../../../magics/dataset/statistics.ts';
import { toTable } from '../../../../magics/dataset/table.ts';

async function datasetOf(rows: readonly Row[]) {
  return createDataset('rows', await toTable(rows, Object.keys(rows[0]!)));
}

describe('the correlation of two columns', () => {
  const random = createRandom(1);
  const x = Array.from({ length: 500 }, () => 1e9 + random());

  it('is 1 and -1 for straight lines, also far from zero, and 0 for independent numbers', () => {
    expect(
      pearson(
        x,
        x.map((v) => 3 * v + 1),
      )?.pearson,
    ).toBeCloseTo(1, 6);
    expect(
      pearson(
        x,
        x.map((v) => -v),
      )?.pearson,
    ).toBeCloseTo(-1, 12);
    expect(
      Math.abs(
        pearson(
          x,
          x.map(() => random()),
        )!.pearson,
      ),
    ).toBeLessThan(0.15);
  });

  // Anscombe (1973), first set, three times over: correlation does not change.
  it('is that of the literature', () => {
    const a = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const b = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    expect(pearson([...a, ...a, ...a], [...b, ...b, ...b])?.pearson).toBeCloseTo(0.81642051634484, 13);
  });

  it('is taken over the rows in which both are present, and of no constant column', async () => {
    const rows = x.map((v, i) => ({ a: v, b: i % 2 === 0 ? null : 2 * v, c: 7 }));
    expect(findCorrelations(await datasetOf(rows), ['a', 'b', 'c'])).toMatchObject([
      { columns: ['a', 'b'], rows: 250 },
    ]);
  });
});

describe('labels that go with another column', () => {
  const rows = Array.from({ length: 400 }, (_, i) => ({
    channel: i % 4 === 0 ? 'phone' : 'app',
    side: i % 2 === 0 ? 'left' : 'right',
    label: i % 4 === 0 ? (i % 40 === 0 ? 'fee' : 'refund') : i % 3 === 0 ? 'refund' : 'fee',
  }));

  it('are found with their effect size and the slice that differs most', async () => {
    const [slice, ...others] = findLabelSlices(await datasetOf(rows), 'label', ['channel', 'label']);
    expect(others).toEqual([]);
    const counts = (channel: string) =>
      ['refund', 'fee'].map((l) => rows.filter((row) => row.channel === channel && row.label === l).length);
    expect(slice!.cramersV).toBeCloseTo(chiSquared(counts('phone'), counts('app'))!.cramersV, 12);
    expect(slice).toMatchObject({ column: 'channel', slice: 'phone', value: 'refund', share: 0.9 });
    expect(slice!.rows.every((row) => rows[row]!.channel === 'phone' && rows[row]!.label === 'refund')).toBe(true);
  });

  it('are not found where the labels do not depend on it', async () => {
    const free = rows.map((row, i) => ({ ...row, label: ['a', 'b'][Math.floor(i / 2) % 2] }));
    expect(findLabelSlices(await datasetOf(free), 'label', ['side'])).toEqual([]);
  });
});

describe('languages of a column', () => {
  it('are counted, with the rows of the less frequent ones', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      text: i === 7 ? 'Wo ist meine Karte und warum ist sie nicht da?' : 'Where is my card and why is it not here?',
    }));
    const languages = findLanguages(await datasetOf(rows), 'text');
    expect(languages.found.map(({ language, rows }) => [language, rows.length])).toEqual([
      ['en', 19],
      ['de', 1],
    ]);
    expect(languageFindings(languages)[0]).toMatchObject({ rows: [7] });
  });
});

describe('toxic words', () => {
  it.each([
    ['You are so stupid, shut up!', ['insult']],
    ['What the f*ck is this bullshit', ['profanity']],
    ["I'll kill you", ['threat']],
    ['Those immigrants are vermin', ['slur']],
  ])('are told by kind: %s', (text, kinds) => {
    expect(findToxicKinds(text)).toEqual(kinds);
  });

  it('are not seen in words that merely contain them', () => {
    const texts = [
      'Scunthorpe and Essex',
      'a classic assessment',
      'the cockpit',
      'kill the process',
      'I am a Dickens reader',
      'spice',
      'a chink',
      'mishit',
    ];
    expect(texts.flatMap(findToxicKinds)).toEqual(['slur']);
  });
});
