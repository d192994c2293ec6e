import { rotaryAngles } from '../rotary-angles.ts';
import { type Feeds, type HostTensor, zeros } from '../tensor.ts';
import type { RotaryTable } from './graph.ts';

/** New tokens of a row, after `start` positions that are in its cache. */
export interface RowInput {
  ids: readonly number[];
  start: number;
  /** Place of its adapter among those loaded; 0 is none. */
  adapter: number;
}

/** Inputs of a run for so many rows, tokens of each and positions whose logits are wanted, to be filled. */
export function tokenInputs(rows: number, tokens: number, selected: number) {
  return {
    input_ids: zeros('int64', [rows, tokens]),
    positions: zeros('int64', [rows, tokens]),
    places: zeros('int32', [rows, tokens]),
    last: zeros('int32', [rows]),
    total: zeros('int32', []),
    selected: zeros('int64', [selected]),
    adapter_of_row: zeros('int64', [rows]),
  };
}

/** Writes the rows' tokens, padded on the right to `tokens`, and the flat positions that are selected. */
export function fill(
  inputs: ReturnType<typeof tokenInputs>,
  rows: readonly RowInput[],
  tokens: number,
  selected: readonly number[],
): void {
  for (const [row, { ids, start, adapter }] of rows.entries()) {
    for (const [i, id] of ids.entries()) {
      inputs.input_ids.data[row * tokens + i] = BigInt(id);
      inputs.positions.data[row * tokens + i] = BigInt(start + i);
    }
    for (let i = 0; i < tokens; i++) inputs.places.data[row * tokens + i] = start + i;
    inputs.last.data[row] = start + ids.length - 1;
    inputs.adapter_of_row.data[row] = BigInt(adapter);
  }
  inputs.total.data[0] = Math.max(...rows.map(({ ids, start }) => start + ids.length));
  for (const [i, position] of selected.entries()) inputs.selected.data[i] = BigInt(position);
}

/** Tokens of the longest row. */
export function longest(rows: readonly RowInput[]): number {
  return Math.max(...rows.map(({ ids }) => ids.length));
}

/** The rotary tables for so many positions. */
export function tablesFor(tables: readonly RotaryTable[], positions: number): Feeds {
  return Object.fromEntries(
    tables.flatMap(({ cosines, sines, rotary }): [string, HostTensor][] => {
      const angles = rotaryAngles(rotary, positions);
      const dims = [positions, rotary.frequencies.length];
      const tensor = (data: Float32Array): HostTensor => ({ type: 'float32', dims, data });
      return [
        [cosines, tensor(angles.cosines)],
        [sines, tensor(angles.sines)],
      ];
    }),
  );
}
