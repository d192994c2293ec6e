import type { SessionOptions } from '../session.ts';
import type { OrtApi } from './api.ts';

const allOptimizations = 99;

/** OrtSessionOptions; the session takes a copy. */
export function createSessionOptions(
  api: OrtApi,
  { device, threads, externalDataFolder, packsWeights, isTraining }: Required<SessionOptions>,
): bigint {
  const pointer = api.get('createSessionOptions');
  try {
    api.call('setOptimizationLevel', pointer, allOptimizations);
    api.call('setIntraOpThreads', pointer, threads);
    api.call('setInterOpThreads', pointer, 1);
    for (const [name, value] of Object.entries(spinning(isTraining))) {
      api.call('addConfigEntry', pointer, `session.intra_op.${name}`, value);
    }
    if (isTraining) api.call('disableMemoryPattern', pointer);
    if (!packsWeights) api.call('addConfigEntry', pointer, 'session.disable_prepacking', '1');
    if (externalDataFolder !== '') {
      api.call('addConfigEntry', pointer, 'session.model_external_initializers_file_folder_path', externalDataFolder);
    }
    if (device === 'cuda') appendCuda(api, pointer);
    return pointer;
  } catch (error) {
    api.release('releaseSessionOptions', pointer);
    throw error;
  }
}

/**
 * Between operators, threads wait awake for some microseconds, since another one follows at once; then they sleep, for
 * on shared cores the waiting takes time from others. Decoding has shorter operators than training, and shares its cores.
 */
export function spinning(isTraining: boolean): Record<string, string> {
  return { allow_spinning: '1', spin_duration_us: isTraining ? '100' : '20' };
}

/** Runs on an NVIDIA device what it can; throws where the library has no CUDA. */
function appendCuda(api: OrtApi, options: bigint): void {
  const cuda = api.get('createCudaOptions');
  try {
    api.call('appendCuda', options, cuda);
  } finally {
    api.release('releaseCudaOptions', cuda);
  }
}
