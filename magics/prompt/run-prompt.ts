import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import type { Deployment, ModelReference, Run } from '../handles.ts';
import { askLocal, type JobPlace } from './ask-local.ts';
import { outputSchema } from './output-schema.ts';
import type { PromptMetadata } from './parse.ts';
import { type ChatOptions, chat, keyFromEnvironment, type PromptAnswer } from './providers.ts';

/** Which model answers, and how. */
export interface RunOptions extends Partial<Omit<ChatOptions, 'apiKey' | 'model'>> {
  /**
   * A deployment or a model by handle, `name@v1.0.0`, `name`, a model's folder, or an endpoint's address. With
   * `endpoint`: the model's name there.
   */
  readonly model?: string | Pick<Deployment, 'name' | 'url' | 'apiKey'> | ModelReference | Run;
  /** Environment variable that holds the endpoint's key. */
  readonly keyEnv?: string;
}

/** Sends rendered messages to what the options name; the prompt's own `model`, `config` and `output` give what they leave out. */
export async function runPrompt(
  messages: readonly ChatMessage[],
  metadata: PromptMetadata,
  options: RunOptions,
  place: JobPlace | undefined,
): Promise<PromptAnswer> {
  const { endpoint, model, keyEnv, ...rest } = options;
  const asked = { ...sampling(metadata), ...given({ jsonSchema: await outputSchema(metadata), ...rest }) };
  if (typeof model === 'object' && 'url' in model)
    return chat(messages, { ...asked, endpoint: model.url, apiKey: model.apiKey });
  const address = endpoint ?? (typeof model === 'string' && /^https?:\/\//.test(model) ? model : undefined);
  if (address !== undefined) {
    const apiKey = keyEnv === undefined ? undefined : keyFromEnvironment(keyEnv);
    const name = typeof model === 'string' && model !== address ? model : metadata.model;
    return chat(messages, { ...asked, endpoint: address, apiKey, model: name });
  }
  const local = model ?? metadata.model;
  if (local === undefined) throw noModel();
  if (place === undefined) throw new Error('A prompt made without a place cannot start a job for a local model.');
  return askLocal(messages, local, asked, place);
}

/** Sampling options in a prompt's front matter, under Dotprompt's names. */
function sampling({ config = {} }: PromptMetadata): Partial<ChatOptions> {
  const number = (key: string) => (typeof config[key] === 'number' ? config[key] : undefined);
  return given({
    temperature: number('temperature'),
    topP: number('topP'),
    topK: number('topK'),
    minP: number('minP'),
    repetitionPenalty: number('repetitionPenalty'),
    maxTokens: number('maxOutputTokens'),
    seed: number('seed'),
    stop: Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : undefined,
  });
}

function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function noModel(): UserError {
  return new UserError(
    'Name what answers: --model NAME (a model, a deployment or a folder) or --endpoint URL of an OpenAI-compatible server.',
  );
}
