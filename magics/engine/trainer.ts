import { Tensor as OrtTensor } from 'onnxruntime-node';
import { updatedPrefix, zeroMoments } from './adamw.ts';
import { checkBatch, type LossTargets, lossTargets, rowsCorrect, totalWeight } from './batch.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { readModelConfig } from './config.ts';
import { dropoutMask } from './dropout-mask.ts';
import { saveAdapter, saveModel } from './export.ts';
import { familyOf } from './families/index.ts';
import { batchFeeds, type Feeds, fromFeeds, run, scalar, scalarOf, toFeeds } from './feeds.ts';
import { adaptedModules, adapterScale, initializeAdapter } from './lora.ts';
import { readTensor, type Tensor } from './safetensors.ts';
import { resolveDevice } from './session.ts';
import { createSessionCache, type GraphSession, type SessionCache } from './session-cache.ts';
import {
  type BuiltGraph,
  buildEvaluationGraph,
  buildGradientGraph,
  buildStepGraph,
  buildUpdateGraph,
  gradientName,
  type TrainingGraphOptions,
} from './training-graph.ts';
import type { Batch, Device, StepResult, Trainer, TrainerOptions } from './types.ts';
import { locateWeights } from './weights.ts';

type TensorMap = ReadonlyMap<string, Tensor>;

/**
 * A trainer of a model folder: full training, or a LoRA adapter on frozen weights.
 * UserError for an unsupported model, damaged weights, unknown target modules or a device that does not work.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const config = await readModelConfig(options.modelFolder);
  const device = await resolveDevice(options.device);
  const specs = familyOf(config.architecture)!.parameters(config);
  const modules = options.adapter && adaptedModules(specs, options.adapter.targetModules);
  const weights = new Map<string, Tensor>();
  for (const [name, location] of await locateWeights(options.modelFolder, config)) {
    weights.set(name, await readTensor(name, location));
  }
  const trained = modules ? initializeAdapter(modules, options.adapter!.rank, options.seed) : weights;
  const frozen = modules ? weights : new Map<string, Tensor>();
  return new OnnxTrainer(options, device, trained, frozen, {
    config,
    trained: shapes(trained),
    frozen: shapes(frozen),
    adapterScale: options.adapter && adapterScale(options.adapter),
    adapterDropout: options.adapter?.dropout ?? 0,
    residualDropout: options.adapter ? 0 : (options.dropout ?? 0),
    labelSmoothing: options.labelSmoothing,
  });
}

class OnnxTrainer implements Trainer {
  readonly device: Device;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  private readonly options: TrainerOptions;
  private readonly graphOptions: Omit<TrainingGraphOptions, 'rows' | 'sequenceTokens' | 'lossPositions'>;
  private readonly frozen: Feeds;
  /** Parameters and moments under their names in the graph; every step replaces them. */
  private state: Feeds;
  private steps = 0;
  private readonly sessions: SessionCache;

  constructor(
    options: TrainerOptions,
    device: Device,
    trained: TensorMap,
    frozen: TensorMap,
    graphOptions: Omit<TrainingGraphOptions, 'rows' | 'sequenceTokens' | 'lossPositions'>,
  ) {
    this.options = options;
    this.device = device;
    this.graphOptions = graphOptions;
    this.sessions = createSessionCache({ device, threads: options.threads });
    this.frozen = toFeeds(frozen);
    this.state = { ...toFeeds(trained), ...toFeeds(zeroMoments(trained)) };
    this.trainableParameters = countElements(trained);
    this.totalParameters = this.trainableParameters + countElements(frozen);
  }

  async step(batches: readonly Batch[], learningRate: number): Promise<StepResult> {
    for (const batch of batches) checkBatch(batch, this.graphOptions.config);
    const weightSum = totalWeight(batches);
    const { loss, outputs } =
      batches.length === 1
        ? await this.fusedStep(batches[0]!, weightSum, learningRate)
        : await this.accumulatedStep(batches, weightSum, learningRate);
    this.steps++;
    for (const name of Object.keys(this.state)) this.state[name] = outputs[updatedPrefix + name]!;
    return { loss, gradientNorm: scalarOf(outputs.gradient_norm!) };
  }

  async evaluate(batch: Batch): Promise<{ lossSum: number; weightSum: number; rowsCorrect: boolean[] }> {
    checkBatch(batch, this.graphOptions.config);
    const targets = lossTargets(batch);
    const { session } = await this.sessionFor('evaluate', batch, targets, buildEvaluationGraph);
    const outputs = await run(session, { ...batchFeeds(batch, targets, 1), ...this.frozen, ...this.parameters() });
    const predictions = outputs.predictions!.data as BigInt64Array;
    return {
      lossSum: scalarOf(outputs.loss!),
      weightSum: totalWeight([batch]),
      rowsCorrect: rowsCorrect(batch, targets, predictions),
    };
  }

  async saveCheckpoint(folder: string): Promise<void> {
    await saveCheckpoint(folder, { tensors: fromFeeds(this.state), steps: this.steps });
  }

  async loadCheckpoint(folder: string): Promise<void> {
    const { tensors, steps } = await loadCheckpoint(folder, fromFeeds(this.state));
    this.state = toFeeds(tensors);
    this.steps = steps;
  }

  async saveAdapter(folder: string, baseModelName: string): Promise<void> {
    await saveAdapter(folder, baseModelName, this.options.adapter, fromFeeds(this.parameters()));
  }

  async saveModel(folder: string, options: { dtype?: 'float32' | 'float16' } = {}): Promise<void> {
    const { modelFolder, adapter } = this.options;
    const weights = fromFeeds(adapter ? this.frozen : this.parameters());
    const trained = adapter && { options: adapter, tensors: fromFeeds(this.parameters()) };
    await saveModel(folder, {
      config: this.graphOptions.config,
      sourceFolder: modelFolder,
      weights,
      adapter: trained,
      ...options,
    });
  }

  dispose(): Promise<void> {
    return this.sessions.release();
  }

  private async fusedStep(batch: Batch, weightSum: number, learningRate: number) {
    const targets = lossTargets(batch);
    const { session, masks } = await this.sessionFor('step', batch, targets, (options) =>
      buildStepGraph(options, this.options.optimizer),
    );
    const outputs = await run(session, {
      ...batchFeeds(batch, targets, weightSum),
      ...this.frozen,
      ...this.state,
      ...this.maskFeeds(masks, 0),
      ...this.scheduleFeeds(learningRate),
    });
    return { loss: scalarOf(outputs.loss!), outputs };
  }

  private async accumulatedStep(batches: readonly Batch[], weightSum: number, learningRate: number) {
    const gradients: Feeds = {};
    let loss = 0;
    for (const [index, batch] of batches.entries()) {
      const targets = lossTargets(batch);
      const { session, masks } = await this.sessionFor('gradients', batch, targets, buildGradientGraph);
      const outputs = await run(session, {
        ...batchFeeds(batch, targets, weightSum),
        ...this.frozen,
        ...this.parameters(),
        ...this.maskFeeds(masks, index),
      });
      loss += scalarOf(outputs.loss!);
      for (const name of this.graphOptions.trained.keys()) accumulate(gradients, outputs, gradientName(name));
    }
    const { session } = await this.sessions.get('update', () => ({
      model: buildUpdateGraph(this.graphOptions.trained, this.options.optimizer),
      masks: [],
    }));
    const outputs = await run(session, { ...gradients, ...this.state, ...this.scheduleFeeds(learningRate) });
    return { loss, outputs };
  }

  /** One session per kind and batch shape. */
  private sessionFor(
    kind: string,
    { rows, sequenceTokens }: Batch,
    targets: LossTargets,
    build: (options: TrainingGraphOptions) => BuiltGraph,
  ): Promise<GraphSession> {
    const lossPositions = targets.isSelection ? targets.positions.length : undefined;
    const key = `${kind} ${rows}x${sequenceTokens} ${lossPositions}`;
    return this.sessions.get(key, () => build({ ...this.graphOptions, rows, sequenceTokens, lossPositions }));
  }

  private parameters(): Feeds {
    return Object.fromEntries([...this.graphOptions.trained.keys()].map((name) => [name, this.state[name]!]));
  }

  /** Masks depend on the seed, the step and the place alone: a run that was resumed sees the same ones. */
  private maskFeeds(masks: BuiltGraph['masks'], batchIndex: number): Feeds {
    return Object.fromEntries(
      masks.map(({ name, shape, elements, keepProbability }) => {
        const mask = dropoutMask(elements, keepProbability, [this.options.seed, this.steps, batchIndex, name]);
        return [name, new OrtTensor('bool', mask, shape)];
      }),
    );
  }

  /** Bias corrections 1 - beta^step, with steps counted from 1. */
  private scheduleFeeds(learningRate: number): Feeds {
    const { beta1, beta2 } = this.options.optimizer;
    return {
      learning_rate: scalar(learningRate),
      mean_correction: scalar(1 - beta1 ** (this.steps + 1)),
      variance_correction: scalar(1 - beta2 ** (this.steps + 1)),
    };
  }
}

function accumulate(sums: Feeds, outputs: Feeds, name: string): void {
  const sum = sums[name];
  if (sum === undefined) {
    sums[name] = outputs[name]!;
    return;
  }
  const total = sum.data as Float32Array;
  const gradient = outputs[name]!.data as Float32Array;
  for (let i = 0; i < total.length; i++) total[i]! += gradient[i]!;
}

function shapes(tensors: TensorMap): Map<string, readonly number[]> {
  return new Map([...tensors].map(([name, { shape }]) => [name, shape]));
}

function countElements(tensors: TensorMap): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
}
