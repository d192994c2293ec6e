import { lossTargets } from '../../../magics/engine/batch.ts';
import type { ModelConfig } from '../../../magics/engine/config.ts';
import { batchFeeds, fromFeeds, run, scalarOf, toFeeds } from '../../../magics/engine/feeds.ts';
import type { Tensor } from '../../../magics/engine/safetensors.ts';
import { createSession } from '../../../magics/engine/session.ts';
import { buildGradientGraph, gradientName } from '../../../magics/engine/training-graph.ts';
import type { Batch, Device } from '../../../magics/engine/types.ts';

interface GradientOptions {
  config: ModelConfig;
  batch: Batch;
  trained: ReadonlyMap<string, Tensor>;
  frozen: ReadonlyMap<string, Tensor>;
  adapterScale?: number;
  device?: Device;
}

/** The weighted loss of a batch and its gradients, computed again on each call from the tensors' present numbers. */
export async function createGradientSession({ config, batch, trained, frozen, adapterScale, device }: GradientOptions) {
  const { rows, sequenceTokens } = batch;
  const shapes = (tensors: ReadonlyMap<string, Tensor>) =>
    new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const targets = lossTargets(batch);
  const { model } = buildGradientGraph({
    config,
    rows,
    sequenceTokens,
    trained: shapes(trained),
    frozen: shapes(frozen),
    adapterScale,
    adapterDropout: 0,
    residualDropout: 0,
    lossPositions: targets.isSelection ? targets.positions.length : undefined,
  });
  const session = await createSession(model, { device: device ?? 'cpu', threads: 1 });
  const weightSum = batch.weights.reduce((a, b) => a + b);
  const feeds = { ...batchFeeds(batch, targets, weightSum), ...toFeeds(trained), ...toFeeds(frozen) };
  return {
    async lossAndGradients(): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
      const { loss, ...outputs } = await run(session, feeds);
      const tensors = fromFeeds(outputs);
      const gradients = [...trained.keys()].map((name) => [name, tensors.get(gradientName(name))!.data] as const);
      return { loss: scalarOf(loss!), gradients: new Map(gradients) };
    },
    release: () => session.release(),
  };
}
