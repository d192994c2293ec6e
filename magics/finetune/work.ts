import path from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { readModelConfig } from '../engine/config.ts';
import { randomStream } from '../engine/random.ts';
import { createTrainer } from '../engine/trainer.ts';
import type { JobHandler } from '../jobs/protocol.ts';
import { prepareBase } from './base.ts';
import { heldOutCount, inBatches, planEpoch, positionsOf, shuffled, toBatch } from './batches.ts';
import { chooseBuckets } from './buckets.ts';
import { findCheckpoint, saveCheckpoint, saveStep, type TrainingState } from './checkpoint.ts';
import { readSource } from './documents.ts';
import { noExamples, tooLongMessage } from './errors.ts';
import { createExamples, dropWords, type Example } from './examples.ts';
import { type FinetuneResult, finetunePayload } from './payload.ts';
import { learningRate, planSteps } from './schedule.ts';
import { validate } from './validate.ts';
import { checkLoss, updateRecentLoss } from './watchdog.ts';

/** At most this many sequence lengths, each of which is an ONNX session. */
const maxBuckets = 4;
/** At most this many points of the training loss reach the events. */
const maxPoints = 2000;
const progressEveryMs = 200;

/**
 * Trains a model: the work of a `finetune` job. Everything is decided by the payload and its seed; a job that was
 * stopped continues from its last checkpoint with the same batches in the same order, as if it had never stopped.
 */
export const work: JobHandler = async ({ spec, jobFolder, emit, signal }): Promise<FinetuneResult> => {
  const { config, base, ...sources } = finetunePayload.parse(spec.payload);
  const checkpoints = path.join(jobFolder, 'checkpoints');

  // ---- Data: rows -> documents -> sequences of tokens.
  emit({ type: 'progress', phase: 'reading data', step: 0 });
  const trainDocuments = (await Promise.all(sources.train.map(readSource))).flat();
  const validationDocuments = (await Promise.all(sources.validation.map(readSource))).flat();
  const { folder, tokenizer } = await prepareBase(base, path.join(jobFolder, 'base'), trainDocuments, config);
  const modelConfig = await readModelConfig(folder);
  const longest = Math.min(config.sequence_len, modelConfig.contextTokens);
  const promptWeight = config.train_on_inputs ? 1 : (config.prompt_loss_weight ?? 0);
  const fits = (example: Example) => positionsOf(example) <= longest;
  const heldOut = heldOutCount(config.val_set_size, trainDocuments.length);
  const random = randomStream(config.seed, 'validation').uniform;
  const order = heldOut > 0 ? shuffled(trainDocuments, random) : trainDocuments;
  const readable = await createExamples(order.slice(heldOut), tokenizer, promptWeight, signal);
  const train = readable.filter(fits);
  if (train.length === 0) throw noExamples(readable.length, longest);
  const tooLong = readable.length - train.length;
  if (tooLong > 0) emit({ type: 'message', level: 'warning', text: tooLongMessage(tooLong, longest) });
  // Validation counts answers alone, whatever weight prompts have in training.
  const held = [...order.slice(0, heldOut), ...validationDocuments];
  const validation = (await createExamples(held, tokenizer, 0, signal)).filter(fits);

  // ---- Batches and steps.
  const rows = config.micro_batch_size;
  const buckets = chooseBuckets([...train, ...validation].map(positionsOf), maxBuckets);
  const shape = { buckets, rows };
  const batchesPerEpoch = inBatches(train, shape).length;
  const plan = planSteps(config, batchesPerEpoch, validation.length > 0);
  const validationBatches = inBatches(validation, shape);

  // ---- The model.
  emit({ type: 'progress', phase: 'loading the model', step: 0, steps: plan.steps });
  const trainer = await createTrainer({
    modelFolder: folder,
    adapter:
      config.adapter === 'lora'
        ? {
            rank: config.lora_r,
            alpha: config.lora_alpha,
            dropout: config.lora_dropout,
            targetModules: config.lora_target_modules,
          }
        : undefined,
    optimizer: {
      beta1: config.adam_beta1,
      beta2: config.adam_beta2,
      epsilon: config.adam_epsilon,
      weightDecay: config.weight_decay,
      maxGradientNorm: config.max_grad_norm,
    },
    seed: config.seed,
    device: spec.device as 'auto' | 'cpu' | 'webgpu' | 'cuda' | undefined,
    dropout: config.dropout,
    labelSmoothing: config.label_smoothing,
  });

  emit({ type: 'ready', payload: { device: trainer.device } });

  // ---- Resume.
  let state: TrainingState = {
    step: 0,
    tokens: 0,
    seconds: 0,
    recentLoss: null,
    best: null,
    evaluationsWithoutGain: 0,
  };
  const found = await findCheckpoint(checkpoints);
  if (found !== undefined) {
    await trainer.loadCheckpoint(found.folder);
    state = found.state;
    emit({ type: 'message', level: 'info', text: `Resumed from the checkpoint of step ${state.step}.` });
  }

  // ---- The loop.
  const startedAt = performance.now() - state.seconds * 1000;
  const pointEvery = Math.ceil(plan.steps / maxPoints);
  let epoch = -1;
  let batches: ReturnType<typeof planEpoch> = [];
  let pointLosses: number[] = [];
  let lastProgressMs = 0;
  let window = { startedAt: performance.now(), tokens: 0 };
  let validated: Awaited<ReturnType<typeof validate>> | undefined;
  let stopped: string | undefined;

  while (state.step < plan.steps && stopped === undefined) {
    await yieldToEvents();
    if (signal.aborted) {
      await saveStep(checkpoints, trainer, state);
      emit({ type: 'message', level: 'info', text: `Stopped at step ${state.step}; its checkpoint is saved.` });
      await trainer.dispose();
      throw signal.reason;
    }

    // The next batches: position in the data follows from the step alone.
    const step = state.step;
    const planned = Array.from({ length: config.gradient_accumulation_steps }, (_, i) => {
      const position = step * config.gradient_accumulation_steps + i;
      if (Math.floor(position / batchesPerEpoch) !== epoch) {
        epoch = Math.floor(position / batchesPerEpoch);
        batches = planEpoch(train, { ...shape, seed: config.seed, epoch });
      }
      return { ...batches[position % batchesPerEpoch]!, position };
    });
    const tensors = planned.map(({ sequenceTokens, examples, position }) => {
      const random = randomStream(config.seed, 'words', position).uniform;
      const kept = config.word_dropout > 0 ? examples.map((e) => dropWords(e, config.word_dropout, random)) : examples;
      return toBatch({ sequenceTokens, examples: kept }, rows, tokenizer.padTokenId);
    });

    // One optimizer step.
    const rate = learningRate(step, plan.schedule);
    const { loss } = await trainer.step(tensors, rate);
    const tokens = planned.flatMap(({ examples }) => examples.map(positionsOf)).reduce((a, b) => a + b, 0);
    const recentLoss = updateRecentLoss(state.recentLoss, loss);
    checkLoss(loss, recentLoss, {
      step: step + 1,
      vocabularySize: modelConfig.vocabularySize,
      learningRate: rate,
      rows: `epoch ${epoch + 1}, batch ${(planned[0]!.position % batchesPerEpoch) + 1} of ${batchesPerEpoch}`,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    state = { ...state, step: step + 1, tokens: state.tokens + tokens, seconds, recentLoss };

    // Points and progress.
    pointLosses.push(loss);
    if (state.step % pointEvery === 0 || state.step === plan.steps) {
      emit({ type: 'metric', name: 'train_loss', step: state.step, value: mean(pointLosses) });
      emit({ type: 'metric', name: 'learning_rate', step: state.step, value: rate });
      pointLosses = [];
    }
    window.tokens += tokens;
    const now = performance.now();
    if (now - lastProgressMs > progressEveryMs || state.step === plan.steps) {
      const tokensPerSecond = (window.tokens / (now - window.startedAt)) * 1000;
      const figures = { loss: recentLoss, tokensPerSecond, memoryBytes: process.memoryUsage.rss(), learningRate: rate };
      emit({ type: 'progress', phase: 'training', step: state.step, steps: plan.steps, figures });
      lastProgressMs = now;
      if (now - window.startedAt > 5000) window = { startedAt: now, tokens: 0 };
    }

    // Validation, the best weights, early stopping.
    if (plan.evaluatesAt(state.step)) {
      validated = await validate(trainer, validationBatches, { rows, padTokenId: tokenizer.padTokenId, signal });
      if (validated === undefined) continue;
      emit({ type: 'metric', name: 'validation_loss', step: state.step, value: validated.loss });
      emit({ type: 'metric', name: 'validation_exact_match', step: state.step, value: validated.exactMatch });
      const isBest = state.best === null || validated.loss < state.best.loss;
      state.best = isBest ? { step: state.step, loss: validated.loss } : state.best;
      state.evaluationsWithoutGain = isBest ? 0 : state.evaluationsWithoutGain + 1;
      if (isBest && plan.keepsBest) await saveCheckpoint(checkpoints, 'best', trainer, state);
      if (state.evaluationsWithoutGain >= (config.early_stopping_patience ?? Number.POSITIVE_INFINITY)) {
        stopped = `the validation loss has not fallen for ${state.evaluationsWithoutGain} evaluations`;
        emit({ type: 'message', level: 'info', text: `Stopped at step ${state.step}: ${stopped}.` });
      }
    }
    if (plan.savesAt(state.step)) {
      emit({ type: 'checkpoint', step: state.step, path: await saveStep(checkpoints, trainer, state) });
    }
  }

  // ---- The model that comes out: the best weights if asked for, merged, with the adapter beside it.
  emit({ type: 'progress', phase: 'saving the model', step: state.step, steps: plan.steps });
  if (plan.keepsBest && state.best !== null && state.best.step < state.step) {
    await trainer.loadCheckpoint(path.join(checkpoints, 'best'));
    validated = await validate(trainer, validationBatches, { rows, padTokenId: tokenizer.padTokenId });
  }
  const output = path.join(jobFolder, 'model');
  await trainer.saveModel(output, { dtype: config.save_dtype });
  if (config.adapter === 'lora') {
    await trainer.saveAdapter(path.join(output, 'adapter'), 'ref' in base ? base.ref : '');
  }
  await trainer.dispose();
  return {
    folder: output,
    architecture: modelConfig.architecture,
    device: trainer.device,
    totalParameters: trainer.totalParameters,
    trainableParameters: trainer.trainableParameters,
    steps: state.step,
    tokens: state.tokens,
    seconds: state.seconds,
    examples: { train: train.length, validation: validation.length, tooLong },
    trainLoss: state.recentLoss ?? 0,
    validationLoss: validated?.loss,
    validationExactMatch: validated?.exactMatch,
    stopped,
  };
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
