import type { FastifyInstance } from 'fastify';
import { isUserError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import type { ServedModel } from './prepare.ts';
import { loadAdapterRequest, parseBody, unloadAdapterRequest } from './requests.ts';

/** vLLM's /v1/load_lora_adapter and /v1/unload_lora_adapter: requests then name the adapter as their model. */
export function addAdapters(server: FastifyInstance, { generator, names }: ServedModel): void {
  server.post('/v1/load_lora_adapter', async (request) => {
    const { lora_name: name, lora_path: folder } = parseBody(loadAdapterRequest, request.body);
    if ([...names, ...generator.adapters].includes(name)) throw nameTaken(name);
    await generator.loadAdapter(name, folder).catch((error) => {
      throw isUserError(error) ? new ApiError(400, error.message, { param: 'lora_path' }) : error;
    });
    return `Success: LoRA adapter '${name}' added successfully.`;
  });
  server.post('/v1/unload_lora_adapter', async (request) => {
    const { lora_name: name } = parseBody(unloadAdapterRequest, request.body);
    if (!generator.adapters.includes(name)) throw adapterNotFound(name, generator.adapters);
    await generator.unloadAdapter(name);
    return `Success: LoRA adapter '${name}' removed successfully.`;
  });
}

function nameTaken(name: string): ApiError {
  return new ApiError(400, `The name "${name}" is taken. Unload that adapter first, or choose another lora_name.`, {
    param: 'lora_name',
  });
}

function adapterNotFound(name: string, loaded: readonly string[]): ApiError {
  const rest = loaded.length === 0 ? 'None is.' : `Loaded: ${loaded.join(', ')}.`;
  return new ApiError(404, `The LoRA adapter "${name}" is not loaded. ${rest}`, { param: 'lora_name' });
}
