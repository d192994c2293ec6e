import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type BleuOptions, bleu, sentenceBleu } from '../../../../magics/eval/metrics/bleu.ts';
import { type ChrfOptions, chrf } from '../../../../magics/eval/metrics/chrf.ts';
import type { References } from '../../../../magics/eval/metrics/references.ts';
import { type RougeType, rouge } from '../../../../magics/eval/metrics/rouge.ts';
import { type TerOptions, ter } from '../../../../magics/eval/metrics/ter.ts';
import { stem } from '../../../../magics/eval/tokens/stem.ts';
import { makeSentences, makeWordForms } from './sentences.ts';

interface SacrebleuCase {
  kind: 'bleu' | 'chrf' | 'ter';
  options: Record<string, string | number | boolean>;
  references: number;
  signature: string;
  blocks: string;
  each?: string;
}

const golden = JSON.parse(readFileSync('test/golden/metrics/text-metrics.json', 'utf8')) as {
  count: number;
  block: number;
  cases: SacrebleuCase[];
  rouge: { stemmer: boolean; references: number; blocks: Record<RougeType, string> }[];
  stems: string;
};

const sentences = makeSentences(golden.count);
const hypotheses = sentences.map(([hypothesis]) => hypothesis);

/** sacreBLEU's option names as ours. */
const optionNames: Record<string, string> = {
  smooth_method: 'smoothing',
  smooth_value: 'smoothValue',
  effective_order: 'effectiveOrder',
  char_order: 'characterOrder',
  word_order: 'wordOrder',
  eps_smoothing: 'epsilonSmoothing',
  no_punct: 'noPunctuation',
  asian_support: 'asianSupport',
  case_sensitive: 'caseSensitive',
};

describe('corpus figures', () => {
  it.each(golden.cases)(
    'of $kind $options with $references references are sacreBLEU’s, signature included',
    (wanted) => {
      const measure = measureOf(wanted);
      const references = referencesOf(wanted.references);
      expect(measure(hypotheses.slice(0, 2), references.slice(0, 2)).signature).toBe(wanted.signature);
      const figures = blocks((from, to) => measure(hypotheses.slice(from, to), references.slice(from, to)).score);
      expectEqual(figures, unpack(wanted.blocks));
    },
  );
});

describe('figures of single sentences', () => {
  it.each(golden.cases.filter(({ each }) => each !== undefined))('of $kind are sacreBLEU’s', (wanted) => {
    const measure = wanted.kind === 'bleu' ? undefined : measureOf(wanted);
    const figures = sentences.map(([hypothesis, reference]) =>
      measure === undefined ? sentenceBleu(hypothesis, reference).score : measure([hypothesis], [reference]).score,
    );
    expectEqual(figures, unpack(wanted.each!));
  });
});

describe('rouge', () => {
  it.each(golden.rouge)(
    'with stemmer $stemmer and $references references is rouge-score’s',
    ({ stemmer, references, blocks: wanted }) => {
      const { perSample } = rouge(hypotheses, referencesOf(references), { stemmer });
      for (const type of ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'] as const) {
        const means = blocks((from, to) => {
          const scores = perSample.slice(from, to).map((scores) => scores[type].fmeasure);
          return scores.reduce((a, b) => a + b, 0) / scores.length;
        });
        expectEqual(means, unpack(wanted[type]));
      }
    },
  );
});

describe('stem', () => {
  it('gives NLTK’s stem of every word form', () => {
    expect(makeWordForms().map(stem).join(' ').split(' ')).toEqual(golden.stems.split(' '));
  });
});

function measureOf({ kind, options }: SacrebleuCase) {
  const own = Object.fromEntries(Object.entries(options).map(([name, value]) => [optionNames[name] ?? name, value]));
  return (made: readonly string[], wanted: readonly References[]): { score: number; signature: string } => {
    if (kind === 'bleu') return bleu(made, wanted, own as BleuOptions);
    return kind === 'chrf' ? chrf(made, wanted, own as ChrfOptions) : ter(made, wanted, own as TerOptions);
  };
}

function referencesOf(count: number): References[] {
  return sentences.map(([, ...references]) => references.slice(0, count));
}

function blocks(measure: (from: number, to: number) => number): number[] {
  const { count, block } = golden;
  return Array.from({ length: count / block }, (_, i) => measure(i * block, (i + 1) * block));
}

function unpack(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
}

function expectEqual(figures: readonly number[], wanted: readonly number[]): void {
  expect(figures).toHaveLength(wanted.length);
  const wrong = figures.flatMap((figure, i) =>
    Math.abs(figure - wanted[i]!) < 1e-9 ? [] : [{ i, figure, wanted: wanted[i] }],
  );
  expect(wrong.slice(0, 10)).toEqual([]);
}
