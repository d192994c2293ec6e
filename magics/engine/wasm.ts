/**
 * WebAssembly modules written instruction by instruction, in the binary format of the WebAssembly Core Specification 2.0
 * (chapter 5). Only what our kernels need: functions over one imported memory, with 128-bit vectors.
 */

/** Instructions that leave one value behind, or none. */
export type Code = readonly number[];

const valueTypes = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
type ValueType = keyof typeof valueTypes;

export interface WasmFunction {
  name: string;
  parameters: readonly ValueType[];
  result?: ValueType;
  locals: readonly ValueType[];
  body: Code;
}

/** The module that exports these functions, and imports its memory as `state.memory`. */
export function encodeWasm(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [valueTypes[type]])),
    ...vector(result === undefined ? [] : [[valueTypes[result]]]),
  ]);
  const memory = [...text('state'), ...text('memory'), 0x02, 0x00, ...unsigned(0)];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, valueTypes[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(10, bodies),
  ]);
}

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const unary =
  (opcode: Code) =>
  (a: Code): Code => [...a, ...opcode];
const binary =
  (opcode: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
/** Alignment of 2^4 bytes, no offset. */
const wholeVector = [0x04, 0x00];

/** Parameters come first among the locals. */
export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)],
};

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: binary([0x6a]),
  isLessUnsigned: binary([0x49]),
};

export const f64 = { add: binary([0xa0]) };

/** Four float32 side by side. */
export const f32x4 = {
  load: (address: Code): Code => [...address, ...simd(0x00), ...wholeVector],
  store: (address: Code, value: Code): Code => [...address, ...value, ...simd(0x0b), ...wholeVector],
  splat: unary(simd(0x13)),
  add: binary(simd(0xe4)),
  subtract: binary(simd(0xe5)),
  multiply: binary(simd(0xe6)),
  divide: binary(simd(0xe7)),
  squareRoot: unary(simd(0xe3)),
  /** The last two in the place of the first two. */
  upperHalf: (a: Code): Code => [...a, ...a, ...simd(0x0d), 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
};

/** Two float64 side by side. */
export const f64x2 = {
  add: binary(simd(0xf0)),
  /** The first two of four float32. */
  fromFirstHalf: unary(simd(0x5f)),
  lane: (a: Code, lane: 0 | 1): Code => [...a, ...simd(0x21), lane],
};

/** Runs `body` until `goesOn` is 0 after it. */
export function repeatWhile(goesOn: Code, body: readonly Code[]): Code {
  return [0x03, 0x40, ...body.flat(), ...goesOn, 0x0d, 0x00, 0x0b];
}

function section(id: number, entries: readonly Code[]): Code {
  const content = vector(entries);
  return [id, ...unsigned(content.length), ...content];
}

function vector(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(characters: string): Code {
  return vector([...new TextEncoder().encode(characters)].map((byte) => [byte]));
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
