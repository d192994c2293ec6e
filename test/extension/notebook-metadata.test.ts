import { expect, it } from 'vitest';
import { isOurs, namesNoKernel, ownMetadata } from '../../extension/notebook-metadata.ts';

it.each([
  [true, ownMetadata],
  [true, { kernelspec: { name: 'tslab', language: 'typescript' } }],
  [true, { language_info: { name: 'TypeScript' } }],
  [false, { kernelspec: { name: 'python3', language: 'python' }, language_info: { name: 'python' } }],
  [false, {}],
])('%s: ours is a notebook with %j', (expected, metadata) => {
  expect(isOurs({ metadata })).toBe(expected);
});

it('knows notebooks without a kernel', () => {
  expect(namesNoKernel({})).toBe(true);
  expect(namesNoKernel({ metadata: { kernelspec: { name: 'python3' } } })).toBe(false);
});
