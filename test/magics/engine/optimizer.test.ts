import { describe, expect, it } from 'vitest';
import { buildAllUpdatesGraph, gradientName, momentNames, updatedPrefix } from '../../../magics/engine/adamw.ts';
import { fromFeeds, scalar, scalarOf, toFeeds } from '../../../magics/engine/feeds.ts';
import { createFlatState, type FlatState } from '../../../magics/engine/flat-state.ts';
import { createOptimizer } from '../../../magics/engine/optimizer.ts';
import { randomStream } from '../../../magics/engine/random.ts';
import { createSession } from '../../../magics/engine/session.ts';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: 1 };
const shapes = new Map<string, number[]>([
  ['first', [37, 11]],
  ['bias', [7]],
  ['second', [300, 70]],
  ['norm', [33]],
]);
const steps = [1, 2, 3];
const learningRate = 0.01;

describe('AdamW', () => {
  it('follows its formula, with clipped gradients and with decay for matrices alone', async () => {
    const state = filledState();
    const expected = copyOf(state);
    const optimizer = createOptimizer(state, options);
    for (const step of steps) {
      fillGradients(state, step);
      const norm = reference(expected, state.views('gradients'), step);
      expect(norm).toBeGreaterThan(options.maxGradientNorm);
      expect(await optimizer.update(step, learningRate)).toBeCloseTo(norm, 6);
    }
    for (const [name, { data }] of state.all()) expect(worstError(data, expected.get(name)!), name).toBeLessThan(1e-6);
  });

  it('leaves small gradients as they are', async () => {
    const state = filledState();
    const expected = copyOf(state);
    for (const { gradients } of state.blocks) gradients.fill(1e-4);
    reference(expected, state.views('gradients'), 1);
    await createOptimizer(state, options).update(1, learningRate);
    for (const [name, { data }] of state.all()) expect(worstError(data, expected.get(name)!), name).toBeLessThan(1e-6);
  });

  it.each([
    ['two blocks', 21_100, [true, true]],
    ['blocks of which one parameter is larger', 1000, [true, false, true]],
  ])('computes the same bits in %s', async (_, blockElements, inMemory) => {
    const [whole, parts] = [filledState(), filledState(blockElements)];
    expect(whole.blocks).toHaveLength(1);
    expect(parts.blocks.map(({ memory }) => memory !== undefined)).toEqual(inMemory);
    const optimizers = [whole, parts].map((state) => createOptimizer(state, options));
    for (const step of steps) {
      for (const state of [whole, parts]) fillGradients(state, step);
      const [norm, other] = await Promise.all(optimizers.map((optimizer) => optimizer.update(step, learningRate)));
      expect(other).toBeCloseTo(norm!, 9);
    }
    for (const [name, { data }] of parts.all()) expect(data, name).toEqual(whole.all().get(name)!.data);
  });

  it('computes what the graph for devices computes', async () => {
    const state = filledState();
    fillGradients(state, 1);
    const gradients = new Map([...state.views('gradients')].map(([name, tensor]) => [gradientName(name), tensor]));
    const session = await createSession(buildAllUpdatesGraph(shapes, options), { device: 'cpu', threads: 1 });
    const { gradient_norm, ...updated } = await session.run({
      ...toFeeds(state.all()),
      ...toFeeds(gradients),
      learning_rate: scalar(learningRate),
      mean_correction: scalar(1 - options.beta1 ** 2),
      variance_correction: scalar(1 - options.beta2 ** 2),
    });
    await session.release();
    const norm = await createOptimizer(state, options).update(2, learningRate);
    expect(norm).toBeCloseTo(scalarOf(gradient_norm!), 4);
    const byGraph = fromFeeds(updated);
    for (const [name, { data }] of state.all()) {
      expect(worstError(data, byGraph.get(updatedPrefix + name)!.data), name).toBeLessThan(1e-6);
    }
  });
});

function filledState(blockElements?: number): FlatState {
  const state = createFlatState(shapes, blockElements);
  for (const [name, { data }] of state.all()) {
    const random = randomStream('state', name);
    const isVariance = name.startsWith('variance.');
    for (let i = 0; i < data.length; i++) data[i] = isVariance ? random.uniform() * 1e-3 : random.uniform() - 0.5;
  }
  return state;
}

function fillGradients(state: FlatState, step: number): void {
  for (const [name, { data }] of state.views('gradients')) {
    const random = randomStream('gradient', name, step);
    for (let i = 0; i < data.length; i++) data[i] = random.uniform() - 0.5;
  }
}

function copyOf(state: FlatState): Map<string, Float64Array> {
  return new Map([...state.all()].map(([name, { data }]) => [name, Float64Array.from(data)]));
}

/** One step as torch.optim.AdamW's documentation writes it, after clip_grad_norm_, in double precision; answers the norm. */
function reference(state: Map<string, Float64Array>, gradients: ReturnType<FlatState['views']>, step: number): number {
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = options;
  const all = [...gradients.values()].flatMap(({ data }) => [...data]);
  const norm = Math.sqrt(all.reduce((sum, gradient) => sum + gradient ** 2, 0));
  const clip = Math.min(1, maxGradientNorm / (norm + 1e-6));
  for (const [name, { shape, data }] of gradients) {
    const { mean, variance } = momentNames(name);
    const [values, means, variances] = [name, mean, variance].map((each) => state.get(each)!);
    for (const [i, gradient] of data.entries()) {
      const g = gradient * clip;
      if (shape.length > 1) values![i]! *= 1 - learningRate * weightDecay;
      means![i] = beta1 * means![i]! + (1 - beta1) * g;
      variances![i] = beta2 * variances![i]! + (1 - beta2) * g * g;
      const [m, v] = [means![i]! / (1 - beta1 ** step), variances![i]! / (1 - beta2 ** step)];
      values![i]! -= (learningRate * m) / (Math.sqrt(v) + epsilon);
    }
  }
  return norm;
}

/** The largest difference, as a share of the largest number. */
function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const numbers = Array.from(expected);
  const largest = Math.max(...numbers.map(Math.abs));
  return Math.max(...numbers.map((number, i) => Math.abs(number - actual[i]!))) / largest;
}
