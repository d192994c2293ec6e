import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeTorn, resumeFrom, saveCheckpoint, type TrainingState } from '../../../magics/finetune/checkpoint.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

/** A trainer whose whole state is one text. */
function makeTrainer(weights = 'weights') {
  const loaded: string[] = [];
  return {
    loaded,
    saveCheckpoint: (folder: string) => writeFile(path.join(folder, 'weights'), weights),
    loadCheckpoint: async (folder: string) => {
      loaded.push(await readFile(path.join(folder, 'weights'), 'utf8'));
    },
  };
}

function stateAt(step: number): TrainingState {
  return {
    step,
    tokens: step * 10,
    seconds: step,
    recentLoss: 1,
    pointLosses: [0.5],
    best: null,
    evaluationsWithoutGain: 0,
  };
}

/** Linux has a device that is always full; elsewhere the failure is made by hand. */
async function writeToFullDisk(): Promise<void> {
  if (existsSync('/dev/full')) await writeFile('/dev/full', 'weights');
  else throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

async function resume(folder: string) {
  const trainer = makeTrainer();
  const damages: string[] = [];
  const state = await resumeFrom(folder, 'step', trainer, (damage) => damages.push(damage));
  return { state, damages, loaded: trainer.loaded };
}

describe('checkpoints', () => {
  it('keep the two newest steps and the newest best, and give the furthest state back', async () => {
    const folder = makeFolder();
    for (const step of [9, 10, 100]) await saveCheckpoint(folder, 'step', makeTrainer(`at ${step}`), stateAt(step));
    for (const step of [10, 100]) await saveCheckpoint(folder, 'best', makeTrainer(), stateAt(step));
    expect((await readdir(folder)).sort()).toEqual(['best-100', 'step-10', 'step-100']);
    expect(await resume(folder)).toEqual({ state: stateAt(100), damages: [], loaded: ['at 100'] });
  });

  it.each([
    ['a file was cut short', (folder: string) => truncate(path.join(folder, 'weights'), 3), /weights has changed/],
    ['a file has other bytes', (folder: string) => writeFile(path.join(folder, 'weights'), 'weighty'), /has changed/],
    ['state.json was cut short', (folder: string) => truncate(path.join(folder, 'state.json'), 20), /cannot be read/],
    [
      'another step stands in its state.json',
      (folder: string) => copyFile(path.join(folder, 'weights'), path.join(folder, 'state.json')),
      /cannot be read/,
    ],
  ])('that are damaged are reported and passed over for the one before: %s', async (_, damage, reason) => {
    const folder = makeFolder();
    for (const step of [5, 6]) await saveCheckpoint(folder, 'step', makeTrainer(`at ${step}`), stateAt(step));
    await damage(path.join(folder, 'step-6'));
    const { state, damages, loaded } = await resume(folder);
    expect(state).toEqual(stateAt(5));
    expect(damages).toEqual([expect.stringMatching(reason)]);
    expect(damages[0]).toContain('step-6');
    expect(loaded).toEqual(['at 5']);
  });

  it('that a crash left half written are passed over, and removed at the next start', async () => {
    const folder = makeFolder();
    await saveCheckpoint(folder, 'step', makeTrainer(), stateAt(5));
    await mkdir(path.join(folder, 'step-7.tmp'));
    await mkdir(path.join(folder, 'step-6'));
    expect((await resume(folder)).state?.step).toBe(5);
    await removeTorn(folder);
    expect((await readdir(folder)).sort()).toEqual(['step-5', 'step-6']);
  });

  it('name a full disk, leave nothing half written and keep the last', async () => {
    const folder = makeFolder();
    await saveCheckpoint(folder, 'step', makeTrainer(), stateAt(5));
    const full = { saveCheckpoint: writeToFullDisk };
    await expect(saveCheckpoint(folder, 'step', full, stateAt(6))).rejects.toThrow(
      /checkpoint of step 6 could not be written to .*step-6: no space is left on the disk\. The one of step 5 is kept\. Make room/,
    );
    expect(await readdir(folder)).toEqual(['step-5']);
    expect((await resume(folder)).state?.step).toBe(5);
  });

  it('keep an unexpected failure as it is', async () => {
    const broken = { saveCheckpoint: () => Promise.reject(new TypeError('a bug')) };
    await expect(saveCheckpoint(makeFolder(), 'step', broken, stateAt(6))).rejects.toThrow(TypeError);
  });

  it('are absent in a new job', async () => {
    expect(await resume(path.join(makeFolder(), 'none'))).toEqual({ state: undefined, damages: [], loaded: [] });
  });
});
