import { createDropoutFeeds } from './dropout-mask.ts';
import { batchFeeds, scalar, scalarOf, toFeeds } from './feeds.ts';
import type { FlatState } from './flat-state.ts';
import { createOptimizer } from './optimizer.ts';
import type { SessionOptions } from './session.ts';
import { createSessionCache } from './session-cache.ts';
import type { Feeds } from './tensor.ts';
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
  const optimizer = createOptimizer(state, options);
  const parameters = toFeeds(state.views('values'));
  const dropoutFeeds = createDropoutFeeds(seed);
  const outputsInto = (gradients: Gradients): Feeds =>
    toFeeds(new Map([...state.views(gradients)].map(([name, tensor]) => [gradientName(name), tensor])));
  const createGradients = (): Gradients => state.blocks.map(({ gradients }) => new Float32Array(gradients.length));
  const sums: Gradients = state.blocks.map(({ gradients }) => gradients);
  /** Of batches after a step's first. */
  let more: Gradients | undefined;

  /** Leaves the batch's gradients in `gradients` and answers its loss. */
  async function gradientsOf(
    targeted: TargetedBatch,
    weightSum: number,
    place: number,
    gradients: Gradients,
    step: number,
  ) {
    const { session: graph, masks } = await sessions.get('gradients', () => buildGradientGraph(graphOptions));
    const { batch, targets } = targeted;
    const feeds = batchFeeds(batch, targets, weightSum);
    const loss = scalar(0);
    const dropped = dropoutFeeds(masks, { rows: batch.rows, tokens: batch.sequenceTokens }, step - 1, place);
    const bound = graph.bind(
      { ...feeds, ...parameters, ...dropped },
      {
        ...outputsInto(gradients),
        loss,
      },
    );
    await bound.run();
    bound.release();
    return scalarOf(loss);
  }

  return {
    async step(batches, weightSum, step, learningRate) {
      let loss = await gradientsOf(batches[0]!, weightSum, 0, sums, step);
      for (const [i, batch] of batches.slice(1).entries()) {
        more ??= createGradients();
        loss += await gradientsOf(batch, weightSum, i + 1, more, step);
        for (const [block, values] of more.entries()) addTo(sums[block]!, values);
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
    parameters: async () => state.views('values'),
    state: async () => state.all(),
    async restore(saved) {
      for (const [name, { data }] of state.all()) data.set(saved.get(name)!.data);
    },
    async release() {
      await Promise.all([sessions.release(), evaluations.release()]);
    },
  };
}

/** Gradients of all parameters, an array for each block of the state. */
type Gradients = readonly Float32Array[];

function addTo(sums: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}
