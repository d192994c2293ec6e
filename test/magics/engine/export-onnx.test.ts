import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportOnnx } from '../../../magics/engine/export-onnx.ts';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { loadTokenizer } from '../../../magics/engine/tokenizer.ts';
import { decodingModel, prompts } from './decoding-model.ts';

const [layers, keyValueHeads] = [2, 2];
const integers = (values: readonly number[]) => new Tensor('int64', values.map(BigInt), [1, values.length]);

/** Runs tokens after those in `past` with the inputs that Optimum's exports have. */
async function run(session: InferenceSession, ids: readonly number[], before: number, past: Record<string, Tensor>) {
  const feeds: Record<string, Tensor> = {
    input_ids: integers(ids),
    attention_mask: integers(Array(before + ids.length).fill(1)),
    position_ids: integers(ids.map((_, i) => before + i)),
    ...past,
  };
  const used = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
  return session.run(used);
}

function logprob(logits: Tensor, place: number, id: number): number {
  const size = Number(logits.dims[2]);
  const values = (logits.data as Float32Array).subarray(place * size, (place + 1) * size);
  const largest = Math.max(...values);
  return values[id]! - largest - Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

describe('a model exported to ONNX', () => {
  it.each([
    ['rotated inside the operator', { hidden_size: 64 }],
    ['rotated apart, by position_ids', { hidden_size: 96 }],
  ])('answers as the model, at once and token by token: heads %s', async (_, changes) => {
    const folder = await decodingModel(changes);
    const target = path.join(await mkdtemp(path.join(tmpdir(), 'onnx-')), 'exported');
    await exportOnnx(folder, target);
    expect((await loadTokenizer(target)).vocabularySize).toBe((await loadTokenizer(folder)).vocabularySize);

    const generator = await createGenerator({ modelFolder: folder, device: 'cpu', threads: 1 });
    const [sequence] = prompts(20) as [number[]];
    const [expected] = await generator.score([sequence]);
    await generator.dispose();

    const session = await InferenceSession.create(path.join(target, 'onnx/model.onnx'));
    const size = changes.hidden_size / 4;
    const empty = new Tensor('float32', new Float32Array(), [1, keyValueHeads, 0, size]);
    const names = (kind: string) =>
      Array.from({ length: layers }, (_, i) => ['key', 'value'].map((part) => `${kind}.${i}.${part}`)).flat();
    const none = Object.fromEntries(names('past_key_values').map((name) => [name, empty]));
    const whole = await run(session, sequence, 0, none);
    for (let i = 0; i + 1 < sequence.length; i++) {
      expect(logprob(whole.logits!, i, sequence[i + 1]!)).toBeCloseTo(expected![i]!, 4);
    }

    let made = await run(session, sequence.slice(0, 12), 0, none);
    for (let i = 12; i + 1 < sequence.length; i++) {
      const present = names('present').map((name) => made[name]!);
      const past = Object.fromEntries(names('past_key_values').map((name, place) => [name, present[place]!]));
      made = await run(session, [sequence[i]!], i, past);
      expect(logprob(made.logits!, 0, sequence[i + 1]!)).toBeCloseTo(expected![i]!, 4);
    }
    await session.release();
  });

  it('leaves a folder alone that is there, and nothing behind where it fails', async () => {
    const folder = await decodingModel();
    await expect(exportOnnx(folder, folder)).rejects.toThrow(/exists already\. Remove it, or name another folder/);
    const odd = await decodingModel({ hidden_size: 48 });
    await expect(exportOnnx(odd, `${odd}-onnx`)).rejects.toThrow(/heads of 12 numbers; only multiples of 8/);
    expect(existsSync(`${odd}-onnx`)).toBe(false);
  });
});
