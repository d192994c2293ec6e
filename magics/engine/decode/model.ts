import type { ModelConfig } from '../config.ts';
import type { BoundRun, Session } from '../session.ts';
import { type Feeds, zeros } from '../tensor.ts';
import type { AdapterTensors } from './adapters.ts';
import type { HostCache, KeyValueCache } from './cache.ts';
import type { RotaryTable } from './graph.ts';
import { fill, longest, type RowInput, tablesFor, tokenInputs } from './token-inputs.ts';

/** The model's answer at the positions asked for; memory that the next run may overwrite. */
export interface Logits {
  /** [n, vocabulary]; empty where the likeliest token was enough and the rest would have to come from another device. */
  all: Float32Array;
  /** The likeliest token of each. */
  best: BigInt64Array;
  bestLogProbability: Float32Array;
}

/** The decoding graph with its caches: feeds tokens, answers logits. One run at a time. */
export interface DecodeModel {
  readonly cache: KeyValueCache;
  /**
   * Runs new tokens of the rows from `first` on and appends them to their caches. `selected` are flat positions
   * (row * longest + place), at least one: ONNX Runtime's TopK divides by the number of rows, and ends the process for none.
   * Several rows with several tokens each must start at 0; shorter ones are padded on the right. `needsAll` says whether the
   * likeliest tokens are not enough.
   */
  run(first: number, rows: readonly RowInput[], selected: readonly number[], needsAll: boolean): Promise<Logits>;
  /** Runs new tokens as `run` does, and answers the final hidden states [rows * longest, hidden] instead. */
  hiddenStates(first: number, rows: readonly RowInput[]): Promise<Float32Array>;
  release(): Promise<void>;
}

interface Step {
  generation: number;
  inputs: ReturnType<typeof tokenInputs>;
  outputs: ReturnType<typeof logitOutputs>;
  bound: BoundRun;
}

/** Runs of this many positions are faster with 8-bit copies of 4-bit weights. */
const manyPositions = 4;

/** A row's next token, and a guess of those after it: runs that come again and again. */
const mostStepTokens = 16;

/** Sessions of the same graph, for runs of few positions and of many: one and the same, or with other copies of the weights. */
export interface DecodeSessions {
  few: Session;
  many: Session;
}

export function createDecodeModel(
  config: ModelConfig,
  { few, many }: DecodeSessions,
  rotaryTables: readonly RotaryTable[],
  adapters: AdapterTensors,
  cache: HostCache,
): DecodeModel {
  const names = new Set(few.inputNames);
  let rotary: { capacity: number; feeds: Feeds } = { capacity: 0, feeds: {} };
  /** Prepared runs from the first row on that answer at each of their few positions, by rows and tokens of each. */
  const steps = new Map<string, Step>();

  const rotaryFeeds = (): Feeds => {
    if (rotary.capacity !== cache.capacity) {
      rotary = { capacity: cache.capacity, feeds: tablesFor(rotaryTables, cache.capacity) };
    }
    return rotary.feeds;
  };

  const prepare = <Outputs extends Feeds>(
    first: number,
    [rows, tokens]: readonly [number, number],
    selected: number,
    outputs: Outputs,
  ) => {
    const inputs = tokenInputs(rows, tokens, selected);
    const { past, present } = cache.feeds(first, rows);
    const all: Feeds = { ...inputs, ...rotaryFeeds(), ...adapters.feeds, ...past };
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
    const session = rows * tokens < manyPositions ? few : many;
    return { inputs, outputs, bound: session.bind(used, { ...outputs, ...present }) };
  };

  const prepareLogits = (first: number, rows: number, tokens: number, selected: number): Omit<Step, 'generation'> =>
    prepare(first, [rows, tokens], selected, logitOutputs(selected, config.vocabularySize));

  const stepFor = (rows: number, tokens: number): Step => {
    const shape = `${rows} x ${tokens}`;
    const known = steps.get(shape);
    if (known?.generation === cache.generation) return known;
    for (const [other, step] of steps) {
      if (step.generation === cache.generation) continue;
      step.bound.release();
      steps.delete(other);
    }
    const step = { generation: cache.generation, ...prepareLogits(0, rows, tokens, rows * tokens) };
    steps.set(shape, step);
    return step;
  };

  return {
    cache,
    async run(first, rows, selected) {
      const tokens = longest(rows);
      const isStep = first === 0 && tokens <= mostStepTokens && selected.length === rows.length * tokens;
      const { inputs, outputs, bound } = isStep
        ? stepFor(rows.length, tokens)
        : prepareLogits(first, rows.length, tokens, selected.length);
      fill(inputs, rows, tokens, selected);
      try {
        await bound.run();
      } finally {
        if (!isStep) bound.release();
      }
      return {
        all: outputs.logits.data,
        best: outputs.best.data,
        bestLogProbability: outputs.best_log_probability.data,
      };
    },
    async hiddenStates(first, rows) {
      const shape = [rows.length, longest(rows)] as const;
      const hidden = zeros('float32', [shape[0] * shape[1], config.hiddenSize]);
      // The graph computes the logits of at least one position.
      const { inputs, outputs, bound } = prepare(first, shape, 1, { hidden });
      fill(inputs, rows, shape[1], [0]);
      try {
        await bound.run();
      } finally {
        bound.release();
      }
      return outputs.hidden.data;
    },
    release: async () => {
      await few.release();
      await many.release();
    },
  };
}

function logitOutputs(count: number, vocabularySize: number) {
  return {
    logits: zeros('float32', [count, vocabularySize]),
    best: zeros('int64', [count]),
    best_log_probability: zeros('float32', [count]),
  };
}
