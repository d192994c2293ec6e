import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createGenerator } from '../engine/generator.ts';
import type { Generator } from '../engine/types.ts';
import type { JobHandler } from '../jobs/protocol.ts';
import { encodePrompt } from '../prompt/format.ts';
import { readKey } from './key.ts';
import { deploymentFiles } from './logs.ts';
import { type ServerReady, servePayload } from './payload.ts';
import { portInUse } from './ports.ts';
import { createServer } from './server.ts';

/** Serves a model until the job is cancelled: the work of a `serve` job. A `ready` event says where it listens. */
export const work: JobHandler = async ({ spec, emit, signal }): Promise<void> => {
  const payload = servePayload.parse(spec.payload);
  const { name, host, port, temperature, logText, capacity, maxBatch } = payload;
  const apiKey = await readKey(payload.key);
  const generator = await createGenerator({
    modelFolder: payload.modelFolder,
    device: spec.device as Generator['device'] | undefined,
    maxBatch,
    quantization: payload.quantization,
  });
  for (const [adapter, folder] of Object.entries(payload.adapters)) await generator.loadAdapter(adapter, folder);
  const server = createServer({
    model: {
      generator,
      names: [...new Set([payload.model, name, payload.model.split('@')[0]!])],
      temperature,
      format: (messages, tools) => encodePrompt(messages, generator.tokenizer, tools),
    },
    apiKey,
    files: deploymentFiles(spec.folder, name),
    logText,
    capacity,
    maxBatch,
  });
  try {
    await server.listen({ host, port }).catch(async (error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE' ? await portInUse(host, port) : error;
    });
    const address = server.server.address() as AddressInfo;
    const ready: ServerReady = {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/v1`,
      host,
      port: address.port,
      pid: process.pid,
      device: generator.device,
    };
    emit({ type: 'ready', payload: ready });
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
    await generator.dispose();
  }
};
