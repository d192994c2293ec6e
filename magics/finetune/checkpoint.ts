import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Trainer } from '../engine/types.ts';
import { digestFile } from '../governance/objects.ts';
import { checkpointNotWritten } from './errors.ts';

/** Where training stands: with the trainer's own state and the seed, everything that the next step depends on. */
export const trainingState = z.strictObject({
  step: z.int().describe('optimizer steps made'),
  tokens: z.int(),
  seconds: z.number(),
  /** Mean loss of recent steps, nats; the watchdog's memory. */
  recentLoss: z.number().nullable(),
  /** Losses since the curve's last point. */
  pointLosses: z.array(z.number()),
  best: z.strictObject({ step: z.int(), loss: z.number() }).nullable(),
  evaluationsWithoutGain: z.int(),
});
export type TrainingState = z.output<typeof trainingState>;

/** state.json: it comes last, and tells the other files' digests, so that a torn or damaged checkpoint shows. */
const manifest = z.strictObject({ state: trainingState, files: z.record(z.string(), z.string()) });

/** `step` is what a resumed training continues from; `best` holds the weights of the lowest validation loss. */
export type CheckpointKind = 'step' | 'best';

export interface Checkpoint {
  readonly name: string;
  readonly folder: string;
  readonly step: number;
}

/** How many checkpoints of a kind are kept: with two steps a damaged one costs little. */
const kept: Record<CheckpointKind, number> = { step: 2, best: 1 };

/**
 * Saves the checkpoint `<folder>/<kind>-<step>` and removes old ones of its kind. It is written beside its place,
 * flushed to the disk and renamed: whenever the process dies, a reader finds a whole one or none.
 * UserError when the disk is full or read-only; what was saved before stays.
 */
export async function saveCheckpoint(
  folder: string,
  kind: CheckpointKind,
  trainer: Pick<Trainer, 'saveCheckpoint'>,
  state: TrainingState,
): Promise<string> {
  const target = path.join(folder, `${kind}-${state.step}`);
  const temporary = `${target}.tmp`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await trainer.saveCheckpoint(temporary);
    await writeManifest(temporary, state);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    await flushFolder(folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    const [earlier] = await listCheckpoints(folder, 'step');
    throw checkpointNotWritten(target, state.step, earlier?.step, cause) ?? cause;
  }
  for (const old of (await listCheckpoints(folder, kind)).slice(kept[kind])) {
    await rm(old.folder, { recursive: true, force: true });
  }
  return target;
}

/** Checkpoints of a kind, the furthest first, as their folders are named; whether one is whole, `readCheckpoint` tells. */
export async function listCheckpoints(folder: string, kind: CheckpointKind): Promise<Checkpoint[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const match = /^(step|best)-(\d+)$/.exec(name);
    return match?.[1] === kind ? [{ name, folder: path.join(folder, name), step: Number(match[2]) }] : [];
  });
  return found.sort((a, b) => b.step - a.step);
}

/**
 * Loads the furthest whole checkpoint of a kind into the trainer and answers where training stood. A damaged one is
 * reported and passed over for the one before it; undefined when none is whole.
 */
export async function resumeFrom(
  folder: string,
  kind: CheckpointKind,
  trainer: Pick<Trainer, 'loadCheckpoint'>,
  report: (damage: string) => void,
): Promise<TrainingState | undefined> {
  for (const checkpoint of await listCheckpoints(folder, kind)) {
    const read = await readCheckpoint(checkpoint);
    if ('damage' in read) {
      report(`The checkpoint ${checkpoint.name} is damaged (${read.damage}) and was passed over.`);
      continue;
    }
    await trainer.loadCheckpoint(checkpoint.folder);
    return read.state;
  }
  return undefined;
}

/** Removes what killed processes left half written. */
export async function removeTorn(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.tmp')) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function readCheckpoint({ folder }: Checkpoint): Promise<{ state: TrainingState } | { damage: string }> {
  const text = await readFile(path.join(folder, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) return { damage: `it has no ${manifestName}` };
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success) return { damage: `${manifestName} cannot be read` };
  for (const [name, digest] of Object.entries(parsed.data.files)) {
    const found = await digestFile(path.join(folder, name)).catch(() => undefined);
    if (found !== digest) return { damage: `${name} ${found === undefined ? 'is missing' : 'has changed'}` };
  }
  return { state: parsed.data.state };
}

const manifestName = 'state.json';

async function writeManifest(folder: string, state: TrainingState): Promise<void> {
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) files[name] = await digestFile(path.join(folder, name));
  const handle = await open(path.join(folder, manifestName), 'w');
  try {
    await handle.writeFile(JSON.stringify({ state, files }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await flushFolder(folder);
}

/** Flushes a folder's entries to the disk, where the system lets folders be opened. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  } finally {
    await handle.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
