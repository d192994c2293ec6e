// Measures Transformers.js in a process of its own. Arguments: packages' folder, folder of an exported model, threads,
// measures as JSON. Prints a line of JSON: tokens per second of each measure.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [packages, modelFolder, threads, measures] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const library = pathToFileURL(require.resolve('@huggingface/transformers')).href;
const { AutoModelForCausalLM, Tensor, env } = await import(library);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(modelFolder);
const model = await AutoModelForCausalLM.from_pretrained(path.basename(modelFolder), {
  dtype: 'fp32',
  device: 'cpu',
  use_external_data_format: true,
  session_options: { intraOpNumThreads: Number(threads) },
});

/** Tokens per second: of the prompt, or of what follows once every row has its first token. */
async function rate(rows, promptTokens, newTokens, salt) {
  const ids = Array.from({ length: rows * promptTokens }, (_, i) => BigInt(1000 + ((i * 37 + salt * 101) % 40_000)));
  const dims = [rows, promptTokens];
  const input_ids = new Tensor('int64', BigInt64Array.from(ids), dims);
  const attention_mask = new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims);
  // Called with the prompts first, then with each step's tokens.
  const times = [];
  const streamer = { put: () => times.push(performance.now()), end: () => {} };
  await model.generate({
    input_ids,
    attention_mask,
    max_new_tokens: newTokens,
    min_new_tokens: newTokens,
    do_sample: false,
    streamer,
  });
  const [start, first, last] = [times[0], times[1], times.at(-1)];
  return newTokens === 1 ? promptTokens / ((first - start) / 1000) : (rows * (newTokens - 1)) / ((last - first) / 1000);
}

const rates = [];
for (const { rows, promptTokens, newTokens } of JSON.parse(measures)) {
  const found = [];
  for (let run = 0; run < 3; run++) found.push(await rate(rows, promptTokens, newTokens, run));
  rates.push(Math.max(...found));
}
console.log(JSON.stringify(rates));
process.exit(0);
