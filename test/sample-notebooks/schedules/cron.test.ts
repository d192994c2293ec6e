import { describe, expect, it } from 'vitest';
import { canonicalCron, sameSchedule } from '../../../sample-notebooks/schedules/cron.ts';

describe('sameSchedule', () => {
  it.each([
    ['30 9 * * 1-5', '30 9 * * MON-FRI'],
    ['30 9 * * 1-5', '30 9 * * 1,2,3,4,5'],
    ['30 9 * * 1-5', '  30  9 * * 5,4,3,2,1 '],
    ['*/15 * * * *', '0,15,30,45 * * * *'],
    ['*/20 * * * *', '0-59/20 * * * *'],
    ['5/20 * * * *', '5,25,45 * * * *'],
    ['0 0 * * 0', '0 0 * * 7'],
    ['0 0 * * 0', '0 0 * * sun'],
    ['0 9 * 6-8 *', '0 9 * jun-aug *'],
    ['0 9 * 1-12 0-6', '0 9 * * *'],
    ['09 007 * * *', '9 7 * * *'],
    ['@daily', '0 0 * * *'],
    ['0 0 1-31 * 1', '0 0 * * *'],
  ])('%s is %s', (a, b) => {
    expect(sameSchedule(a, b)).toBe(true);
    expect(sameSchedule(b, a)).toBe(true);
  });

  it.each([
    ['30 9 * * 1-5', '30 9 * * 1-4'],
    ['30 9 * * *', '9 30 * * *'],
    ['0 9 1 * 1', '0 9 1 * *'],
    ['0 9 */2 * 1', '0 9 1-31/2 * 1'],
  ])('%s is not %s', (a, b) => {
    expect(sameSchedule(a, b)).toBe(false);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '5-1 * * * *',
    '*/0 * * * *',
    'a b c d e',
  ])('refuses "%s", even beside itself', (invalid) => {
    expect(canonicalCron(invalid)).toBeUndefined();
    expect(sameSchedule(invalid, invalid)).toBe(false);
  });
});
