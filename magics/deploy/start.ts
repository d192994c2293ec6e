import path from 'node:path';
import type { MagicContext } from '../context.ts';
import { UserError } from '../errors.ts';
import { openStore, readModel } from '../governance/open-store.ts';
import { recordName } from '../governance/record-parts.ts';
import { isRecordedVersion } from '../governance/reference.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { RecordStore } from '../governance/store.ts';
import type { Deployment, ModelReference } from '../handles.ts';
import { block } from '../html.ts';
import { submitJob } from '../jobs/index.ts';
import { contentKey } from '../jobs/key.ts';
import { deploymentBlock } from './display.ts';
import { createDeployment } from './handle.ts';
import { ensureKeyFile, readKey } from './key.ts';
import { deploymentFiles } from './logs.ts';
import type { StartOptions } from './options.ts';
import type { ServePayload } from './payload.ts';
import { checkPort, isLoopback } from './ports.ts';
import { recordStart } from './record.ts';
import { newestServers, type ServerJob, waitUntilReady } from './server-job.ts';

/**
 * Starts a server process for a model and records it. A running server of the same name, model and settings is taken up
 * again; one with other settings is replaced.
 */
export async function startDeployment(options: StartOptions, context: MagicContext): Promise<Deployment> {
  const store = await openStore(context.folder);
  const model = await resolveModel(options.model, context.folder, context);
  const name = options.as ?? recordName.parse(model.name.split('/').at(-1));
  const payload = await preparePayload(name, model, options, store);
  const apiKey = await readKey(payload.key);
  const earlier = (await newestServers(store.folder)).get(name);
  const same = earlier?.status === 'running' && isSame(earlier, payload);
  if (!same) {
    if (earlier?.status === 'running') await earlier.job.cancel();
    await checkPort(payload.host, payload.port);
  }
  const display = context.display(block(`${name}: starting a server for ${model.ref} ...`));
  const job = same ? earlier.job : await startServer(payload, options, store, context);
  const ready = same && earlier.ready ? earlier.ready : await untilReady(job, context.signal);
  const prompt = await promptOf(model, store);
  const commit = same ? undefined : await recordStart(payload, ready, { job: job.id, prompt }, store);
  const bundle = deploymentBlock({ payload, ready, commit, replaced: earlier?.status === 'running' && !same });
  display.update(bundle);
  return createDeployment({ ...payload, url: ready.url, apiKey, prompt, folder: store.folder, display: () => bundle });
}

async function preparePayload(
  name: string,
  model: ModelReference,
  options: StartOptions,
  store: RecordStore,
): Promise<ServePayload> {
  const { host, apiKeyEnv } = options;
  if (!isLoopback(host) && apiKeyEnv === undefined) throw keyNeeded(host);
  const { key: file } = deploymentFiles(store.folder, name);
  if (apiKeyEnv === undefined) await ensureKeyFile(file);
  return {
    name,
    model: model.ref,
    modelFolder: model.folder,
    host,
    port: options.port,
    key: apiKeyEnv === undefined ? { file } : { variable: apiKeyEnv },
    logText: !options.noLogText,
    temperature: options.temperature,
    quantization: options.quantize,
    adapters: adapterFolders(options.adapters, store.folder),
    capacity: options.queue,
    maxBatch: options.maxBatch,
  };
}

/** Folders by name, absolute. */
function adapterFolders(options: readonly string[], folder: string): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const [, name, file] = /^([^=]+)=(.+)$/.exec(option) ?? [];
      if (name === undefined || file === undefined) throw adapterMisnamed(option);
      return [name, path.resolve(folder, file)];
    }),
  );
}

function startServer(payload: ServePayload, { device }: StartOptions, store: RecordStore, context: MagicContext) {
  const request = {
    kind: 'serve' as const,
    title: `serve ${payload.model} as ${payload.name}`,
    key: contentKey({ kind: 'serve', payload }),
    payload,
    device: device === 'auto' ? undefined : device,
  };
  return submitJob(request, { folder: store.folder, distFolder: path.resolve(context.distFolder) }, { fresh: true });
}

async function untilReady(job: ServerJob['job'], signal: AbortSignal) {
  try {
    return await waitUntilReady(job, signal);
  } catch (error) {
    await job.cancel();
    throw error;
  }
}

/** Any free port is as good as the one that the running server has. */
function isSame({ payload, ready }: ServerJob, wanted: ServePayload): boolean {
  const port = wanted.port === 0 || wanted.port === ready?.port;
  return port && contentKey({ ...payload, port: 0 }) === contentKey({ ...wanted, port: 0 });
}

/** Prompt that the model was trained with. */
async function promptOf(model: ModelReference, store: RecordStore): Promise<string | undefined> {
  if (!isRecordedVersion(model.version)) return undefined;
  const { inputs, prompt } = await readModel(store, model.ref);
  const input = inputs.find(({ role }) => role === 'prompt');
  return input?.version === undefined ? (input?.name ?? prompt) : `${input.name}@${input.version}`;
}

function adapterMisnamed(option: string): UserError {
  return new UserError(
    `An adapter is given as name=folder, not "${option}". For example: --adapters formal=adapters/formal`,
    {
      offending: option,
    },
  );
}

function keyNeeded(host: string): UserError {
  return new UserError(
    `"${host}" can be reached from other machines. Choose a key yourself, put it into an environment variable and name that: --api-key-env MY_KEY. Or leave --host out to serve this machine only.`,
    { offending: host },
  );
}
