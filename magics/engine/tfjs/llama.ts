import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../config.ts';
import { adapterNames } from '../lora.ts';
import { rotaryAngles } from '../rotary-angles.ts';
import type { TensorFlow } from './backend.ts';

/** What a forward pass is given besides the tokens. */
export interface Pass {
  readonly config: ModelConfig;
  readonly rows: number;
  readonly sequenceTokens: number;
  /** Which sequence of its row each position belongs to; absent: one per row. */
  readonly segments?: Int32Array;
  weight(name: string): Tensor | undefined;
  /** alpha / rank; absent without an adapter. */
  readonly adapterScale?: number;
  /** Zeroes elements as the mask of this place says, and scales the others up; identity where there is no dropout. */
  readonly residualDropout: (x: Tensor2D) => Tensor2D;
  readonly adapterDropout: (x: Tensor2D) => Tensor2D;
}

/**
 * Logits [n, vocabulary] of a Llama at the chosen positions [n] of ids [rows * sequenceTokens]. Written apart from the
 * ONNX graphs, with TensorFlow.js's own gradients: the two are tested against each other.
 */
export function llamaLogits(tf: TensorFlow, pass: Pass, ids: Int32Array, positions: Int32Array): Tensor2D {
  const { config } = pass;
  const model = createModules(tf, pass);
  const table = pass.weight('model.embed_tokens.weight') as Tensor2D;
  const attend = createAttention(tf, pass);
  let x = pass.residualDropout(takeRows(tf, table, ids));
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const h = model.norm(x, `${prefix}.input_layernorm`);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => model.linear(h, `${prefix}.self_attn.${name}_proj`));
    const attended = model.linear(attend(layer, q!, k!, v!), `${prefix}.self_attn.o_proj`);
    x = tf.add(x, pass.residualDropout(attended));
    const g = model.norm(x, `${prefix}.post_attention_layernorm`);
    const gate = model.linear(g, `${prefix}.mlp.gate_proj`);
    const up = model.linear(g, `${prefix}.mlp.up_proj`);
    const fed = model.linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), `${prefix}.mlp.down_proj`);
    x = tf.add(x, pass.residualDropout(fed));
  }
  const hidden = takeRows(tf, model.norm(x, 'model.norm'), positions);
  return config.tiedEmbeddings ? tf.matMul(hidden, table, false, true) : model.linear(hidden, 'lm_head');
}

/** The modules with weights: x [n, width]. */
function createModules(tf: TensorFlow, { config, weight, adapterScale, adapterDropout }: Pass) {
  /** Adapters that read the same input share its mask. */
  const dropped = new Map<Tensor2D, Tensor2D>();
  const adapterInput = (x: Tensor2D): Tensor2D => {
    const known = dropped.get(x) ?? adapterDropout(x);
    dropped.set(x, known);
    return known;
  };
  return {
    norm(x: Tensor2D, module: string): Tensor2D {
      const meanSquare = tf.mean(tf.square(x), -1, true);
      const scale = tf.rsqrt(tf.add(meanSquare, config.normEpsilon));
      return tf.mul(tf.mul(x, scale), weight(`${module}.weight`)!);
    },
    linear(x: Tensor2D, module: string): Tensor2D {
      const y: Tensor2D = tf.matMul(x, weight(`${module}.weight`) as Tensor2D, false, true);
      const bias = weight(`${module}.bias`);
      const biased: Tensor2D = bias === undefined ? y : tf.add(y, bias);
      const names = adapterNames(module);
      const [a, b] = [weight(names.a), weight(names.b)];
      if (a === undefined || b === undefined || adapterScale === undefined) return biased;
      const reduced = tf.matMul(adapterInput(x), a as Tensor2D, false, true);
      return tf.add(biased, tf.mul(tf.matMul(reduced, b as Tensor2D, false, true), adapterScale));
    },
  };
}

/** Causal self-attention within each sequence: projections [rows * T, heads * D] to the same shape. */
function createAttention(tf: TensorFlow, pass: Pass) {
  const { config, rows, sequenceTokens: T } = pass;
  const { heads, keyValueHeads, headSize } = config;
  const group = heads / keyValueHeads;
  const positions = positionsOf(pass);
  const hiddenBy = createMasks(tf, pass);
  const byHead = (x: Tensor2D, count: number): Tensor4D =>
    tf.transpose(tf.reshape(x, [rows, T, count, headSize]), [0, 2, 1, 3]);
  const flat = (x: Tensor4D, count: number): Tensor3D => tf.reshape(x, [rows * count, T, headSize]);
  /** Each key-value head serves the `group` query heads that follow each other. */
  const repeat = (x: Tensor4D): Tensor3D => {
    if (group === 1) return flat(x, heads);
    const each = tf.reshape(x, [rows * keyValueHeads, 1, T * headSize]);
    return tf.reshape(tf.tile(each, [1, group, 1]), [rows * heads, T, headSize]);
  };
  return (layer: number, query: Tensor2D, key: Tensor2D, value: Tensor2D): Tensor2D => {
    const { scale, rotary, window } = config.attention[layer]!;
    const rotate = (x: Tensor4D): Tensor4D => {
      if (rotary === undefined) return x;
      const { cosines, sines } = rotaryAngles(rotary, T);
      const half = headSize / 2;
      const [cos, sin] = [cosines, sines].map((table) => {
        const ofPositions = positions.flatMap((position) => [
          ...table.subarray(position * half, (position + 1) * half),
        ]);
        return tf.tensor4d(ofPositions, [rows, 1, T, half]);
      });
      const [left, right] = tf.split(x, 2, -1) as [Tensor4D, Tensor4D];
      const turned = [tf.sub(tf.mul(left, cos!), tf.mul(right, sin!)), tf.add(tf.mul(right, cos!), tf.mul(left, sin!))];
      return tf.concat(turned as Tensor4D[], -1);
    };
    const q = flat(rotate(byHead(query, heads)), heads);
    const k = repeat(rotate(byHead(key, keyValueHeads)));
    const scores: Tensor4D = tf.reshape(tf.mul(tf.matMul(q, k, false, true), scale), [rows, heads, T, T]);
    const shares = tf.reshape(tf.softmax(tf.add(scores, hiddenBy(window))), [rows * heads, T, T]) as Tensor3D;
    const mixed = tf.matMul(shares, repeat(byHead(value, keyValueHeads)));
    const together = tf.transpose(tf.reshape(mixed, [rows, heads, T, headSize]), [0, 2, 1, 3]);
    return tf.reshape(together, [rows * T, heads * headSize]);
  };
}

/** Position of each token in its own sequence, [rows * T]. */
function positionsOf({ rows, sequenceTokens: T, segments }: Pass): number[] {
  const positions: number[] = [];
  for (let at = 0; at < rows * T; at++) {
    const isNext = at % T > 0 && segments?.[at] === segments?.[at - 1];
    positions.push(isNext ? positions[at - 1]! + 1 : 0);
  }
  return positions;
}

/**
 * What a token does not see, [rows, 1, T, T]: 0 for itself and those of its own sequence that stand fewer than `window`
 * places before it, else a number whose softmax is 0.
 */
function createMasks(tf: TensorFlow, { rows, sequenceTokens: T, segments }: Pass) {
  const known = new Map<number, Tensor4D>();
  return (window = Number.POSITIVE_INFINITY): Tensor4D => {
    const mask = known.get(window) ?? tf.tensor4d(maskOf(window), [rows, 1, T, T]);
    known.set(window, mask);
    return mask;
  };
  function maskOf(window: number): Float32Array {
    const mask = new Float32Array(rows * T * T).fill(-1e9);
    for (let at = 0; at < rows * T; at++) {
      const row = at - (at % T);
      for (let seen = Math.max(row, at - window + 1); seen <= at; seen++) {
        if (segments?.[seen] === segments?.[at]) mask[at * T + seen - row] = 0;
      }
    }
    return mask;
  }
}

/**
 * Rows of x at `indices`. The gradient is a product with the one-hot matrix: TensorFlow.js's own needs an operator that
 * WebAssembly lacks (UnsortedSegmentSum).
 */
function takeRows(tf: TensorFlow, x: Tensor2D, indices: Int32Array): Tensor2D {
  // Made anew for the gradient: what the forward pass made is gone by then.
  const chosen = (): Tensor1D => tf.tensor1d(indices, 'int32');
  const [count] = x.shape;
  const oneHot = () => tf.cast(tf.oneHot(chosen(), count), 'float32') as Tensor2D;
  const take = tf.customGrad((table) => ({
    value: tf.gather(table as Tensor2D, chosen()),
    gradFunc: (gradient) => tf.matMul(oneHot(), gradient as Tensor2D, true),
  }));
  return take(x) as Tensor2D;
}
