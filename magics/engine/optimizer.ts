import { availableParallelism } from 'node:os';
import { buildSquareSumGraph, buildUpdateGraph, type StepScalars, stepScalars, updatedPrefix } from './adamw.ts';
import { scalar, scalarOf } from './feeds.ts';
import type { FlatState } from './flat-state.ts';
import { type BoundRun, createSession, type Session } from './session.ts';
import type { HostTensor } from './tensor.ts';
import type { OptimizerOptions } from './types.ts';

/** AdamW over a flat state, in place. */
export interface Optimizer {
  /** Updates the state from its gradients; answers their norm. `step` counts from 1. */
  update(step: number, learningRate: number): Promise<number>;
  release(): Promise<void>;
}

/** Numbers treated at a time: with their gradient, moments and temporaries they fit into a core's own cache. */
const chunkElements = 1 << 16;
/** Up to so many chunks take less time than handing them to another thread. */
const fewChunks = 4;

/**
 * The state is cut into chunks that stay in cache through all of an update's operators; each thread takes every nth.
 * The order of summation does not depend on the threads.
 */
export async function createOptimizer(
  state: FlatState,
  options: OptimizerOptions,
  threads = availableParallelism(),
): Promise<Optimizer> {
  const sessionOptions = { device: 'cpu', threads: 1 } as const;
  const [squares, updates] = await Promise.all([
    createSession(buildSquareSumGraph(), sessionOptions),
    createSession(buildUpdateGraph(options), sessionOptions),
  ]);
  const scalars = createScalars();
  const chunks = state.ranges.flatMap((range) =>
    cut(range.start, range.end).map((part) => ({ ...part, ...range, ...part })),
  );
  const sums = chunks.map(() => scalar(0));
  const squareRuns = chunks.map((chunk, i) =>
    squares.bind({ gradient: part(state.gradients, chunk) }, { sum: sums[i]! }),
  );
  const updateRuns = chunks.map((chunk) => bindUpdate(updates, state, chunk, scalars.tensors(chunk.isDecayed)));
  return {
    async update(step, learningRate) {
      await runAll(squareRuns, threads);
      const norm = Math.sqrt(sums.reduce((sum, each) => sum + scalarOf(each), 0));
      scalars.set(stepScalars(options, { step, norm, learningRate }));
      await runAll(updateRuns, threads);
      return norm;
    },
    async release() {
      await Promise.all([squares.release(), updates.release()]);
    },
  };
}

interface Chunk {
  start: number;
  end: number;
}

function cut(start: number, end: number): Chunk[] {
  const count = Math.ceil((end - start) / chunkElements);
  return Array.from({ length: count }, (_, i) => {
    const from = start + i * chunkElements;
    return { start: from, end: Math.min(end, from + chunkElements) };
  });
}

function bindUpdate(session: Session, state: FlatState, chunk: Chunk, scalars: Record<string, HostTensor>): BoundRun {
  const [parameter, mean, variance] = [state.values, state.means, state.variances].map((array) => part(array, chunk));
  const changed = { parameter: parameter!, mean: mean!, variance: variance! };
  const outputs = Object.entries(changed).map(([name, tensor]) => [updatedPrefix + name, tensor]);
  return session.bind({ ...changed, gradient: part(state.gradients, chunk), ...scalars }, Object.fromEntries(outputs));
}

function part(array: Float32Array, { start, end }: Chunk): HostTensor {
  return { type: 'float32', data: array.subarray(start, end), dims: [end - start] };
}

/** The step's scalars in memory that all chunks share; those without weight decay have a `keep` of 1. */
function createScalars() {
  const names = ['mean_share', 'variance_share', 'step_size', 'floor', 'keep'] as const;
  const shared = Object.fromEntries(names.map((name) => [name, scalar(0)])) as Record<keyof StepScalars, HostTensor>;
  const undecayed = { ...shared, keep: scalar(1) };
  return {
    tensors: (isDecayed: boolean) => (isDecayed ? shared : undecayed),
    set: (scalars: StepScalars) => {
      for (const name of names) shared[name].data[0] = scalars[name];
    },
  };
}

async function runAll(runs: readonly BoundRun[], threads: number): Promise<void> {
  if (runs.length <= fewChunks && runs.every((run) => run.runSync !== undefined)) {
    for (const run of runs) run.runSync!();
    return;
  }
  const lane = async (first: number) => {
    for (let i = first; i < runs.length; i += threads) await runs[i]!.run();
  };
  await Promise.all(Array.from({ length: threads }, (_, i) => lane(i)));
}
