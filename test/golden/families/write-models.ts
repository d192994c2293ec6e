// Writes what we make of each golden model, for check_interop.py: node test/run.mjs test/golden/families/write-models.ts OUT
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createGenerator } from '../../../magics/engine/generator.ts';
import type { GoldenModel } from '../../magics/engine/families/golden-model.ts';
import { goldenFolder, goldenTrainer, loadGolden, writeTokenizer } from '../../magics/engine/families/golden-model.ts';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('Name a folder to write to.');
const entries = await readdir(goldenFolder, { withFileTypes: true });
for (const { name } of entries.filter((entry) => entry.isDirectory())) {
  const golden = await loadGolden(name);
  for (const mode of ['lora', 'full'] as const) await writeTrained(golden, mode, path.join(out, name, mode));
}

/** A model after three steps, its adapter where it has one, and the log-probabilities that we compute with it. */
async function writeTrained(golden: GoldenModel, mode: 'lora' | 'full', folder: string): Promise<void> {
  const trainer = await goldenTrainer(golden, mode);
  for (let i = 0; i < 3; i++) await trainer.step([golden.batch], golden.optimizer.learningRate);
  const modelFolder = path.join(folder, 'model');
  await trainer.saveModel(modelFolder);
  await trainer.saveModel(path.join(folder, 'half'), { dtype: 'float16' });
  if (mode === 'lora') await trainer.saveAdapter(path.join(folder, 'adapter'), path.resolve(golden.folder));
  await trainer.dispose();
  await writeTokenizer(modelFolder, 48);
  const generator = await createGenerator({ modelFolder, device: 'cpu', threads: 1 });
  const { rows, sequenceTokens, inputIds } = golden.batch;
  const ids = Array.from(inputIds, Number);
  const sequences = Array.from({ length: rows }, (_, row) =>
    ids.slice(row * sequenceTokens, (row + 1) * sequenceTokens),
  );
  const scores = (await generator.score(sequences)).map((row) => [...row]);
  await generator.dispose();
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'scores.json'), JSON.stringify({ sequences, scores }));
}
