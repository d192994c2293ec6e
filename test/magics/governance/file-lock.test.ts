import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withFileLock } from '../../../magics/governance/file-lock.ts';
import { makeFolder } from './repository-fixture.ts';

const busy = () => new Error('busy');

describe('withFileLock', () => {
  it('lets one at a time in, and leaves no lock behind, also after an error', async () => {
    const lock = path.join(makeFolder(), 'a.lock');
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(10);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(lock, busy, work)));
    await expect(withFileLock(lock, busy, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(existsSync(lock)).toBe(false);
  });

  it.each([
    ['a process that is gone', '4194304 123'],
    ['an earlier process with the pid of a living one', `${process.pid} 1`],
  ])('takes over the lock of %s', async (_, holder) => {
    const lock = path.join(makeFolder(), 'a.lock');
    writeFileSync(lock, holder);
    expect(await withFileLock(lock, busy, async () => 'done')).toBe('done');
  });

  it('takes over a lock that was left empty by a process killed while it made it', async () => {
    const lock = path.join(makeFolder(), 'a.lock');
    writeFileSync(lock, '');
    utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    expect(await withFileLock(lock, busy, async () => 'done')).toBe('done');
  });
});
