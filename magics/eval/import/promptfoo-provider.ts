import { z } from 'zod';
import type { AskOptions } from '../ask/ask-all.ts';

/** A provider as promptfoo's configuration names it. */
export const providerEntry = z.union([
  z.string(),
  z.looseObject({ id: z.string(), config: z.record(z.string(), z.unknown()).optional() }),
]);
type ProviderEntry = z.output<typeof providerEntry>;

/** How an OpenAI-compatible provider is asked; others are named in `notImported`. */
export function readProvider(entry: ProviderEntry, notImported: string[]): AskOptions | undefined {
  const { id, config = {} } = typeof entry === 'string' ? { id: entry } : entry;
  const [, vendor, name] = /^(openai|ollama|localai)(?::chat)?:(.+)$/.exec(id) ?? [];
  const text = (key: string) => (typeof config[key] === 'string' ? config[key] : undefined);
  const number = (key: string) => (typeof config[key] === 'number' ? config[key] : undefined);
  const defaults: Record<string, string> = {
    openai: 'https://api.openai.com/v1',
    ollama: 'http://127.0.0.1:11434/v1',
    localai: 'http://127.0.0.1:8080/v1',
  };
  if (vendor === undefined || name === undefined) {
    notImported.push(`provider "${id}"`);
    return undefined;
  }
  const endpoint = text('apiBaseUrl') ?? defaults[vendor]!;
  const keyEnv =
    text('apiKeyEnvar') ?? (text('apiBaseUrl') === undefined && vendor === 'openai' ? 'OPENAI_API_KEY' : undefined);
  const maxTokens = number('max_tokens');
  const temperature = number('temperature');
  return {
    model: name,
    endpoint,
    ...(keyEnv !== undefined && { keyEnv }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}
