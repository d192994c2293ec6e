import { expect, it } from 'vitest';
import { forEachParallel } from '../../../../magics/governance/remotes/parallel.ts';

it('never works on more items at once than it may', async () => {
  let atOnce = 0;
  let most = 0;
  const done: number[] = [];
  await forEachParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce--;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done).toHaveLength(7);
});

it('throws the first failure after the others have been told to stop', async () => {
  const stopped: unknown[] = [];
  const work = forEachParallel([1, 2, 3, 4], 2, async (item, signal) => {
    if (item === 1) throw new Error('first');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped.push(signal.reason);
  });
  await expect(work).rejects.toThrow('first');
  expect(stopped).toEqual([new Error('first')]);
});
