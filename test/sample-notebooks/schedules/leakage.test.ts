import { describe, expect, it } from 'vitest';
import { measureLeakage, nearestNeighbourAnswers, skeletonOf } from '../../../sample-notebooks/schedules/leakage.ts';

const training = [
  { text: 'Run the backup every monday at 9:30 am', cron: '30 9 * * 1' },
  { text: 'water the plants daily at noon', cron: '0 12 * * *' },
  { text: 'send the report on the first of june at midnight', cron: '0 0 1 6 *' },
];

describe('skeletonOf', () => {
  it('masks numbers, days, months and halves of the day, and drops case and punctuation', () => {
    expect(skeletonOf('Every Monday at 9:30 am!')).toBe('every D at #:#A');
    expect(skeletonOf('on tue and Fridays at half past twenty-one')).toBe('on D and D at half past #');
    expect(skeletonOf('the 3rd of Jun')).toBe(skeletonOf('the 21st of december'));
  });

  it('keeps different phrasings apart', () => {
    expect(skeletonOf('every monday')).not.toBe(skeletonOf('each monday'));
  });
});

describe('nearestNeighbourAnswers', () => {
  it('answers a known text with its own cron expression', () => {
    expect(
      nearestNeighbourAnswers(
        training,
        training.map((pair) => pair.text),
      ),
    ).toEqual(training.map((p) => p.cron));
  });

  it('weighs rare words more than common ones', () => {
    expect(nearestNeighbourAnswers(training, ['at the plants, at the'])).toEqual(['0 12 * * *']);
  });
});

describe('measureLeakage', () => {
  it('tells copies, copies with other numbers, and answers that can be looked up', () => {
    const test = [
      { text: 'run the backup every monday at 9:30 AM', cron: '30 9 * * MON' },
      { text: 'run the backup every friday at 7:15 pm', cron: '15 19 * * 5' },
      { text: 'open the gate at dawn', cron: '0 6 * * *' },
      { text: 'plants daily, noon', cron: '0 12 * * 0-6' },
    ];
    expect(measureLeakage(training, test)).toEqual({
      exactOverlap: 0.25,
      skeletonOverlap: 0.5,
      nearestNeighbour: 0.5,
    });
  });
});
