import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { diskFailure, stoppedByDisk } from '../../magics/disk-failure.ts';
import { GitFailure } from '../../magics/governance/git.ts';

describe('a disk that takes no more', () => {
  it('is told from what the file system says', async () => {
    const error = await writeFile('/dev/full', 'text').catch((thrown) => thrown);
    expect(diskFailure(error)).toEqual({ reason: 'no space is left on the disk', remedy: 'Make room' });
    expect(stoppedByDisk('llmops run', error)?.message).toBe(
      'llmops run was stopped: no space is left on the disk. Make room and run it again; what was saved before is kept.',
    );
  });

  it('is told from what git says, and from the cause of an error', () => {
    const said = 'fatal: sha1 file .git/index.lock write error. Out of diskspace';
    const failure = new GitFailure(['update-index'], '', said);
    expect(diskFailure(failure)?.remedy).toBe('Make room');
    expect(diskFailure(new Error('the commit failed', { cause: failure }))?.remedy).toBe('Make room');
    const readOnly = Object.assign(new Error('EROFS'), { code: 'EROFS', path: '/mnt/data' });
    expect(stoppedByDisk('%dataset load', readOnly)?.message).toBe(
      '%dataset load was stopped: the disk is read-only (/mnt/data). Make it writable and run it again; what was saved before is kept.',
    );
  });

  it('is not seen in other failures', () => {
    expect(diskFailure(new Error('rejected by a hook'))).toBeUndefined();
    expect(stoppedByDisk('%eval', Object.assign(new Error('EACCES'), { code: 'EACCES' }))).toBeUndefined();
    expect(stoppedByDisk('%eval', 'a text')).toBeUndefined();
  });
});
