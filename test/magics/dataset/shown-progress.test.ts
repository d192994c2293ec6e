import { expect, it } from 'vitest';
import { rowProgress } from '../../../magics/dataset/shown-progress.ts';
import { createTestContext } from '../test-context.ts';

it('one line tells of the rows, their rate and the writing, and becomes what is shown at the end', () => {
  const context = createTestContext('.');
  const { onProgress, onWriting, finish } = rowProgress('redact', context);
  onWriting();
  expect(context.shown).toEqual([]);
  onProgress(250, 1000);
  expect(context.text()).toMatch(
    /^redact ███░░░░░░░░░ 25% 250\/1000 · rows per second [\d.]+[kM]? · \d:\d\d elapsed · \d:\d\d left$/,
  );
  onWriting();
  expect(context.text()).toMatch(/^redact: writing the rows · \d:\d\d elapsed$/);
  finish({ 'text/plain': 'safe: 1,000 rows' });
  expect(context.shown).toEqual([{ 'text/plain': 'safe: 1,000 rows' }]);
});
