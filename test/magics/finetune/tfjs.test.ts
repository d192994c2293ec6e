import { expect, it, vi } from 'vitest';
import { mime } from '../../../magics/context.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { makeRepository } from '../governance/repository-fixture.ts';
import { makeContext, runFinetune, tinyOptions } from './training-fixture.ts';

// Real trainings: slow where many share the machine.
vi.setConfig({ testTimeout: 180_000 });

it('trains on TensorFlow.js when asked to: the same losses, and the record names engine and backend', async () => {
  const folder = makeRepository();
  const options = { max_steps: 4, micro_batch_size: 4, device: 'cpu' };
  const onnx = await runFinetune(await tinyOptions(options), makeContext(folder).context);
  const { context, outputs } = makeContext(folder);
  const tfjs = await runFinetune(await tinyOptions({ ...options, engine: 'tfjs' }), context);
  expect(tfjs.id).not.toBe(onnx.id);
  expect(tfjs.metrics.validation_loss!.value).toBeCloseTo(onnx.metrics.validation_loss!.value!, 3);
  expect(outputs[0]!.some((shown) => String(shown[mime.text]).includes('· cpu (tfjs wasm)'))).toBe(true);
  const store = await openStore(folder);
  const [record, reference] = await Promise.all([store.read('run', tfjs.id), store.read('run', onnx.id)]);
  expect(record).toMatchObject({ config: { engine: 'tfjs' }, environment: { device: 'cpu', engine: 'tfjs wasm' } });
  expect(reference?.environment.engine).toBeUndefined();
});
