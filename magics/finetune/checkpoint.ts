import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Trainer } from '../engine/types.ts';

/** Where training stands: with the trainer's own state and the seed, everything that the next step depends on. */
export const trainingState = z.strictObject({
  step: z.int().describe('optimizer steps made'),
  tokens: z.int(),
  seconds: z.number(),
  /** Mean loss of recent steps, nats; the watchdog's memory. */
  recentLoss: z.number().nullable(),
  best: z.strictObject({ step: z.int(), loss: z.number() }).nullable(),
  evaluationsWithoutGain: z.int(),
});
export type TrainingState = z.output<typeof trainingState>;

/**
 * Saves a checkpoint `<folder>/<name>`: written beside it and renamed, so that a reader finds a whole one or none.
 * Replaces a checkpoint of the same name.
 */
export async function saveCheckpoint(
  folder: string,
  name: string,
  trainer: Pick<Trainer, 'saveCheckpoint'>,
  state: TrainingState,
): Promise<string> {
  const target = path.join(folder, name);
  const temporary = `${target}.${process.pid}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await trainer.saveCheckpoint(temporary);
  await writeFile(path.join(temporary, 'state.json'), JSON.stringify(state));
  await rm(target, { recursive: true, force: true });
  await rename(temporary, target);
  return target;
}

/** Saves the checkpoint of a step and removes those of earlier steps. */
export async function saveStep(folder: string, trainer: Trainer, state: TrainingState): Promise<string> {
  const saved = await saveCheckpoint(folder, `step-${state.step}`, trainer, state);
  for (const { name, step } of await steps(folder)) {
    if (step < state.step) await rm(path.join(folder, name), { recursive: true, force: true });
  }
  return saved;
}

/** Folder and state of the furthest whole checkpoint, or undefined. */
export async function findCheckpoint(folder: string): Promise<{ folder: string; state: TrainingState } | undefined> {
  for (const { name } of (await steps(folder)).sort((a, b) => b.step - a.step)) {
    const text = await readFile(path.join(folder, name, 'state.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return { folder: path.join(folder, name), state: trainingState.parse(JSON.parse(text)) };
  }
  return undefined;
}

async function steps(folder: string): Promise<{ name: string; step: number }[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const match = /^step-(\d+)$/.exec(name);
    return match === null ? [] : [{ name, step: Number(match[1]) }];
  });
}
