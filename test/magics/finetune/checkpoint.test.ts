import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../magics/engine/types.ts';
import { findCheckpoint, saveStep, type TrainingState } from '../../../magics/finetune/checkpoint.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

const trainer = {
  saveCheckpoint: (folder: string) => writeFile(path.join(folder, 'weights'), 'w'),
} as unknown as Trainer;

function stateAt(step: number): TrainingState {
  return { step, tokens: step * 10, seconds: step, recentLoss: 1, best: null, evaluationsWithoutGain: 0 };
}

describe('checkpoints', () => {
  it('keep the newest step only, and give its state back', async () => {
    const folder = makeFolder();
    for (const step of [9, 10, 100]) await saveStep(folder, trainer, stateAt(step));
    expect(await readdir(folder)).toEqual(['step-100']);
    expect(await findCheckpoint(folder)).toEqual({ folder: path.join(folder, 'step-100'), state: stateAt(100) });
  });

  it('that a crash left half written are passed over', async () => {
    const folder = makeFolder();
    await saveStep(folder, trainer, stateAt(5));
    await mkdir(path.join(folder, 'step-7.123.tmp'));
    await mkdir(path.join(folder, 'step-6'));
    expect((await findCheckpoint(folder))?.state.step).toBe(5);
  });

  it('are absent in a new job', async () => {
    expect(await findCheckpoint(path.join(makeFolder(), 'none'))).toBeUndefined();
  });
});
