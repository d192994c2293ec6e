import { describe, expect, it } from 'vitest';
import { formatDuration, progressBundle, progressLine } from '../../../magics/jobs/progress.ts';

const training = { phase: 'training', step: 371, steps: 600, figures: { loss: 0.0213, tokensPerSecond: 11_234 } };

describe('progressLine', () => {
  it('says phase, bar, step, figures, time and device', () => {
    expect(progressLine(training, 41_000, 'cpu')).toEqual({
      text: 'training ███████░░░░░ 61% 371/600 · loss 0.0213 · 11.2k tokens/s · 0:41 elapsed · 0:25 left · cpu',
      fraction: 371 / 600,
    });
  });

  it('shows no bar and no remaining time where the number of steps is unknown', () => {
    expect(progressLine({ phase: 'reading', step: 12_000 }, 2000)).toEqual({
      text: 'reading 12.0k · 0:02 elapsed',
      fraction: undefined,
    });
  });

  it('writes bytes as megabytes, and the time left as the caller knows it', () => {
    const download = { phase: 'downloading', step: 167e6, steps: 269e6, unit: 'bytes' as const, leftMs: 9000 };
    expect(progressLine({ ...download, figures: { bytesPerSecond: 11_240_000 } }, 1000).text).toBe(
      'downloading ███████░░░░░ 62% 167/269 MB · 11 MB/s · 0:01 elapsed · 0:09 left',
    );
  });

  it('never shows more than 100%', () => {
    expect(progressLine({ phase: 'training', step: 700, steps: 600 }, 1000).fraction).toBe(1);
  });
});

describe('progressBundle', () => {
  it('escapes the phase and tells screen readers how far it is', () => {
    const bundle = progressBundle({ ...training, phase: '<b>x' }, 1000);
    expect(bundle['text/html']).toContain('aria-valuenow="61"');
    expect(bundle['text/html']).not.toContain('<b>x');
    expect(bundle['text/plain']).toContain('371/600');
  });
});

describe('formatDuration', () => {
  it('writes hours only when there are any', () => {
    expect([formatDuration(41_000), formatDuration(725_000), formatDuration(3_725_000)]).toEqual([
      '0:41',
      '12:05',
      '1:02:05',
    ]);
  });
});
