import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors.ts';
import { momentNames } from '../adamw.ts';
import { noAdapter, saveAdapter, startAdapter } from '../adapter-folder.ts';
import { checkBatch, lossTargets, rowsCorrect, totalWeight } from '../batch.ts';
import { loadCheckpoint, saveCheckpoint } from '../checkpoint.ts';
import { type ModelConfig, readModelConfig } from '../config.ts';
import { dropoutMask } from '../dropout-mask.ts';
import { saveModel } from '../export.ts';
import { adapterScale } from '../lora.ts';
import { readTensor, type Tensor as StoredTensor } from '../safetensors.ts';
import type { Batch, Device, StepResult, Trainer, TrainerOptions } from '../types.ts';
import { locateWeights } from '../weights.ts';
import { adamw, clipFactor, gradientNorm, type ParameterState } from './adamw.ts';
import { type Backend, loadBackend, type TensorFlow } from './backend.ts';
import { llamaLogits, type Pass } from './llama.ts';
import { weightedCrossEntropy } from './loss.ts';

/** Architectures that are written for TensorFlow.js. */
const architectures = ['LlamaForCausalLM', 'MistralForCausalLM'];

/**
 * A trainer of a Llama on TensorFlow.js: full training, or a LoRA adapter on frozen weights. It does what the ONNX
 * trainer does, from the same seed with the same dropout, by other means. `backend` names one, for tests.
 * UserError for another architecture, damaged weights, unknown target modules or a device that does not work.
 */
export async function createTfjsTrainer(options: TrainerOptions, backend?: Backend['name']): Promise<TfjsTrainer> {
  const config = await readModelConfig(options.modelFolder);
  if (!architectures.includes(config.architecture)) throw architectureMissing(config.architecture);
  if (options.quantized === true) throw quantizationMissing();
  const loaded = await loadBackend(options.device, backend);
  const adapter = options.adapter && (await startAdapter(config, options.adapter, options.seed));
  const weights = new Map<string, StoredTensor>();
  for (const [name, location] of await locateWeights(options.modelFolder, config)) {
    weights.set(name, await readTensor(name, location));
  }
  const trained = adapter ?? weights;
  const frozen = adapter ? weights : new Map<string, StoredTensor>();
  return new TfjsTrainer(options, loaded, config, trained, frozen);
}

class TfjsTrainer implements Trainer {
  readonly device: Device;
  readonly engine: string;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  private readonly options: TrainerOptions;
  private readonly config: ModelConfig;
  private readonly tf: TensorFlow;
  private readonly frozen: ReadonlyMap<string, Tensor>;
  private state: ReadonlyMap<string, ParameterState>;
  private steps = 0;

  constructor(
    options: TrainerOptions,
    { tf, device, name }: Backend,
    config: ModelConfig,
    trained: ReadonlyMap<string, StoredTensor>,
    frozen: ReadonlyMap<string, StoredTensor>,
  ) {
    this.options = options;
    this.config = config;
    this.tf = tf;
    this.device = device;
    this.engine = `tfjs ${name}`;
    const load = ({ data, shape }: StoredTensor) => tf.tensor(Float32Array.from(data), [...shape]);
    this.frozen = new Map([...frozen].map(([key, stored]) => [key, load(stored)]));
    const start = (stored: StoredTensor): ParameterState => {
      const value = load(stored);
      return { value, mean: tf.zerosLike(value), variance: tf.zerosLike(value) };
    };
    this.state = new Map([...trained].map(([key, stored]) => [key, start(stored)]));
    this.trainableParameters = countElements(trained);
    this.totalParameters = this.trainableParameters + countElements(frozen);
  }

  async step(batches: readonly Batch[], learningRate: number): Promise<StepResult> {
    const { loss, gradients } = this.gradients(batches);
    const norm = gradientNorm(this.tf, [...gradients.values()]);
    const clip = clipFactor(norm, this.options.optimizer.maxGradientNorm);
    const schedule = { step: ++this.steps, learningRate, clip };
    const next = new Map<string, ParameterState>();
    for (const [name, parameter] of this.state) {
      const updated = this.tf.tidy(() => ({
        ...adamw(this.tf, parameter, gradients.get(name)!, schedule, this.options.optimizer),
      }));
      this.tf.dispose([parameter.value, parameter.mean, parameter.variance, gradients.get(name)!]);
      next.set(name, updated);
    }
    this.state = next;
    return { loss, gradientNorm: norm };
  }

  /** Loss, and gradients by parameter before clipping, of what the next step would train on. Dispose them. */
  gradients(batches: readonly Batch[]): { loss: number; gradients: Map<string, Tensor> } {
    for (const batch of batches) checkBatch(batch, this.config);
    const weightSum = totalWeight(batches);
    const names = [...this.state.keys()];
    const values = names.map((name) => this.state.get(name)!.value);
    let loss = 0;
    let sums: Tensor[] | undefined;
    for (const [index, batch] of batches.entries()) {
      const lossOf = (...parameters: Tensor[]) => {
        const trained = new Map(names.map((name, i) => [name, parameters[i]!]));
        return this.loss(batch, trained, index, weightSum);
      };
      const { value, grads } = this.tf.valueAndGrads(lossOf)(values);
      loss += value.dataSync()[0]!;
      const earlier = sums;
      sums = earlier === undefined ? grads : grads.map((gradient, i) => this.tf.add(earlier[i]!, gradient));
      this.tf.dispose(earlier === undefined ? [value] : [value, earlier, grads]);
    }
    return { loss, gradients: new Map(names.map((name, i) => [name, sums![i]!])) };
  }

  async evaluate(batch: Batch): Promise<{ lossSum: number; weightSum: number; rowsCorrect: boolean[] }> {
    checkBatch(batch, this.config);
    const { tf } = this;
    const targets = lossTargets(batch);
    const [lossSum, predictions] = tf.tidy(() => {
      const logits = this.logits(batch, this.parameters(), targets.positions);
      const labels = Int32Array.from(targets.labels, Number);
      const loss = weightedCrossEntropy(tf, logits, labels, targets.weights, 0);
      return [loss.dataSync()[0]!, tf.argMax(logits, -1).dataSync()] as const;
    });
    const correct = rowsCorrect(batch, targets, BigInt64Array.from(predictions, BigInt));
    return { lossSum, weightSum: totalWeight([batch]), rowsCorrect: correct };
  }

  async saveCheckpoint(folder: string): Promise<void> {
    await saveCheckpoint(folder, { tensors: this.stored(), steps: this.steps });
  }

  async loadCheckpoint(folder: string): Promise<void> {
    const { tensors, steps } = await loadCheckpoint(folder, this.stored());
    const load = (name: string) => {
      const { data, shape } = tensors.get(name)!;
      return this.tf.tensor(Float32Array.from(data), [...shape]);
    };
    this.disposeState();
    this.state = new Map(
      [...this.state.keys()].map((name) => {
        const { mean, variance } = momentNames(name);
        return [name, { value: load(name), mean: load(mean), variance: load(variance) }];
      }),
    );
    this.steps = steps;
  }

  async saveAdapter(folder: string, baseModelName: string): Promise<void> {
    const { adapter } = this.options;
    if (adapter === undefined) throw noAdapter();
    const tensors = storedOf(this.parameters());
    await saveAdapter(folder, { config: this.config, baseModelName, options: adapter, tensors });
  }

  async saveModel(folder: string, options: { dtype?: 'float32' | 'float16' } = {}): Promise<void> {
    const { modelFolder, adapter } = this.options;
    const tensors = storedOf(this.parameters());
    await saveModel(folder, {
      config: this.config,
      sourceFolder: modelFolder,
      weights: adapter ? storedOf(this.frozen) : tensors,
      adapter: adapter && { options: adapter, tensors },
      ...options,
    });
  }

  async dispose(): Promise<void> {
    this.disposeState();
    this.tf.dispose([...this.frozen.values()]);
  }

  private loss(batch: Batch, trained: ReadonlyMap<string, Tensor>, index: number, weightSum: number): Scalar {
    const { positions, labels, weights } = lossTargets(batch);
    const logits = this.logits(batch, trained, positions, index);
    const shares = weights.map((weight) => weight / weightSum);
    const { labelSmoothing = 0 } = this.options;
    return weightedCrossEntropy(this.tf, logits, Int32Array.from(labels, Number), shares, labelSmoothing);
  }

  /** Logits at the positions; with a batch's index, with the dropout of the present step. */
  private logits(
    { rows, sequenceTokens, inputIds, segments }: Batch,
    trained: ReadonlyMap<string, Tensor>,
    positions: readonly number[],
    index?: number,
  ): Tensor2D {
    const { adapter, dropout = 0 } = this.options;
    const drop = this.createDropout(index);
    const pass: Pass = {
      config: this.config,
      rows,
      sequenceTokens,
      segments,
      weight: (name) => trained.get(name) ?? this.frozen.get(name),
      adapterScale: adapter && adapterScale(adapter),
      residualDropout: (x) => drop(x, adapter ? 0 : dropout),
      adapterDropout: (x) => drop(x, adapter?.dropout ?? 0),
    };
    return llamaLogits(this.tf, pass, Int32Array.from(inputIds, Number), Int32Array.from(positions));
  }

  /** Masks are numbered in the order in which they are met, and follow from seed, step, batch and number. */
  private createDropout(index: number | undefined): (x: Tensor2D, probability: number) => Tensor2D {
    let count = 0;
    return (x, probability) => {
      if (probability === 0 || index === undefined) return x;
      const keep = 1 - probability;
      const mask = dropoutMask(x.size, keep, [this.options.seed, this.steps, index, `dropout.${count++}`]);
      const scaled = Float32Array.from(mask.subarray(0, x.size), (kept) => kept / keep);
      return this.tf.mul(x, this.tf.tensor2d(scaled, x.shape));
    };
  }

  private parameters(): Map<string, Tensor> {
    return new Map([...this.state].map(([name, { value }]) => [name, value]));
  }

  private stored(): Map<string, StoredTensor> {
    const tensors = new Map<string, Tensor>();
    for (const [name, { value, mean, variance }] of this.state) {
      const names = momentNames(name);
      tensors.set(name, value).set(names.mean, mean).set(names.variance, variance);
    }
    return storedOf(tensors);
  }

  private disposeState(): void {
    for (const { value, mean, variance } of this.state.values()) this.tf.dispose([value, mean, variance]);
  }
}

function storedOf(tensors: ReadonlyMap<string, Tensor>): Map<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
  );
}

function countElements(tensors: ReadonlyMap<string, StoredTensor>): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
}

function quantizationMissing(): UserError {
  return new UserError(
    'The tfjs engine keeps weights in float32: "adapter: qlora" is for the ONNX engine. Use "adapter: lora", or leave --engine out.',
    { offending: 'tfjs' },
  );
}

function architectureMissing(architecture: string): UserError {
  return new UserError(
    `The tfjs engine trains ${architectures.join(' and ')} only, and this model is a ${architecture}. Leave --engine out.`,
    { offending: 'tfjs' },
  );
}
