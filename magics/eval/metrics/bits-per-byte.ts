import type { AdditiveMetric } from './metric.ts';

/** `bits_per_byte` of `%eval`: bits that the model needs per UTF-8 byte of the references, comparable across tokenizers. */
export const bitsPerByteMetric: AdditiveMetric = {
  name: 'bits_per_byte',
  title: 'bits per byte',
  unit: 'ratio',
  better: 'lower',
  signature: 'of:reference given prompt|per:utf-8 byte|agg:corpus',
  isProportion: false,
  width: 2,
  statistics: ({ reference, referenceLogprob }) =>
    typeof referenceLogprob === 'number' ? [-referenceLogprob / Math.LN2, Buffer.byteLength(reference)] : null,
  value: (sums) => (sums[1]! > 0 ? sums[0]! / sums[1]! : null),
};
