import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { buildAllUpdatesGraph, momentNames, updatedPrefix } from './adamw.ts';
import { runOn } from './device-session.ts';
import { createDropoutFeeds } from './dropout-mask.ts';
import { batchFeeds, scalar, scalarOf, toFeeds } from './feeds.ts';
import type { FlatState } from './flat-state.ts';
import { Graph } from './graph.ts';
import type { Tensor } from './safetensors.ts';
import type { SessionOptions } from './session.ts';
import type { Feeds, HostTensor } from './tensor.ts';
import type { TargetedBatch, TrainingEngine } from './training-engine.ts';
import {
  type BuiltGraph,
  buildEvaluationGraph,
  buildGradientGraph,
  gradientName,
  sumName,
  type TrainingGraphOptions,
} from './training-graph.ts';
import type { OptimizerOptions } from './types.ts';

type Tensors = Record<string, OrtTensor>;
interface DeviceSession {
  session: { run(feeds: Tensors): Promise<InferenceSession.OnnxValueMapType>; release(): Promise<void> };
  masks: BuiltGraph['masks'];
}

/**
 * Trains on a graphics device through WebGPU: parameters, moments and gradients stay in its memory between runs, and
 * come back only for checkpoints and results.
 */
export async function createDeviceEngine(
  graphOptions: TrainingGraphOptions,
  state: FlatState,
  { optimizer, seed, session: options }: { optimizer: OptimizerOptions; seed: number; session: SessionOptions },
): Promise<TrainingEngine> {
  const names = [...graphOptions.trained.keys()];
  const moments = names.flatMap((name) => Object.values(momentNames(name)));
  const sessions = createSessions(options);
  const dropoutFeeds = createDropoutFeeds(seed);
  /** Parameters and moments by name. */
  let held: Tensors = upload(toFeeds(state.all()));
  const parameters = (): Tensors => Object.fromEntries(names.map((name) => [name, held[name]!]));

  /** Gradients on the device, those of `earlier` batches added. */
  async function gradientsOf(
    targeted: TargetedBatch,
    weightSum: number,
    place: number,
    step: number,
    earlier?: Tensors,
  ) {
    const { batch, targets } = targeted;
    const accumulates = earlier !== undefined;
    const { session, masks } = await sessions.get(
      accumulates ? 'accumulation' : 'gradients',
      () => buildGradientGraph(graphOptions, { accumulates }),
      names.map(gradientName),
    );
    const dropped = dropoutFeeds(masks, { rows: batch.rows, tokens: batch.sequenceTokens }, step - 1, place);
    const sums = Object.entries(earlier ?? {}).map(([name, tensor]) => [sumName(name), tensor]);
    const feeds = upload({ ...batchFeeds(batch, targets, weightSum), ...dropped });
    const { loss, ...gradients } = await session.run({ ...feeds, ...parameters(), ...Object.fromEntries(sums) });
    release(earlier);
    return { loss: numberOf(loss!), gradients: gradients as Tensors };
  }

  return {
    async step(batches, weightSum, step, learningRate) {
      let { loss, gradients } = await gradientsOf(batches[0]!, weightSum, 0, step);
      for (const [i, batch] of batches.slice(1).entries()) {
        const earlier = Object.fromEntries(names.map((name) => [name, gradients[gradientName(name)]!]));
        const next = await gradientsOf(batch, weightSum, i + 1, step, earlier);
        [loss, gradients] = [loss + next.loss, next.gradients];
      }
      const updated = [...names, ...moments].map((name) => updatedPrefix + name);
      const update = () => ({ model: buildAllUpdatesGraph(graphOptions.trained, optimizer), masks: [] });
      const { session } = await sessions.get('update', update, updated);
      const rates = upload(rateFeeds(optimizer, step, learningRate));
      const { gradient_norm: norm, ...outputs } = await session.run({ ...gradients, ...held, ...rates });
      release(gradients);
      release(held);
      held = Object.fromEntries(
        [...names, ...moments].map((name) => [name, outputs[updatedPrefix + name] as OrtTensor]),
      );
      return { loss, gradientNorm: numberOf(norm!) };
    },
    async evaluate({ batch, targets }) {
      const { session } = await sessions.get('evaluation', () => buildEvaluationGraph(graphOptions), []);
      const { loss, predictions } = await session.run({ ...upload(batchFeeds(batch, targets, 1)), ...parameters() });
      return { lossSum: numberOf(loss!), predictions: predictions!.data as BigInt64Array };
    },
    parameters: () => readBack(sessions, parameters()),
    state: () => readBack(sessions, held),
    async restore(saved) {
      release(held);
      held = upload(toFeeds(saved));
    },
    async release() {
      release(held);
      await sessions.release();
    },
  };
}

/** Sessions by name, with the outputs that stay on the device. */
function createSessions({ device, threads = availableParallelism(), externalDataFolder }: SessionOptions) {
  const made = new Map<string, Promise<DeviceSession>>();
  const create = async (build: () => BuiltGraph, onDevice: readonly string[]): Promise<DeviceSession> => {
    const { model, masks } = build();
    const external =
      externalDataFolder === undefined ? {} : { model_external_initializers_file_folder_path: externalDataFolder };
    const loaded = await runOn({ device }, () =>
      InferenceSession.create(model, {
        executionProviders: [device, 'cpu'],
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const])),
        extra: { session: external },
      }),
    );
    const session = {
      run: (feeds: Tensors) => runOn({ device }, () => loaded.run(feeds)),
      release: () => loaded.release(),
    };
    return { session, masks };
  };
  return {
    get(name: string, build: () => BuiltGraph, onDevice: readonly string[]): Promise<DeviceSession> {
      const session = made.get(name) ?? create(build, onDevice);
      made.set(name, session);
      return session;
    },
    async release() {
      for (const { session } of await Promise.all(made.values())) await session.release();
    },
  };
}

/** Copies tensors out of the device's memory by a session that does nothing else: reading one directly is not possible. */
async function readBack(sessions: ReturnType<typeof createSessions>, tensors: Tensors): Promise<Map<string, Tensor>> {
  const entries = Object.entries(tensors);
  const build = () => {
    const graph = new Graph();
    for (const [name, { dims }] of entries) graph.output(`copy.${name}`, graph.input(name, dims));
    return { model: graph.encode(), masks: [] };
  };
  const { session } = await sessions.get(`copy of ${entries.length}`, build, []);
  const copies = await session.run(tensors);
  return new Map(
    entries.map(([name, { dims }]) => [name, { shape: dims, data: copies[`copy.${name}`]!.data as Float32Array }]),
  );
}

function upload(feeds: Feeds): Tensors {
  const toOrt = ({ type, data, dims }: HostTensor) => new OrtTensor(type as 'float32', data as Float32Array, dims);
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
}

function release(tensors: Tensors = {}): void {
  for (const tensor of Object.values(tensors)) if (tensor.location !== 'cpu') tensor.dispose();
}

function numberOf(tensor: InferenceSession.OnnxValueMapType[string]): number {
  return scalarOf(tensor as unknown as HostTensor);
}

function rateFeeds({ beta1, beta2 }: OptimizerOptions, step: number, learningRate: number): Feeds {
  return {
    learning_rate: scalar(learningRate),
    mean_correction: scalar(1 - beta1 ** step),
    variance_correction: scalar(1 - beta2 ** step),
  };
}
