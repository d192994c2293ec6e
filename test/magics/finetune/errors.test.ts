import { expect, it } from 'vitest';
import { modelNotWritten } from '../../../magics/finetune/errors.ts';

it('a disk that does not take the trained model is named with what to do; other failures stay what they are', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(modelNotWritten('/jobs/1/model', full)?.message).toMatch(
    /^The trained model could not be written to \/jobs\/1\/model: no space is left on the disk\. The last checkpoint is kept\./,
  );
  expect(modelNotWritten('/jobs/1/model', new TypeError('a bug'))).toBeUndefined();
});
