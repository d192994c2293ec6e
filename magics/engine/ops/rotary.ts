import type { Dimension, Graph, Value } from '../graph.ts';

/** Cosines and sines of the rotation angles, [positions, D / 2]; `negatedSines` undoes the rotation. */
export interface RotaryTables {
  cosines: Value;
  sines: Value;
  negatedSines: Value;
}

/** Rotary position embedding (rotate-half convention) of x [B, heads, T, D] at positions [B, T]; ONNX Runtime's fused operator. */
export function rotary(graph: Graph, x: Value, positions: Value, tables: RotaryTables): Value {
  const { cosines, sines, negatedSines } = tables;
  const y = graph.node('RotaryEmbedding', [x, positions, cosines, sines], x.shape as Dimension[], {
    domain: 'com.microsoft',
    attributes: { interleaved: { int: 0 } },
  });
  const inverse = { cosines, sines: negatedSines, negatedSines: sines };
  return graph.record(y, [x], (gradient) => [() => rotary(graph, gradient, positions, inverse)]);
}
