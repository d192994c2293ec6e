import { describe, expect, it } from 'vitest';
import { oneAtATime } from '../../../extension/test-explorer/one-at-a-time.ts';

describe('work that runs one at a time', () => {
  it('runs once more for all calls that come meanwhile', async () => {
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const run = oneAtATime(async () => {
      log.push('start');
      await new Promise<void>((resolve) => ends.push(resolve));
      log.push('end');
    });
    const first = run();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    const others = [run(), run()];
    ends.shift()!();
    await first;
    await new Promise(setImmediate);
    ends.shift()!();
    await Promise.all(others);
    expect(log).toEqual(['start', 'end', 'start', 'end']);
  });

  it('goes on after a failure, which the callers see', async () => {
    let count = 0;
    const run = oneAtATime(async () => {
      if (++count === 1) throw new Error('no');
    });
    await expect(run()).rejects.toThrow('no');
    await run();
    expect(count).toBe(2);
  });
});
