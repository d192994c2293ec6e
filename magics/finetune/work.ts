import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { attentionBlockSize } from '../engine/attention-blocks.ts';
import { lossTargets } from '../engine/batch.ts';
import type { JobHandler } from '../jobs/protocol.ts';
import { type BatchPlan, inBatches, type PlannedBatch, positionsOf, toBatch } from './batches.ts';
import { chooseBuckets } from './buckets.ts';
import { canPackWeights, checkMemory, memoryText } from './check-memory.ts';
import { removeTorn, resumeFrom, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import { hasAdapter } from './config.ts';
import { modelNotWritten } from './errors.ts';
import { type FinetuneResult, finetunePayload } from './payload.ts';
import { prepareExamples } from './prepare-examples.ts';
import { learningRate, planSteps } from './schedule.ts';
import { startTrainer, weightsOf } from './start-trainer.ts';
import { createStepBatches } from './step-batches.ts';
import { createTrainingProgress } from './training-progress.ts';
import { validate } from './validate.ts';
import { checkLoss, updateRecentLoss } from './watchdog.ts';

/** At most this many sequence lengths: batches of one length share their memory's layout. */
const maxBuckets = 4;
/** At most this many points of the training loss reach the events. */
const maxPoints = 2000;

/**
 * Trains a model: the work of a `finetune` job. Everything is decided by the payload and its seed; a job that was
 * stopped continues from its last checkpoint with the same batches in the same order, as if it had never stopped.
 */
export const work: JobHandler = async ({ spec, jobFolder, emit, signal }): Promise<FinetuneResult> => {
  const payload = finetunePayload.parse(spec.payload);
  const { config, base } = payload;
  const checkpoints = path.join(jobFolder, 'checkpoints');

  // ---- Data: rows -> documents -> sequences of tokens -> batches.
  emit({ type: 'progress', phase: 'reading data', step: 0 });
  const prepared = await prepareExamples(payload, path.join(jobFolder, 'base'), { emit, signal });
  const { folder, modelConfig, tokenizer, train, validation, longest } = prepared;
  const rows = config.micro_batch_size;
  const buckets = chooseBuckets([...train, ...validation].map(positionsOf), maxBuckets);
  const packing = { capacity: longest, padsToCapacity: config.pad_to_sequence_len ?? false };
  const batchPlan: BatchPlan = { rows, buckets, ...(config.sample_packing && { packing }) };
  const firstPass = inBatches(train, batchPlan);
  const batchesPerEpoch = firstPass.length;
  const plan = planSteps(config, batchesPerEpoch, validation.length > 0);
  const validationBatches = inBatches(validation, { rows, buckets });

  // ---- Whether it fits.
  const longestTokens = Math.max(config.sample_packing ? longest : 0, buckets.at(-1)!);
  const blockSize = attentionBlockSize(typicalTokens(firstPass), longestTokens);
  const shape = {
    config: modelConfig,
    ...weightsOf(config),
    attentionBlockSize: blockSize,
    ...largestOf(firstPass, tokenizer.padTokenId),
  };
  const packsWeights = canPackWeights(shape);
  const memory = checkMemory({ ...shape, packsWeights });
  emit({ type: 'message', level: 'info', text: `This training takes ${memoryText(memory)}.` });

  // ---- The model.
  emit({ type: 'progress', phase: 'loading the model', step: 0, steps: plan.steps });
  const trainer = await startTrainer(config, {
    modelFolder: folder,
    longestTokens,
    attentionBlockSize: blockSize,
    device: spec.device,
    packsWeights,
  });
  const computing = trainer.engine === undefined ? trainer.device : `${trainer.device} (${trainer.engine})`;
  emit({ type: 'ready', payload: { device: computing } });

  // ---- Resume.
  let state: TrainingState = {
    step: 0,
    tokens: 0,
    seconds: 0,
    recentLoss: null,
    pointLosses: [],
    best: null,
    evaluationsWithoutGain: 0,
  };
  const warn = (text: string) => emit({ type: 'message', level: 'warning', text });
  await removeTorn(checkpoints);
  const resumed = await resumeFrom(checkpoints, 'step', trainer, warn);
  if (resumed !== undefined) {
    state = resumed;
    emit({ type: 'message', level: 'info', text: `Resumed from the checkpoint of step ${state.step}.` });
  }

  // ---- The loop.
  const startedAt = performance.now() - state.seconds * 1000;
  const pointEvery = Math.ceil(plan.steps / maxPoints);
  const batchesOf = createStepBatches(train, {
    plan: batchPlan,
    batchesPerEpoch,
    padTokenId: tokenizer.padTokenId,
    config,
  });
  const progress = createTrainingProgress(emit, { from: state.step, steps: plan.steps });
  let validated: Awaited<ReturnType<typeof validate>> | undefined;
  let stopped: string | undefined;

  while (state.step < plan.steps && stopped === undefined) {
    await yieldToEvents();
    if (signal.aborted) {
      await saveCheckpoint(checkpoints, 'step', trainer, state);
      emit({ type: 'message', level: 'info', text: `Stopped at step ${state.step}; its checkpoint is saved.` });
      await trainer.dispose();
      throw signal.reason;
    }

    // One optimizer step.
    const batches = batchesOf(state.step);
    const rate = learningRate(state.step, plan.schedule);
    const { loss } = await trainer.step(batches.tensors, rate);
    const step = state.step + 1;
    const recentLoss = updateRecentLoss(state.recentLoss, loss);
    checkLoss(loss, recentLoss, {
      step,
      vocabularySize: modelConfig.vocabularySize,
      learningRate: rate,
      batch: batches.name,
      rows: batches.rows,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const pointLosses = [...state.pointLosses, loss];
    state = { ...state, step, tokens: state.tokens + batches.tokens, seconds, recentLoss, pointLosses };

    // Points and progress.
    if (step % pointEvery === 0 || step === plan.steps) {
      emit({ type: 'metric', name: 'train_loss', step, value: mean(pointLosses) });
      emit({ type: 'metric', name: 'learning_rate', step, value: rate });
      state.pointLosses = [];
    }
    progress.stepped({ step, tokens: batches.tokens, loss: recentLoss, learningRate: rate });

    // Validation, the best weights, early stopping.
    if (plan.evaluatesAt(step)) {
      validated = await validate(trainer, validationBatches, { padTokenId: tokenizer.padTokenId, signal });
      if (validated === undefined) continue;
      emit({ type: 'metric', name: 'validation_loss', step, value: validated.loss });
      emit({ type: 'metric', name: 'validation_exact_match', step, value: validated.exactMatch });
      const isBest = state.best === null || validated.loss < state.best.loss;
      state.best = isBest ? { step, loss: validated.loss } : state.best;
      state.evaluationsWithoutGain = isBest ? 0 : state.evaluationsWithoutGain + 1;
      if (isBest && plan.keepsBest) await saveCheckpoint(checkpoints, 'best', trainer, state);
      if (state.evaluationsWithoutGain >= (config.early_stopping_patience ?? Number.POSITIVE_INFINITY)) {
        stopped = `the validation loss has not fallen for ${state.evaluationsWithoutGain} evaluations`;
        emit({ type: 'message', level: 'info', text: `Stopped at step ${step}: ${stopped}.` });
      }
    }
    if (plan.savesAt(step)) {
      emit({ type: 'checkpoint', step, path: await saveCheckpoint(checkpoints, 'step', trainer, state) });
    }
  }

  // ---- The model that comes out: the best weights if asked for, merged, with the adapter beside it.
  emit({ type: 'progress', phase: 'saving the model', step: state.step, steps: plan.steps });
  if (plan.keepsBest && state.best !== null && state.best.step < state.step) {
    await resumeFrom(checkpoints, 'best', trainer, warn);
    validated = await validate(trainer, validationBatches, { padTokenId: tokenizer.padTokenId });
  }
  const output = path.join(jobFolder, 'model');
  try {
    await trainer.saveModel(output, { dtype: config.save_dtype });
    if (hasAdapter(config)) await trainer.saveAdapter(path.join(output, 'adapter'), 'ref' in base ? base.ref : '');
  } catch (cause) {
    await rm(output, { recursive: true, force: true });
    throw modelNotWritten(output, cause) ?? cause;
  }
  await trainer.dispose();
  return {
    folder: output,
    architecture: modelConfig.architecture,
    device: trainer.device,
    engine: trainer.engine,
    totalParameters: trainer.totalParameters,
    trainableParameters: trainer.trainableParameters,
    steps: state.step,
    tokens: state.tokens,
    seconds: state.seconds,
    examples: { train: train.length, validation: validation.length, tooLong: prepared.tooLong },
    memory: { estimated: Math.round(memory.total), peak: process.resourceUsage().maxRSS * 1024 },
    estimatedSeconds: progress.estimate,
    trainLoss: state.recentLoss ?? 0,
    validationLoss: validated?.loss,
    validationExactMatch: validated?.exactMatch,
    stopped,
  };
};

/** The length of the batches that most of the time goes to: the mean over all positions of the length of their batch. */
function typicalTokens(batches: readonly PlannedBatch[]): number {
  const sum = (of: (batch: PlannedBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
  const positions = ({ rows, sequenceTokens }: PlannedBatch) => rows.length * sequenceTokens;
  return sum((batch) => positions(batch) * batch.sequenceTokens) / sum(positions);
}

/** The batch with the most positions, and how many of them get logits. */
function largestOf(batches: readonly PlannedBatch[], padTokenId: number) {
  const size = ({ rows, sequenceTokens }: PlannedBatch) => rows.length * sequenceTokens;
  const largest = batches.reduce((best, batch) => (size(batch) > size(best) ? batch : best));
  const chosen = lossTargets(toBatch(largest, padTokenId)).positions.length;
  return { rows: largest.rows.length, tokens: largest.sequenceTokens, chosen };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
