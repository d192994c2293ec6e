import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatDate,
  formatFigure,
  formatInterval,
  formatSeconds,
  headline,
  metricTitle,
} from '../../../extension/views/figures.ts';

describe('figures for people', () => {
  it('lead with the metric that says most', () => {
    expect(headline({ validationLoss: { value: 0.1 }, exact_match: { value: 0.931 } })).toBe('93.1% exact match');
    expect(headline({ loss: { value: 2 }, validation_loss: { value: 0.4123456 } })).toBe('0.4123 validation loss');
    expect(headline({ accuracy: { value: null } })).toBeUndefined();
  });

  it('say what could not be determined', () => {
    expect(formatFigure('bleu', null)).toBe('not determined');
    expect(formatInterval('bleu', { value: 41.25, low: 39, high: 43 })).toBe('41.25 [39, 43]');
  });

  it('read like words', () => {
    expect(metricTitle('tokensPerSecond')).toBe('tokens per second');
    expect([formatBytes(999), formatBytes(6_440_000)]).toEqual(['999 B', '6.44 MB']);
    expect([41, 200, 7500].map(formatSeconds)).toEqual(['41 s', '3 min 20 s', '2 h 5 min']);
  });

  it('tell dates by their distance', () => {
    const now = new Date(2026, 2, 5, 12, 0, 0);
    const at = (...parts: [number, number, number, number?]) => new Date(...parts).toISOString();
    expect(formatDate(new Date(now.getTime() - 20_000).toISOString(), now)).toBe('just now');
    expect(formatDate(at(2026, 2, 5, 11), now)).toBe('1 h ago');
    expect(formatDate(at(2026, 2, 4, 13), now)).toBe('yesterday');
    expect(formatDate(at(2025, 2, 4, 13), now)).toBe('4 March 2025');
  });
});
