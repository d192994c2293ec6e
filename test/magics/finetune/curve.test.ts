import { describe, expect, it } from 'vitest';
import { type Curve, createCurve, lossChart, seriesLines } from '../../../magics/finetune/curve.ts';
import type { JobEvent, NewJobEvent } from '../../../magics/jobs/protocol.ts';

/** The curve of events, each at a second. */
function curveOf(...events: [second: number, event: NewJobEvent][]): Curve {
  const collector = createCurve();
  for (const [second, event] of events) {
    collector.add({ ...event, seq: second, time: new Date(second * 1000).toISOString() } as JobEvent);
  }
  return collector.curve;
}

const started = (attempt: number): NewJobEvent => ({ type: 'started', pid: 1, host: 'h', attempt });
const loss = (step: number, value: number): NewJobEvent => ({ type: 'metric', name: 'train_loss', step, value });
const validation = (step: number, value: number): NewJobEvent => ({
  type: 'metric',
  name: 'validation_loss',
  step,
  value,
});

describe('a curve', () => {
  it('counts the time of earlier attempts, and replaces the steps that a resume repeats', () => {
    const curve = curveOf([0, started(1)], [5, loss(1, 3)], [6, loss(2, 9)], [100, started(2)], [101, loss(2, 2)]);
    expect(curve).toMatchObject({ earlierMs: 6000, startedAt: 100_000 });
    expect(seriesLines(curve)).toBe(
      '{"name":"train_loss","step":1,"value":3}\n{"name":"train_loss","step":2,"value":2}\n',
    );
  });

  it('is titled by what it shows', () => {
    const title = (...events: NewJobEvent[]) =>
      lossChart(curveOf(...events.map((e, i) => [i, e] as [number, NewJobEvent]))).title;
    expect(title()).toBe('Waiting for the first step');
    expect(title(loss(1, 3), loss(9, 1.5))).toBe('Training loss falls from 3 to 1.5');
    expect(title(validation(10, 2), validation(20, 1))).toBe('Validation loss falls from 2 to 1');
    expect(title(validation(10, 2), validation(20, 1), validation(30, 1.5))).toBe(
      'Validation loss is lowest at step 20 (1) and rises to 1.5',
    );
  });

  it('marks its checkpoints', () => {
    const curve = curveOf([0, loss(1, 3)], [1, { type: 'checkpoint', step: 1, path: 'p' }]);
    expect(JSON.stringify(lossChart(curve))).toContain('"label":"checkpoint"');
  });
});
