import type { Dimension } from './onnx.ts';

/** A dimension as a product: `6*rows*tokens` is factor 6 and names rows, tokens. */
export function dimensionFactors(size: Dimension): { factor: number; names: readonly string[] } {
  if (typeof size === 'number') return { factor: size, names: [] };
  const parts = size.split('*');
  const numbers = parts.filter((part) => /^\d+$/.test(part)).map(Number);
  return { factor: numbers.reduce((a, b) => a * b, 1), names: parts.filter((part) => !/^\d+$/.test(part)) };
}

/** The number of elements in a shape of which some sizes may have names only: `6*rows*tokens`. */
export function productOf(shape: readonly Dimension[]): Dimension {
  const all = shape.map(dimensionFactors);
  const factor = all.reduce((product, part) => product * part.factor, 1);
  return dimensionOf(factor, all.flatMap(({ names }) => names).sort());
}

/** whole / part, where part divides it; undefined otherwise. */
export function quotientOf(whole: Dimension, part: Dimension): Dimension | undefined {
  const [a, b] = [dimensionFactors(whole), dimensionFactors(part)];
  const names = [...a.names];
  for (const name of b.names) {
    const place = names.indexOf(name);
    if (place < 0) return undefined;
    names.splice(place, 1);
  }
  const factor = a.factor / b.factor;
  return Number.isInteger(factor) ? dimensionOf(factor, names) : undefined;
}

function dimensionOf(factor: number, names: readonly string[]): Dimension {
  if (names.length === 0) return factor;
  return [...(factor === 1 ? [] : [factor]), ...names].join('*');
}
