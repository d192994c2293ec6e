import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import type { PromptMetadata } from './parse.ts';
import { type ChatOptions, chat, keyFromEnvironment, type PromptAnswer } from './providers.ts';

export type { PromptAnswer } from './providers.ts';

/** Which model answers, and how. */
export interface RunOptions extends Partial<Omit<ChatOptions, 'apiKey'>> {
  /** A running endpoint of `%deploy`. */
  readonly deployment?: { readonly url: string; readonly apiKey: string };
  /** Environment variable that holds the endpoint's key. */
  readonly keyEnv?: string;
}

/** Sends rendered messages to the endpoint that the options name; the prompt's own `config` gives what they leave out. */
export async function runPrompt(
  messages: readonly ChatMessage[],
  metadata: PromptMetadata,
  options: RunOptions,
): Promise<PromptAnswer> {
  const endpoint = options.deployment?.url ?? options.endpoint;
  if (endpoint === undefined) throw noModel();
  const apiKey = options.deployment?.apiKey ?? (options.keyEnv && keyFromEnvironment(options.keyEnv));
  const model = options.model ?? (options.deployment === undefined ? metadata.model : undefined);
  return chat(messages, { ...sampling(metadata), ...options, endpoint, apiKey, model });
}

/** Sampling options in a prompt's front matter, under Dotprompt's names. */
export function sampling({ config = {} }: PromptMetadata): Partial<ChatOptions> {
  const number = (key: string) => (typeof config[key] === 'number' ? config[key] : undefined);
  const stop = Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : undefined;
  const named = {
    temperature: number('temperature'),
    topP: number('topP'),
    maxTokens: number('maxOutputTokens'),
    seed: number('seed'),
    stop,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function noModel(): UserError {
  return new UserError('Name what answers: an endpoint (--endpoint URL) or a model (--model NAME or a folder).');
}
