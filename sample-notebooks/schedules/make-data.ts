// Writes sample-notebooks/data/schedules-*.jsonl: node test/run.mjs sample-notebooks/schedules/make-data.ts
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dataFiles, toJsonLines } from './data-files.ts';
import { measureLeakage } from './leakage.ts';

const folder = path.resolve('sample-notebooks/data');
await mkdir(folder, { recursive: true });
const files = dataFiles();
const training = files['schedules-train.jsonl']!;
for (const [name, pairs] of Object.entries(files)) {
  await writeFile(path.join(folder, name), toJsonLines(pairs));
  const frames = new Set(pairs.map((pair) => pair.frame)).size;
  console.log(`${name}: ${pairs.length} pairs in ${frames} sentence frames`);
  if (pairs === training) continue;
  const leakage = measureLeakage(training, pairs);
  const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
  console.log(
    `  in training: texts ${percent(leakage.exactOverlap)}, skeletons ${percent(leakage.skeletonOverlap)}; ` +
      `nearest neighbour scores ${percent(leakage.nearestNeighbour)}`,
  );
}
