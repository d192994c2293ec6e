// Measures node-llama-cpp in a process of its own. Arguments: packages' folder, GGUF file, threads, measures as JSON.
// Prints a line of JSON: tokens per second of each measure.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [packages, modelPath, threads, measures] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { getLlama } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href);
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: Number(threads), logLevel: 'error' });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const promptOf = (length, salt) => Array.from({ length }, (_, i) => 1000 + ((i * 37 + salt * 101) % 40_000));

const rates = [];
for (const { rows, promptTokens, newTokens } of JSON.parse(measures)) {
  const context = await model.createContext({
    contextSize: promptTokens + newTokens + 8,
    batchSize: Math.max(512, rows),
    sequences: rows,
    threads: Number(threads),
  });
  const sequences = Array.from({ length: rows }, () => context.getSequence());
  const seconds = [];
  for (let run = 0; run < 3; run++) {
    for (const sequence of sequences) await sequence.clearHistory();
    const prompts = sequences.map((_, row) => promptOf(promptTokens, run * rows + row));
    if (newTokens === 1) {
      const start = performance.now();
      await sequences[0].evaluateWithoutGeneratingNewTokens(prompts[0]);
      seconds.push((performance.now() - start) / 1000);
      continue;
    }
    await Promise.all(
      sequences.map((sequence, row) => sequence.evaluateWithoutGeneratingNewTokens(prompts[row].slice(0, -1))),
    );
    const start = performance.now();
    await Promise.all(
      sequences.map(async (sequence, row) => {
        let made = 0;
        for await (const _ of sequence.evaluate(prompts[row].slice(-1), { temperature: 0, yieldEogToken: true })) {
          made++;
          if (made === newTokens) break;
        }
      }),
    );
    seconds.push((performance.now() - start) / 1000);
  }
  const best = Math.min(...seconds);
  rates.push(newTokens === 1 ? promptTokens / best : (rows * newTokens) / best);
  await context.dispose();
}
console.log(JSON.stringify(rates));
process.exit(0);
