import type { ModelConfig } from './config.ts';

/** cos and sin of position / theta^(2i/D), [positions, D / 2] row-major (Su et al. 2021). */
export function rotaryAngles(
  { headSize, ropeTheta }: ModelConfig,
  positions: number,
): { cosines: Float32Array; sines: Float32Array } {
  const half = headSize / 2;
  const angles = Float64Array.from({ length: positions * half }, (_, index) => {
    const [position, i] = [Math.floor(index / half), index % half];
    return position / ropeTheta ** ((2 * i) / headSize);
  });
  return { cosines: Float32Array.from(angles, Math.cos), sines: Float32Array.from(angles, Math.sin) };
}
