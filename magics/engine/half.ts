/** IEEE 754 binary16 bits of each number, rounded to nearest even; too large ones become infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = roundToHalf(bits[i]!);
  return halves;
}

/** The numbers that binary16 bits stand for. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const table = halfValues();
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
  return values;
}

/** The numbers that bfloat16 bits stand for: the upper half of a float32. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | roundBits(magnitude - 0x38000000, 13);
  if (magnitude < 0x33000000) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundBits(mantissa, 126 - (magnitude >>> 23));
}

/** `value >> count`, rounded to nearest, ties to even. */
function roundBits(value: number, count: number): number {
  const quotient = value >>> count;
  const rest = value & (2 ** count - 1);
  const half = 2 ** (count - 1);
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient;
}

let table: Float32Array | undefined;

/** The value of each of the 65,536 bit patterns, computed once. */
function halfValues(): Float32Array {
  table ??= Float32Array.from({ length: 0x10000 }, (_, half) => halfValue(half));
  return table;
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** -24 * mantissa : sign * 2 ** (exponent - 25) * (1024 + mantissa);
}
