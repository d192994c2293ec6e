import { expect, it } from 'vitest';
import type { Dataset } from '../../../../magics/dataset/dataset.ts';
import { checkMemory } from '../../../../magics/dataset/near/check-memory.ts';

it('more rows on disk than memory has room for are refused before they are read, saying what to do', () => {
  const onDisk = (rowCount: number) => ({ name: 'pages', rowCount, large: {} }) as Dataset;
  expect(() => checkMemory(onDisk(10_000_000), 16e9)).not.toThrow();
  expect(() => checkMemory(onDisk(40_000_000), 16e9)).toThrow(
    'Likeness among 40,000,000 rows of pages could take 24 GB of memory, and this machine has 16. Remove exact copies first (%dataset dedup pages --normalize)',
  );
  expect(() => checkMemory({ ...onDisk(40_000_000), large: undefined }, 16e9)).not.toThrow();
});
