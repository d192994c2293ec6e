import { describe, expect, it } from 'vitest';
import { checkLoss, updateRecentLoss } from '../../../magics/finetune/watchdog.ts';

const rows = [2, 9, 4, 7, 1, 3].map((row) => `Row ${row} of "tickets"`);
const where = { step: 100, vocabularySize: 1000, learningRate: 0.5, batch: 'batch 7 of 9 in epoch 1', rows };

describe('the loss watchdog', () => {
  it('stops at a loss that is no number, naming the batch, its rows and what to change', () => {
    expect(() => checkLoss(Number.NaN, 2, where)).toThrow(
      /The loss became NaN at step 100 \(learning rate 0\.500, batch 7 of 9 in epoch 1\)\. Lower learning_rate.*: Row 2 of "tickets", row 9 of "tickets", row 4 of "tickets", row 7 of "tickets" and 2 more\./,
    );
  });

  it('stops when the running mean is far worse than guessing, but not in the first steps', () => {
    const guessing = Math.log(1000);
    expect(() => checkLoss(20, guessing * 1.6, where)).toThrow(/worse than guessing \(6\.91\)/);
    expect(() => checkLoss(20, guessing * 1.6, { ...where, step: 5 })).not.toThrow();
    expect(() => checkLoss(20, guessing * 1.4, where)).not.toThrow();
  });

  it('follows the loss slowly', () => {
    let recent: number | null = null;
    for (let i = 0; i < 200; i++) recent = updateRecentLoss(recent, i < 100 ? 4 : 1);
    expect(recent).toBeCloseTo(1 + 3 * 0.95 ** 100, 10);
  });
});
