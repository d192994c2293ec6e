import { describe, expect, it } from 'vitest';
import type { QueueEntry } from '../../../../magics/jobs/queue/entry.ts';
import { planQueue } from '../../../../magics/jobs/queue/plan-queue.ts';

const capacity = { gpus: ['0', '1'], cores: ['0', '1', '2', '3'] };

describe('planQueue', () => {
  it('gives in order of submission as long as there is enough, and counts who is before the others', () => {
    const entries = ['a', 'b', 'c', 'd'].map((job, i) => entry(job, { since: i, gpus: 1 }));
    expect(placesOf([...entries].reverse())).toEqual({
      a: { state: 'next', grant: { gpus: ['0'], cores: [] } },
      b: { state: 'next', grant: { gpus: ['1'], cores: [] } },
      c: { state: 'waiting', before: 2 },
      d: { state: 'waiting', before: 3 },
    });
  });

  it('lets a higher priority pass, but never takes from one that works', () => {
    const working = entry('working', { cores: 4, granted: { gpus: [], cores: ['0', '1', '2', '3'] } });
    const places = placesOf([
      working,
      entry('early', { since: 1, cores: 4 }),
      entry('urgent', { since: 2, cores: 4, priority: 5 }),
    ]);
    expect(places).toEqual({
      working: { state: 'working' },
      urgent: { state: 'waiting', before: 1 },
      early: { state: 'waiting', before: 2 },
    });
  });

  it('keeps what is free for a large job, so that small ones behind it do not starve it', () => {
    const working = entry('working', { gpus: 1, granted: { gpus: ['0'], cores: [] } });
    const places = placesOf([
      working,
      entry('large', { since: 1, gpus: 2 }),
      entry('small', { since: 2, gpus: 1 }),
      entry('other', { since: 3, cores: 1 }),
    ]);
    expect(places).toMatchObject({
      large: { state: 'waiting', before: 1 },
      small: { state: 'waiting', before: 2 },
      other: { state: 'next', grant: { gpus: [], cores: ['0'] } },
    });
  });

  it('lets jobs of one group share what one of them has', () => {
    const trials = ['a', 'b'].map((job, i) => entry(job, { since: i, cores: 4, group: 'sweep' }));
    const places = placesOf([...trials, entry('c', { since: 9, cores: 4 })]);
    expect([places.a?.state, places.b?.state]).toEqual(['next', 'next']);
    expect(places.c).toEqual({ state: 'waiting', before: 2 });
  });

  it('gives all there is to a job that asks for more than the machine still has', () => {
    expect(placesOf([entry('a', { gpus: 8 })]).a).toEqual({
      state: 'next',
      grant: { gpus: ['0', '1'], cores: [] },
    });
  });
});

function placesOf(entries: QueueEntry[]) {
  return Object.fromEntries(planQueue(entries, capacity));
}

function entry(
  job: string,
  { since = 0, priority = 0, gpus = 0, cores = 0, group, granted }: Partial<QueueEntry & QueueEntry['demand']> = {},
): QueueEntry {
  return { job, jobFolder: `/jobs/${job}`, holder: '1 1', priority, since, group, demand: { gpus, cores }, granted };
}
