import { totalmem } from 'node:os';
import { estimateMemory, type MemoryEstimate, type TrainingShape } from '../engine/estimate-memory.ts';
import { UserError } from '../errors.ts';

/** What a training will take; a UserError that says what would fit when this machine does not have it. */
export function checkMemory(shape: TrainingShape, limit: number = memoryLimit()): MemoryEstimate {
  const estimate = estimateMemory(shape);
  if (estimate.total > limit) throw memoryTooSmall(estimate, limit, remediesFor(shape, limit));
  return estimate;
}

/** Whether frozen weights can be kept twice, which is faster, and the training still takes at most half the memory. */
export function canPackWeights(shape: TrainingShape, limit: number = memoryLimit()): boolean {
  const isFrozen = shape.adapter !== undefined && !shape.quantized;
  return isFrozen && estimateMemory({ ...shape, packsWeights: true }).total <= limit / 2;
}

/** `about 1.4 GiB of memory (weights 540 MiB, gradients and moments 8 MiB, activations 700 MiB)` */
export function memoryText({ total, weights, state, activations }: MemoryEstimate): string {
  const parts = `weights ${sizeText(weights)}, gradients and moments ${sizeText(state)}, activations ${sizeText(activations)}`;
  return `about ${sizeText(total)} of memory (${parts})`;
}

/** Memory that this process may use: the machine's, or its container's. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/** The settings that would fit, the least harmful first. */
function remediesFor(shape: TrainingShape, limit: number): string[] {
  const fits = (change: Partial<TrainingShape>) => estimateMemory({ ...shape, ...change }).total <= limit;
  const smaller = (rows: number) => ({ rows, chosen: Math.ceil((shape.chosen * rows) / shape.rows) });
  const rows = Array.from({ length: shape.rows }, (_, i) => shape.rows - i).find((count) => fits(smaller(count)));
  const adapter = { rank: 16, targetModules: ['all-linear'] };
  const candidates: [boolean, string][] = [
    [rows !== undefined, `micro_batch_size: ${rows} (with more gradient_accumulation_steps)`],
    [!shape.recomputesLayers && fits({ recomputesLayers: true }), 'gradient_checkpointing: true'],
    [shape.adapter === undefined && fits({ adapter }), 'adapter: lora'],
    [!shape.quantized && fits({ adapter: shape.adapter ?? adapter, quantized: true }), 'adapter: qlora'],
    [fits({ ...smaller(1), adapter: shape.adapter ?? adapter, quantized: true, recomputesLayers: true }), allTogether],
  ];
  return candidates.filter(([isFitting]) => isFitting).map(([, text]) => text);
}

const allTogether = 'adapter: qlora, gradient_checkpointing: true and micro_batch_size: 1 together';

function memoryTooSmall(estimate: MemoryEstimate, limit: number, remedies: readonly string[]): UserError {
  const advice =
    remedies.length === 0
      ? 'No setting would make it fit: use a smaller base_model or a shorter sequence_len.'
      : `What would fit: ${remedies.join('; or ')}.`;
  return new UserError(
    `This training would take ${memoryText(estimate)}, and the machine has ${sizeText(limit)}. ${advice}`,
    { offending: 'micro_batch_size' },
  );
}

function sizeText(bytes: number): string {
  const gib = bytes / 2 ** 30;
  if (gib >= 1) return `${gib.toPrecision(gib >= 10 ? 3 : 2)} GiB`;
  return `${Math.max(1, Math.round(gib * 1024))} MiB`;
}
