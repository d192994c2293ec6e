import { describe, expect, it } from 'vitest';
import { chooseMetrics } from '../../../../magics/eval/metrics/choose.ts';
import { distinct } from '../../../../magics/eval/metrics/distinct.ts';
import { createSchemaCheck, jsonSchemaMetric } from '../../../../magics/eval/metrics/json-validity.ts';
import type { Sample } from '../../../../magics/eval/metrics/metric.ts';
import { scoreSamples } from '../../../../magics/eval/score.ts';

function value(metric: string, samples: readonly Sample[]): number | null {
  return scoreSamples(chooseMetrics(metric), samples, { seed: 1, resamples: 10 })[metric]!.value;
}

const answers = (...texts: string[]) => texts.map((prediction) => ({ prediction, reference: '{"a":1,"b":[2]}' }));

describe('JSON', () => {
  it('is valid when the whole answer is one value', () => {
    expect(value('json_valid', answers('{"a":1}', ' [] ', 'Sure: {}', '{"a":1}{"a":1}'))).toBe(0.5);
  });

  it('matches the reference whatever the order of keys', () => {
    expect(value('json_match', answers('{"b":[2],"a":1}', '{"a":1,"b":[2,3]}', 'no'))).toBeCloseTo(1 / 3, 12);
    expect(value('json_match', [{ prediction: '{}', reference: 'not JSON' }])).toBeNull();
  });

  it('is checked against a JSON Schema', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'] };
    const metric = jsonSchemaMetric(schema, 'a.schema.json');
    const figure = scoreSamples([metric], answers('{"a":1}', '{"a":0}', '{}', 'x'), { seed: 1 }).json_schema!;
    expect(figure.value).toBe(0.25);
    expect(figure.signature).toContain('schema:a.schema.json');
    expect(() => createSchemaCheck({ type: 'nonsense' }, 'x.json')).toThrow('"x.json" is not a JSON Schema');
  });
});

describe('distinct', () => {
  it('is the share of different n-grams', () => {
    expect(distinct(['a b a', 'a b'], 1)).toBe(2 / 5);
    expect(distinct(['a b a', 'a b'], 2)).toBe(2 / 3);
    expect(distinct(['a'], 2)).toBeNull();
    expect(value('distinct1', answers('x y', 'x z'))).toBe(0.75);
  });
});

describe('bits per byte', () => {
  it('is perplexity’s logarithm per byte, in bits', () => {
    const sample = { prediction: '', reference: 'é', referenceLogprob: -4 * Math.LN2, referenceTokens: 1 };
    expect(value('bits_per_byte', [sample])).toBeCloseTo(2, 12);
    expect(value('bits_per_byte', [{ ...sample, referenceLogprob: null }])).toBeNull();
  });
});

describe('latency and cost', () => {
  it('are a mean, a nearest rank and a sum, null where nothing was measured', () => {
    const timed = Array.from({ length: 20 }, (_, i) => ({ prediction: '', reference: '', seconds: i + 1, cost: 0.5 }));
    expect(value('latency', timed)).toBe(10.5);
    expect(value('latency_p95', timed)).toBe(19);
    expect(value('cost', timed)).toBe(10);
    expect(value('latency_p95', answers('x'))).toBeNull();
  });
});

describe('options of a metric', () => {
  it('are read from parentheses and stand in its name and signature', () => {
    const [bleu, exact] = chooseMetrics('bleu(tokenize=zh, smoothing=floor), exact_match(ignoreCase)');
    expect(bleu).toMatchObject({ name: 'bleu(tokenize=zh, smoothing=floor)' });
    expect(bleu!.signature).toContain('tok:zh|smooth:floor[0.10]');
    expect(exact!.signature).toContain('case:ignored');
  });

  it('are refused with the right names when unknown or wrong', () => {
    expect(() => chooseMetrics('bleu(tokenise=zh)')).toThrow('no option "tokenise". Did you mean "tokenize"?');
    expect(() => chooseMetrics('bleu(smoothing=much)')).toThrow('option "smoothing" cannot be used');
    expect(() => chooseMetrics('bleu(tokenize=ja-mecab)')).toThrow('needs the MeCab analyser');
    expect(() => chooseMetrics('bleu(tokenize=13b)')).toThrow('Did you mean "13a"?');
    expect(() => chooseMetrics('accuracy(x)')).toThrow('It takes none.');
  });
});
