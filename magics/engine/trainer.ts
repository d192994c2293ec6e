import { momentNames } from './adamw.ts';
import { noAdapter, saveAdapter, startAdapter } from './adapter-folder.ts';
import { checkBatch, lossTargets, rowsCorrect, totalWeight } from './batch.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type ModelConfig, readModelConfig } from './config.ts';
import { createDeviceEngine } from './device-engine.ts';
import { saveModel } from './export.ts';
import { createFlatState } from './flat-state.ts';
import { followLinks } from './follow-links.ts';
import { freezeWeights } from './freeze-weights.ts';
import { createHostEngine } from './host-engine.ts';
import { adapterScale } from './lora.ts';
import { readTensor, type Tensor, type TensorLocation } from './safetensors.ts';
import { resolveDevice } from './session.ts';
import type { TrainingEngine } from './training-engine.ts';
import type { TrainingGraphOptions } from './training-graph.ts';
import type { Batch, Device, StepResult, Trainer, TrainerOptions } from './types.ts';
import { locateWeights } from './weights.ts';

/**
 * A trainer of a model folder: full training, or a LoRA adapter on frozen weights.
 * UserError for an unsupported model, damaged weights, unknown target modules or a device that does not work.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { modelFolder, adapter, seed } = options;
  const config = await readModelConfig(modelFolder);
  const device = await resolveDevice(options.device);
  const { folder, weights: locations } = await followLinks(await locateWeights(modelFolder, config));
  const initial = adapter && (await startAdapter(config, adapter, seed));
  const trained = new Map([...(initial ?? locations)].map(([name, { shape }]) => [name, shape]));
  const graphOptions: TrainingGraphOptions = {
    config,
    longestTokens: options.longestTokens ?? config.contextTokens,
    trained,
    frozen: adapter ? await freezeWeights(config, locations, options.quantized ?? false) : new Map(),
    adapterScale: adapter && adapterScale(adapter),
    adapterDropout: adapter?.dropout ?? 0,
    residualDropout: adapter ? 0 : (options.dropout ?? 0),
    labelSmoothing: options.labelSmoothing,
    recomputesLayers: options.recomputesLayers,
    attentionBlockSize: device === 'cpu' ? options.attentionBlockSize : undefined,
  };
  const state = createFlatState(trained);
  for (const [name, { data }] of state.views('values')) {
    data.set((initial?.get(name) ?? (await readTensor(name, locations.get(name)!))).data);
  }
  const session = {
    device,
    threads: options.threads,
    externalDataFolder: folder,
    packsWeights: options.packsWeights ?? false,
    isTraining: true,
  };
  const createEngine = device === 'webgpu' ? createDeviceEngine : createHostEngine;
  const engine = await createEngine(graphOptions, state, { optimizer: options.optimizer, seed, session });
  return new OnnxTrainer(options, config, device, engine, { trained, locations });
}

interface Weights {
  readonly trained: ReadonlyMap<string, readonly number[]>;
  /** Those of the model folder. */
  readonly locations: ReadonlyMap<string, TensorLocation>;
}

class OnnxTrainer implements Trainer {
  readonly device: Device;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  private readonly options: TrainerOptions;
  private readonly config: ModelConfig;
  private readonly running: TrainingEngine;
  private readonly weights: Weights;
  private steps = 0;

  constructor(options: TrainerOptions, config: ModelConfig, device: Device, engine: TrainingEngine, weights: Weights) {
    this.options = options;
    this.config = config;
    this.device = device;
    this.running = engine;
    this.weights = weights;
    this.trainableParameters = countElements(weights.trained.values());
    const frozen = options.adapter ? [...weights.locations.values()].map(({ shape }) => shape) : [];
    this.totalParameters = this.trainableParameters + countElements(frozen);
  }

  async step(batches: readonly Batch[], learningRate: number): Promise<StepResult> {
    for (const batch of batches) this.check(batch);
    const targeted = batches.map((batch) => ({ batch, targets: lossTargets(batch) }));
    const result = await this.running.step(targeted, totalWeight(batches), this.steps + 1, learningRate);
    this.steps++;
    return result;
  }

  async evaluate(batch: Batch): Promise<{ lossSum: number; weightSum: number; rowsCorrect: boolean[] }> {
    this.check(batch);
    const weightSum = totalWeight([batch]);
    const targets = lossTargets(batch);
    const { lossSum, predictions } = await this.running.evaluate({ batch, targets });
    return { lossSum, weightSum, rowsCorrect: rowsCorrect(batch, targets, predictions) };
  }

  async saveCheckpoint(folder: string): Promise<void> {
    await saveCheckpoint(folder, { tensors: await this.running.state(), steps: this.steps });
  }

  async loadCheckpoint(folder: string): Promise<void> {
    const { tensors, steps } = await loadCheckpoint(folder, this.checkpointShapes());
    await this.running.restore(tensors);
    this.steps = steps;
  }

  async saveAdapter(folder: string, baseModelName: string): Promise<void> {
    if (this.options.adapter === undefined) throw noAdapter();
    await saveAdapter(folder, {
      config: this.config,
      baseModelName,
      options: this.options.adapter,
      tensors: await this.running.parameters(),
    });
  }

  async saveModel(folder: string, options: { dtype?: 'float32' | 'float16' } = {}): Promise<void> {
    const { modelFolder, adapter } = this.options;
    const parameters = await this.running.parameters();
    const weights = adapter ? await readAll(this.weights.locations) : parameters;
    await saveModel(folder, {
      config: this.config,
      sourceFolder: modelFolder,
      weights,
      adapter: adapter && { options: adapter, tensors: parameters },
      ...options,
    });
  }

  dispose(): Promise<void> {
    return this.running.release();
  }

  private check(batch: Batch): void {
    checkBatch(batch, { ...this.config, contextTokens: this.options.longestTokens ?? this.config.contextTokens });
  }

  private checkpointShapes(): Map<string, { shape: readonly number[] }> {
    return new Map(
      [...this.weights.trained].flatMap(([name, shape]) => {
        const { mean, variance } = momentNames(name);
        return [name, mean, variance].map((each) => [each, { shape }] as const);
      }),
    );
  }
}

async function readAll(locations: ReadonlyMap<string, TensorLocation>): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, location] of locations) tensors.set(name, await readTensor(name, location));
  return tensors;
}

function countElements(shapes: Iterable<readonly number[]>): number {
  return [...shapes].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
