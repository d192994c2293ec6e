import type { RotaryConfig } from './config.ts';

/**
 * cos and sin of position * frequency, times the attention factor; [positions, D / 2] row-major (Su et al. 2021).
 * Angles are rounded to float32 as the reference implementation rounds them: in long contexts that shows.
 */
export function rotaryAngles(
  { frequencies, attentionFactor }: RotaryConfig,
  positions: number,
): { cosines: Float32Array; sines: Float32Array } {
  const half = frequencies.length;
  const angles = Float32Array.from({ length: positions * half }, (_, index) => {
    return Math.floor(index / half) * frequencies[index % half]!;
  });
  return {
    cosines: angles.map((angle) => attentionFactor * Math.cos(angle)),
    sines: angles.map((angle) => attentionFactor * Math.sin(angle)),
  };
}
