import { setImmediate } from 'node:timers/promises';
import { stepScalars } from './adamw.ts';
import { createAdamWKernel, cut } from './adamw-kernel.ts';
import type { FlatState } from './flat-state.ts';
import type { OptimizerOptions } from './types.ts';

/** AdamW over a flat state, in place. */
export interface Optimizer {
  /** Updates the state from its gradients; answers their norm. `step` counts from 1. */
  update(step: number, learningRate: number): Promise<number>;
}

/** Numbers treated before others get their turn: some milliseconds. */
const pieceElements = 1 << 22;

export function createOptimizer(state: FlatState, options: OptimizerOptions): Optimizer {
  const pieces = state.blocks.flatMap((block) => {
    const kernel = createAdamWKernel(block, options);
    return block.ranges.flatMap(({ start, end, isDecayed }) =>
      [...cut(start, end, pieceElements)].map(([from, to]) => ({ kernel, from, to, isDecayed })),
    );
  });
  const eachPiece = async (treat: (piece: (typeof pieces)[number]) => void) => {
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) await setImmediate();
      treat(piece);
    }
  };
  return {
    async update(step, learningRate) {
      let squares = 0;
      await eachPiece(({ kernel, from, to }) => {
        squares += kernel.squares(from, to);
      });
      const norm = Math.sqrt(squares);
      const scalars = stepScalars(options, { step, norm, learningRate });
      const undecayed = { ...scalars, keep: 1 };
      await eachPiece(({ kernel, from, to, isDecayed }) => kernel.update(from, to, isDecayed ? scalars : undecayed));
      return norm;
    },
  };
}
