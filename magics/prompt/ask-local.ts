import { z } from 'zod';
import type { DownloadPlace } from '../engine/hub/resolve-hub-model.ts';
import type { ChatMessage } from '../engine/types.ts';
import { Interrupted, UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { ModelReference, Run } from '../handles.ts';
import { type FinishedEvent, submitJob } from '../jobs/index.ts';
import { contentKey } from '../jobs/key.ts';
import type { ChatOptions, PromptAnswer } from './providers.ts';

/** Where a job for a local model is run: the notebook's folder and the built entry points; a download is shown by `display`. */
export interface JobPlace extends Pick<DownloadPlace, 'display'> {
  readonly folder: string;
  readonly distFolder: string;
}

type Sampling = Omit<ChatOptions, 'endpoint' | 'model' | 'apiKey' | 'onText'>;

const result = z.object({
  outputs: z.array(z.object({ text: z.string(), tokens: z.int(), finishReason: z.string() })).length(1),
});

/** Asks a model of this repository (or a local folder) once, in a job of its own. */
export async function askLocal(
  messages: readonly ChatMessage[],
  model: string | ModelReference | Run,
  options: Sampling,
  place: JobPlace,
): Promise<PromptAnswer> {
  const {
    ref,
    version,
    folder: modelFolder,
  } = await resolveModel(model, place.folder, {
    display: place.display,
    signal: options.signal,
  });
  const store = await openStore(place.folder);
  const conversation = messages.map((message) => ({ ...message }));
  const payload = { modelFolder, messages: [conversation], options: samplingOf(options) };
  const { temperature = 0, seed } = options;
  const isRepeatable = version !== 'local' && (temperature === 0 || seed !== undefined);
  const job = await submitJob(
    { kind: 'generate', title: `ask ${ref}`, key: contentKey({ kind: 'generate', ref, ...payload }), payload },
    { folder: store.folder, distFolder: place.distFolder },
    { fresh: !isRepeatable },
  );
  try {
    const finished = await job.follow(undefined, { signal: options.signal });
    const [output] = result.parse(resultOf(finished, ref)).outputs;
    return { text: output!.text, finishReason: output!.finishReason, model: ref, completionTokens: output!.tokens };
  } catch (error) {
    if (options.signal?.aborted === true) await job.cancel();
    throw error;
  }
}

/** Sampling options under the names of a `generate` job; what is not given is left to it. */
function samplingOf({ temperature, topP, topK, minP, repetitionPenalty, maxTokens, seed, stop, jsonSchema }: Sampling) {
  return {
    ...(maxTokens !== undefined && { maxNewTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(minP !== undefined && { minP }),
    ...(repetitionPenalty !== undefined && { repetitionPenalty }),
    ...(jsonSchema !== undefined && { constraint: { jsonSchema } }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop: [...stop] }),
  };
}

function resultOf({ status, error, result: value }: FinishedEvent, ref: string): unknown {
  if (status === 'succeeded') return value;
  if (status === 'cancelled') throw new Interrupted(`Asking ${ref} was cancelled.`);
  const message = `${ref} could not answer: ${error?.message ?? 'the worker gave no reason'}`;
  throw error?.name === 'UserError' ? new UserError(message) : new Error(message);
}
