import type { ChatMessage, Tokenizer, ToolDefinition, ToolMessage } from '../engine/types.ts';

/** A training example as text: what the model is given, and what it is to answer. */
export interface FormattedExample {
  readonly prompt: string;
  readonly completion: string;
  /** True when the end-of-sequence token is to be appended to the completion's tokens (a chat template writes its own). */
  readonly appendEos: boolean;
}

/**
 * The one form in which messages reach a model, in training, evaluation and serving alike: the tokenizer's chat template
 * with its generation prompt; without a template, the messages' contents one below the other, ended by a line break.
 */
export function formatForModel(
  messages: readonly ToolMessage[],
  tokenizer: Tokenizer,
  tools?: readonly ToolDefinition[],
): string {
  if (tokenizer.hasChatTemplate) return tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true, tools });
  return `${messages.map((message) => message.content).join('\n')}\n`;
}

/** A training example whose prompt is exactly what `formatForModel` gives when the model is asked. */
export function formatExample(
  messages: readonly ChatMessage[],
  completion: string,
  tokenizer: Tokenizer,
): FormattedExample {
  const prompt = formatForModel(messages, tokenizer);
  if (!tokenizer.hasChatTemplate) return { prompt, completion, appendEos: true };
  const whole = tokenizer.applyChatTemplate([...messages, { role: 'assistant', content: completion }]);
  if (!whole.startsWith(prompt)) return { prompt, completion, appendEos: true };
  const rest = whole.slice(prompt.length).trimEnd();
  return { prompt, completion: rest, appendEos: rest.endsWith(completion) };
}

/**
 * Token ids of what `formatForModel` gives. A chat template writes its own special tokens; without one, the tokenizer
 * adds those that a text begins with.
 */
export function encodePrompt(
  messages: readonly ToolMessage[],
  tokenizer: Tokenizer,
  tools?: readonly ToolDefinition[],
): number[] {
  return tokenizer.encode(formatForModel(messages, tokenizer, tools), { addSpecialTokens: !tokenizer.hasChatTemplate });
}
