import { resolveDevice } from '../../magics/engine/session.ts';
import type { Device } from '../../magics/engine/types.ts';

export interface GraphicsDevice {
  device: Exclude<Device, 'cpu'>;
  /** As the rows name it. */
  name: string;
  /** A processor that acts as one: its figures compare with themselves only. */
  isSoftware: boolean;
}

/** The graphics device to measure on: a real one, else WebGPU by a software renderer; undefined where there is neither. */
export async function findGraphicsDevice(): Promise<GraphicsDevice | undefined> {
  const best = await resolveDevice('auto');
  if (best !== 'cpu') return { device: best, name: best === 'cuda' ? 'CUDA' : 'WebGPU', isSoftware: false };
  const { isWebGpuExpected } = await import('../magics/engine/software-renderer.ts');
  return isWebGpuExpected ? { device: 'webgpu', name: 'WebGPU by a software renderer', isSoftware: true } : undefined;
}
