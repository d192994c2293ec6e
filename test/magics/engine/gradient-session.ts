import { lossTargets } from '../../../magics/engine/batch.ts';
import type { ModelConfig } from '../../../magics/engine/config.ts';
import { quantizeMatrix, trainingBlock } from '../../../magics/engine/decode/quantize.ts';
import { batchFeeds, fromFeeds, scalarOf, toFeeds } from '../../../magics/engine/feeds.ts';
import type { FrozenWeight } from '../../../magics/engine/frozen-weight.ts';
import type { Tensor } from '../../../magics/engine/safetensors.ts';
import { createSession } from '../../../magics/engine/session.ts';
import { buildGradientGraph, gradientName } from '../../../magics/engine/training-graph.ts';
import type { Batch, Device } from '../../../magics/engine/types.ts';

interface GradientOptions {
  config: ModelConfig;
  batch: Batch;
  longestTokens?: number;
  trained: ReadonlyMap<string, Tensor>;
  frozen: ReadonlyMap<string, Tensor>;
  adapterScale?: number;
  device?: Device;
  recomputesLayers?: boolean;
  attentionBlockSize?: number;
  /** Matrices of the frozen layers in four bits. */
  quantized?: boolean;
}

/** The weighted loss of a batch and its gradients, computed again on each call from the trained tensors' present numbers. */
export async function createGradientSession({
  batch,
  trained,
  frozen,
  device = 'cpu',
  quantized = false,
  longestTokens = batch.sequenceTokens,
  ...options
}: GradientOptions) {
  const targets = lossTargets(batch);
  const { model } = buildGradientGraph({
    ...options,
    longestTokens,
    trained: new Map([...trained].map(([name, { shape }]) => [name, shape])),
    frozen: new Map([...frozen].map(([name, tensor]) => [name, frozenWeight(name, tensor, quantized)])),
    adapterDropout: 0,
    residualDropout: 0,
  });
  const session = await createSession(model, { device, threads: 1 });
  const weightSum = batch.weights.reduce((a, b) => a + b);
  const feeds = { ...batchFeeds(batch, targets, weightSum), ...toFeeds(trained) };
  return {
    async lossAndGradients(): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
      const { loss, ...outputs } = await session.run(feeds);
      const tensors = fromFeeds(outputs);
      const gradients = [...trained.keys()].map((name) => [name, tensors.get(gradientName(name))!.data] as const);
      return { loss: scalarOf(loss!), gradients: new Map(gradients) };
    },
    release: () => session.release(),
  };
}

/** The loss and the gradients once, from a session that is released at once. */
export async function lossAndGradientsOf(options: GradientOptions) {
  const session = await createGradientSession(options);
  const result = await session.lossAndGradients();
  await session.release();
  return result;
}

/** The gradients alone. */
export async function gradientsOf(options: GradientOptions): Promise<Map<string, Float32Array>> {
  return (await lossAndGradientsOf(options)).gradients;
}

function frozenWeight(name: string, tensor: Tensor, quantized: boolean): FrozenWeight {
  const isInLayer = tensor.shape.length === 2 && /\.\d+\./.test(name);
  return quantized && isInLayer
    ? { quantized: quantizeMatrix(tensor.data, tensor.shape[0]!, tensor.shape[1]!, 4, trainingBlock) }
    : { tensor };
}
