import { describe, expect, it } from 'vitest';
import { encodeWasm, i32, local, repeatWhile } from '../../../magics/engine/wasm.ts';

describe('a WebAssembly module', () => {
  it.each([0, 1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)])('holds the constant %s', (value) => {
    const { constant } = run([
      { name: 'constant', parameters: [], result: 'i32', locals: [], body: i32.constant(value) },
    ]);
    expect(constant!()).toBe(value);
  });

  it('has functions of more than 127 bytes, by names of any characters', () => {
    const [sum, left] = [1, 0];
    const addOne = local.set(sum, i32.add(local.get(sum), i32.constant(1)));
    const body = [
      ...repeatWhile(i32.isLessUnsigned(i32.constant(0), local.get(left)), [
        ...Array<typeof addOne>(100).fill(addOne),
        local.set(left, i32.add(local.get(left), i32.constant(-1))),
      ]),
      ...local.get(sum),
    ];
    const functions = run([
      { name: 'first', parameters: [], result: 'i32', locals: [], body: i32.constant(1) },
      { name: 'größer', parameters: ['i32'], result: 'i32', locals: ['i32'], body },
    ]);
    expect(functions.größer!(7)).toBe(700);
    expect(functions.first!()).toBe(1);
  });
});

function run(functions: Parameters<typeof encodeWasm>[0]): Record<string, (...values: number[]) => number> {
  const memory = new WebAssembly.Memory({ initial: 0 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeWasm(functions)), { state: { memory } });
  return exports as Record<string, (...values: number[]) => number>;
}
