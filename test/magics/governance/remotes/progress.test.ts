import { expect, it } from 'vitest';
import { createMeter, type TransferProgress } from '../../../../magics/governance/remotes/progress.ts';

it('tells rate and time left of what moves now, not of what an earlier transfer brought', () => {
  let time = 0;
  const seen: TransferProgress[] = [];
  const onBytes = createMeter(
    1000,
    (progress) => seen.push(progress),
    () => time,
  );
  onBytes(400, true);
  expect(seen.at(-1)).toEqual({ bytes: 400, totalBytes: 1000 });
  time = 2000;
  onBytes(100);
  expect(seen.at(-1)).toEqual({ bytes: 500, totalBytes: 1000, bytesPerSecond: 50, leftMs: 10_000 });
});

it('forgets the rate of more than ten seconds ago', () => {
  let time = 0;
  let last: TransferProgress | undefined;
  const onBytes = createMeter(
    10_000,
    (progress) => {
      last = progress;
    },
    () => time,
  );
  for (time = 1000; time <= 20_000; time += 1000) onBytes(10);
  for (; time <= 40_000; time += 1000) onBytes(100);
  expect(last?.bytesPerSecond).toBe(100);
});
