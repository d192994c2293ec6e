import { describe, expect, it } from 'vitest';
import { canonicalCron, sameSchedule } from '../../../sample-notebooks/schedules/cron.ts';
import { skeletonOf } from '../../../sample-notebooks/schedules/leakage.ts';
import { heldOutPairs, pretrainingExamples, trainingPairs } from '../../../sample-notebooks/schedules/pairs.ts';
import { createRandom } from '../../../sample-notebooks/schedules/random.ts';
import { randomSchedule, toCron } from '../../../sample-notebooks/schedules/schedule.ts';

const training = trainingPairs(3000, 11);
const heldOut = {
  known: heldOutPairs('known', 300, 12, training),
  development: heldOutPairs('development', 300, 13, training),
  novel: heldOutPairs('novel', 300, 14, training),
};

describe('trainingPairs', () => {
  it('gives the same pairs for the same seed and others for another', () => {
    expect(trainingPairs(50, 7)).toEqual(trainingPairs(50, 7));
    expect(trainingPairs(50, 7)).not.toEqual(trainingPairs(50, 8));
  });

  it('gives distinct texts with valid cron expressions of every kind of schedule', () => {
    expect(new Set(training.map((pair) => pair.text.toLowerCase())).size).toBe(training.length);
    expect(training.filter((pair) => canonicalCron(pair.cron) === undefined)).toEqual([]);
    expect(new Set(training.map((pair) => pair.kind)).size).toBe(8);
  });

  it('leaves no slot of a sentence unfilled', () => {
    const all = [...training, ...Object.values(heldOut).flat()];
    expect(all.filter((pair) => /[{}]|undefined|null/.test(pair.text))).toEqual([]);
  });
});

describe('heldOutPairs', () => {
  it.each(['known', 'development', 'novel'] as const)('%s: no text, skeleton or frame occurs in training', (pool) => {
    const texts = new Set(training.map((pair) => pair.text.toLowerCase()));
    const skeletons = new Set(training.map((pair) => skeletonOf(pair.text)));
    const frames = new Set(training.map((pair) => pair.frame));
    const leaked = heldOut[pool].filter(
      (pair) => texts.has(pair.text.toLowerCase()) || skeletons.has(skeletonOf(pair.text)) || frames.has(pair.frame),
    );
    expect(leaked).toEqual([]);
  });

  it('shares no frame between the held-out sets', () => {
    const frames = Object.values(heldOut).map((pairs) => new Set(pairs.map((pair) => pair.frame)));
    const total = frames.reduce((sum, set) => sum + set.size, 0);
    expect(new Set(frames.flatMap((set) => [...set])).size).toBe(total);
  });
});

describe('pretrainingExamples', () => {
  const stream = pretrainingExamples(5);
  const examples = Array.from({ length: 4000 }, () => stream.next().value);

  it('never answers with a cron expression', () => {
    expect(examples.filter((example) => canonicalCron(example.answer) !== undefined)).toEqual([]);
    expect(examples.filter((example) => /cron/i.test(example.instruction))).toEqual([]);
  });

  it('never reads a sentence of the novel test set, numbers, days and months masked', () => {
    const skeletons = new Set(examples.map((example) => skeletonOf(example.text)));
    expect(heldOut.novel.filter((pair) => skeletons.has(skeletonOf(pair.text)))).toEqual([]);
  });

  it('repeats itself for the same seed', () => {
    const again = pretrainingExamples(5);
    expect(Array.from({ length: 20 }, () => again.next().value)).toEqual(examples.slice(0, 20));
  });
});

describe('toCron', () => {
  it('writes schedules whose fields say what the schedule says', () => {
    expect(toCron({ kind: 'daily', time: { hour: 9, minute: 30 }, days: [1, 2, 3, 4, 5] })).toBe('30 9 * * 1-5');
    expect(toCron({ kind: 'twice', time: { hour: 8, minute: 0 }, secondHour: 20, days: undefined })).toBe(
      '0 8,20 * * *',
    );
    expect(toCron({ kind: 'minutes', every: 15, window: { from: 9, to: 17 }, days: [0, 6] })).toBe('*/15 9-17 * * 0,6');
    expect(toCron({ kind: 'seasonal', time: { hour: 7, minute: 5 }, days: [1], months: [6, 7, 8] })).toBe(
      '5 7 * 6-8 1',
    );
    expect(toCron({ kind: 'yearly', time: { hour: 0, minute: 0 }, date: 24, month: 12 })).toBe('0 0 24 12 *');
  });

  it('is valid for every schedule that is drawn', () => {
    const random = createRandom(3);
    const drawn = Array.from({ length: 2000 }, () => toCron(randomSchedule(random)));
    expect(drawn.filter((cron) => !sameSchedule(cron, cron))).toEqual([]);
  });
});
