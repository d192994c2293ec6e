import { describe, expect, it } from 'vitest';
import { type PiiKind, piiKinds } from '../../../../magics/dataset/pii/entity.ts';
import { findPii } from '../../../../magics/dataset/pii/find-pii.ts';
import { type LabelledText, makeLabelledTexts } from './labelled-set.ts';

describe('personal data in 2,000 labelled texts of every kind, a quarter of them only lookalikes', () => {
  const texts = makeLabelledTexts(2000, 1);
  const counts = countFound(texts);
  const total = sum([...counts.values()]);
  console.info(
    `precision ${share(total.right, total.found)}, recall ${share(total.right, total.there)} of ${total.there}\n${[
      ...counts,
    ]
      .map(
        ([kind, c]) => `${kind}: precision ${share(c.right, c.found)}, recall ${share(c.right, c.there)} of ${c.there}`,
      )
      .join('\n')}`,
  );

  it('is found exactly, and little else is', () => {
    expect([...counts.keys()].sort()).toEqual([...piiKinds]);
    // README states these figures.
    expect(total.right / total.found).toBeGreaterThan(0.9995);
    expect(total.right / total.there).toBeGreaterThan(0.9945);
    const names = counts.get('PERSON')!;
    expect(names.right / names.there).toBeGreaterThan(0.875);
  });

  it.each(piiKinds.filter((kind) => kind !== 'PERSON'))('%s is found in nine of ten texts or more', (kind) => {
    const { right, there } = counts.get(kind)!;
    expect(right / there).toBeGreaterThan(0.9);
  });
});

describe('what is found', () => {
  it('has its place in the text', () => {
    const text = 'Write to a.b@example.com, not to the shop.';
    expect(findPii(text)).toEqual([{ kind: 'EMAIL_ADDRESS', start: 9, end: 24, text: 'a.b@example.com', score: 1 }]);
  });

  it('does not overlap: the more certain reading stays', () => {
    const found = findPii('https://example.com/?mail=a@example.com and card 4111 1111 1111 1111');
    expect(found.map(({ kind }) => kind)).toEqual(['EMAIL_ADDRESS', 'CREDIT_CARD']);
  });

  it('is limited to the kinds that were asked for, and to what is certain enough', () => {
    const text = 'a@example.com or 212-555-0147';
    expect(findPii(text, { kinds: ['PHONE_NUMBER'] }).map(({ text }) => text)).toEqual(['212-555-0147']);
    expect(findPii(text, { minimumScore: 0.9 }).map(({ text }) => text)).toEqual(['a@example.com']);
  });

  it('ends soon on hostile texts too', () => {
    for (const unit of ['1 ', '12 ', 'a.', '1-', 'A1', '@', '::', 'Aa ', 'a@a.', 'DE00 ']) {
      expect(findPii(unit.repeat(1500)).length, unit).toBeLessThan(1500);
    }
  }, 20_000);
});

interface Counts {
  there: number;
  found: number;
  right: number;
}

function countFound(texts: readonly LabelledText[]): Map<PiiKind, Counts> {
  const counts = new Map<PiiKind, Counts>();
  const of = (kind: PiiKind) => {
    if (!counts.has(kind)) counts.set(kind, { there: 0, found: 0, right: 0 });
    return counts.get(kind)!;
  };
  for (const { text, entities } of texts) {
    const missing = entities.map(({ kind, text: value }) => `${kind} ${value}`);
    for (const { kind } of entities) of(kind).there++;
    for (const { kind, text: value } of findPii(text)) {
      of(kind).found++;
      const at = missing.indexOf(`${kind} ${value}`);
      if (at >= 0) {
        of(kind).right++;
        missing.splice(at, 1);
      } else if (process.env.LLMOPS_SHOW_WRONG) console.info(`wrong: ${kind} ${value} in: ${text}`);
    }
    if (process.env.LLMOPS_SHOW_WRONG) for (const left of missing) console.info(`missed: ${left} in: ${text}`);
  }
  return counts;
}

function sum(counts: readonly Counts[]): Counts {
  return counts.reduce((a, b) => ({ there: a.there + b.there, found: a.found + b.found, right: a.right + b.right }));
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)}%`;
}
