import { createDropoutFeeds } from './dropout-mask.ts';
import { batchFeeds, scalar, scalarOf, toFeeds } from './feeds.ts';
import type { FlatState } from './flat-state.ts';
import { createOptimizer } from './optimizer.ts';
import type { Tensor } from './safetensors.ts';
import type { SessionOptions } from './session.ts';
import { createSessionCache } from './session-cache.ts';
import type { Feeds, HostTensor } from './tensor.ts';
import type { TargetedBatch, TrainingEngine } from './training-engine.ts';
import { buildEvaluationGraph, buildGradientGraph, gradientName, type TrainingGraphOptions } from './training-graph.ts';
import type { OptimizerOptions } from './types.ts';

/**
 * Trains with all state in the process's memory: gradients are written where the optimizer reads them, and it updates
 * parameters and moments in place. One session serves batches of every shape, another one evaluates.
 */
export async function createHostEngine(
  graphOptions: TrainingGraphOptions,
  state: FlatState,
  { optimizer: options, seed, session }: { optimizer: OptimizerOptions; seed: number; session: SessionOptions },
): Promise<TrainingEngine> {
  const sessions = createSessionCache(session);
  const evaluations = createSessionCache({ ...session, packsWeights: false });
  const optimizer = await createOptimizer(state, options, session.threads);
  const parameters = toFeeds(state.views(state.values));
  const dropoutFeeds = createDropoutFeeds(seed);
  const outputsInto = (gradients: Float32Array, loss: HostTensor): Feeds => {
    const views = [...toTensors(state, gradients)].map(([name, tensor]) => [gradientName(name), tensor]);
    return { ...Object.fromEntries(views), loss };
  };

  /** Leaves the batch's gradients in `gradients` and answers its loss. */
  async function gradientsOf(
    targeted: TargetedBatch,
    weightSum: number,
    place: number,
    gradients: Float32Array,
    step: number,
  ) {
    const { session: graph, masks } = await sessions.get('gradients', () => buildGradientGraph(graphOptions));
    const { batch, targets } = targeted;
    const feeds = batchFeeds(batch, targets, weightSum);
    const loss = scalar(0);
    const dropped = dropoutFeeds(masks, { rows: batch.rows, tokens: batch.sequenceTokens }, step - 1, place);
    const bound = graph.bind({ ...feeds, ...parameters, ...dropped }, outputsInto(gradients, loss));
    await bound.run();
    bound.release();
    return scalarOf(loss);
  }

  return {
    async step(batches, weightSum, step, learningRate) {
      let loss = await gradientsOf(batches[0]!, weightSum, 0, state.gradients, step);
      if (batches.length > 1) {
        const more = new Float32Array(state.gradients.length);
        for (const [i, batch] of batches.slice(1).entries()) {
          loss += await gradientsOf(batch, weightSum, i + 1, more, step);
          addTo(state.gradients, more);
        }
      }
      return { loss, gradientNorm: await optimizer.update(step, learningRate) };
    },
    async evaluate({ batch, targets }) {
      const { session: graph } = await evaluations.get('evaluation', () => buildEvaluationGraph(graphOptions));
      const loss = scalar(0);
      const predictions = new BigInt64Array(targets.positions.length);
      const bound = graph.bind(
        { ...batchFeeds(batch, targets, 1), ...parameters },
        { loss, predictions: { type: 'int64', data: predictions, dims: [predictions.length] } },
      );
      await bound.run();
      bound.release();
      return { lossSum: scalarOf(loss), predictions };
    },
    parameters: async () => state.views(state.values),
    state: async () => state.all(),
    async restore(saved) {
      for (const [name, { data }] of state.all()) data.set(saved.get(name)!.data);
    },
    async release() {
      await Promise.all([sessions.release(), evaluations.release(), optimizer.release()]);
    },
  };
}

function toTensors(state: FlatState, array: Float32Array): Map<string, HostTensor> {
  return new Map(
    [...state.views(array)].map(([name, { shape, data }]: [string, Tensor]) => [
      name,
      { type: 'float32', data, dims: shape },
    ]),
  );
}

function addTo(sums: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}
