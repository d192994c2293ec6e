import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { costOf, formatCost, formatPrice, priceOf, workedSeconds } from '../../../magics/jobs/cost.ts';
import type { JobEvent } from '../../../magics/jobs/protocol.ts';
import type { JobResources } from '../../../magics/jobs/resources.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

const prices = { currency: 'EUR', local: { gpuHour: 2, coreHour: 0.05 }, slurm: { gpuHour: 3 } };

/** A folder whose settings say what is given: those of everybody, and those of this machine. */
function makePlace(shared: unknown, own: unknown = {}): string {
  const folder = makeFolder();
  for (const [name, settings] of [
    ['llmops', shared],
    ['.llmops', own],
  ] as const) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'jobs.json'), JSON.stringify(settings));
  }
  return folder;
}

const slots = { gpus: 2, cores: 8 };
const ofTraining = (folder: string, resources: JobResources = {}, device = 'auto') =>
  priceOf({ kind: 'finetune', device, resources, folder });

describe('the price of a job', () => {
  it('is that of the GPUs and cores that it takes', async () => {
    const folder = makePlace({ slots, prices });
    expect(await ofTraining(folder)).toEqual({ perHour: 2, currency: 'EUR' });
    expect(await ofTraining(folder, { gpus: 2, cpus: 4 })).toEqual({ perHour: 4.2, currency: 'EUR' });
    expect((await ofTraining(folder, {}, 'cpu'))?.perHour).toBeCloseTo(0.4);
    expect(await ofTraining(folder, { executor: 'slurm', gpus: 2 })).toEqual({ perHour: 6, currency: 'EUR' });
  });

  it('is not known where the settings name none; those of this machine come first', async () => {
    expect(await ofTraining(makePlace({ slots }))).toBeUndefined();
    expect(await ofTraining(makePlace({ prices: { local: {} } }), { executor: 'slurm' })).toBeUndefined();
    const own = makePlace({ slots, prices }, { prices: { local: { gpuHour: 1 } } });
    expect(await ofTraining(own)).toEqual({ perHour: 1, currency: 'EUR' });
  });

  it('that is misspelled is refused by name', async () => {
    await expect(ofTraining(makePlace({ prices: { local: { gpuHours: 1 } } }))).rejects.toThrow(
      /llmops\/jobs\.json is not valid: .*"gpuHours"/,
    );
  });
});

const event = (seconds: number, type: 'started' | 'finished' | 'message') =>
  ({ type, time: new Date(1e12 + seconds * 1000).toISOString() }) as JobEvent;

describe('the cost of a job', () => {
  const twice = [event(0, 'started'), event(1800, 'message'), event(9000, 'started'), event(10_800, 'message')];

  it('counts the time that its workers ran, of all attempts, and not what lies between', () => {
    expect(workedSeconds(twice)).toBe(3600);
    expect(workedSeconds(twice, 1e15 + 12_600)).toBeGreaterThan(3600);
    expect(workedSeconds(twice, 1e12 + 12_600_000)).toBe(5400);
    expect(workedSeconds([...twice, event(11_000, 'finished')], 1e12 + 99_000_000)).toBe(3800);
    expect(workedSeconds([])).toBe(0);
  });

  it('is price times time, and unknown without a price', () => {
    const cost = costOf({ price: { perHour: 2.4, currency: 'EUR' } }, twice)!;
    expect(cost).toEqual({ value: 2.4, perHour: 2.4, currency: 'EUR' });
    expect(formatCost(cost)).toBe('2.40 EUR');
    expect(formatCost({ value: 0.00312, currency: 'USD' })).toBe('0.0031 USD');
    expect(formatPrice(cost)).toBe('2.40 EUR an hour');
    expect(costOf({}, twice)).toBeUndefined();
  });
});
