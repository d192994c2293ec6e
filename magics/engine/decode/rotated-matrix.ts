import { Graph } from '../graph.ts';
import { createSession, type Session, type SessionOptions } from '../session.ts';
import type { HostTensor } from '../tensor.ts';
import { type QuantizedMatrix, restoreMatrix } from './quantize.ts';
import { quantizePerRow, rotate, rotationBlock } from './rotation.ts';

/** A matrix for products of many rows in int8 (`rotatedProduct`): rotated along its input, with one scale per output. */
export interface RotatedMatrix {
  input: number;
  output: number;
  /** [input, output]. */
  data: Int8Array;
  /** [output]. */
  scales: Float32Array;
}

/** The matrices that can be rotated: whose input is a multiple of the rotation's block, and of their own. */
export async function rotateMatrices(
  matrices: ReadonlyMap<string, QuantizedMatrix>,
  options: SessionOptions,
): Promise<Map<string, RotatedMatrix>> {
  const rotated = new Map<string, RotatedMatrix>();
  const sessions = new Map<number, Promise<Session>>();
  for (const [name, matrix] of matrices) {
    const { input, output, block } = matrix;
    if (input % rotationBlock !== 0 || input % block !== 0) continue;
    const opened =
      sessions.get(input) ?? createSession(buildRotationGraph(input), { ...options, externalDataFolder: '' });
    sessions.set(input, opened);
    const restored: HostTensor = { type: 'float32', dims: [output, input], data: restoreMatrix(matrix) };
    const { data, scales } = await (await opened).run({ matrix: restored });
    rotated.set(name, { input, output, data: data!.data as Int8Array, scales: scales!.data as Float32Array });
  }
  for (const session of sessions.values()) await (await session).release();
  return rotated;
}

/** From matrix [output, input] to data [input, output] and scales [output, 1] of its rotated form. */
function buildRotationGraph(input: number): Uint8Array {
  const graph = new Graph();
  const matrix = graph.input('matrix', ['output', input]);
  const { data, sizes, step } = quantizePerRow(graph, rotate(graph, matrix), 'int8');
  graph.output('data', graph.node('Transpose', [data], [input, 'output'], { type: 'int8' }));
  graph.output('scales', graph.node('Mul', [sizes, step], sizes.shape));
  return graph.encode();
}
