import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataFiles, toJsonLines } from '../../../sample-notebooks/schedules/data-files.ts';
import { measureLeakage } from '../../../sample-notebooks/schedules/leakage.ts';

describe("the schedules' data files", () => {
  const files = dataFiles();

  it.each(Object.keys(files))('%s is what the generator writes', (name) => {
    const committed = readFileSync(`sample-notebooks/data/${name}`, 'utf8');
    expect(committed === toJsonLines(files[name]!)).toBe(true);
  });

  it.each(['schedules-test.jsonl', 'schedules-novel.jsonl'])(
    '%s cannot be answered by looking it up in training',
    (name) => {
      const leakage = measureLeakage(files['schedules-train.jsonl']!, files[name]!);
      expect(leakage.exactOverlap).toBe(0);
      expect(leakage.skeletonOverlap).toBe(0);
      expect(leakage.nearestNeighbour).toBeLessThan(0.1);
    },
  );
});
