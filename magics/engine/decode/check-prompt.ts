import { UserError } from '../../errors.ts';
import { tokenOutsideVocabulary } from '../batch.ts';
import type { ModelConfig } from '../config.ts';
import type { EmbeddedSequence } from '../types.ts';

/** Throws a UserError unless the prompt's tokens can be continued: there is one, there is room, and the model knows them. */
export function checkPrompt(prompt: readonly number[], config: ModelConfig): void {
  if (prompt.length === 0) throw emptyPrompt();
  if (prompt.length >= config.contextTokens) throw promptTooLong(prompt.length, config.contextTokens);
  checkTokens(prompt, config);
}

/** Throws a UserError unless the sequence can be scored: it has a second token, and fits the model. */
export function checkSequence(sequence: readonly number[], config: ModelConfig): void {
  if (sequence.length < 2) throw tooShortToScore(sequence.length);
  if (sequence.length > config.contextTokens) throw promptTooLong(sequence.length, config.contextTokens);
  checkTokens(sequence, config);
}

/** Throws a UserError unless the sequence can be embedded: a position takes part, and it fits the model. */
export function checkEmbedded({ ids, from }: EmbeddedSequence, config: ModelConfig): void {
  if (from >= ids.length) throw nothingToEmbed(ids.length);
  if (ids.length > config.contextTokens) throw promptTooLong(ids.length, config.contextTokens);
  checkTokens(ids, config);
}

function checkTokens(ids: readonly number[], { vocabularySize }: ModelConfig): void {
  const outside = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (outside !== undefined) throw tokenOutsideVocabulary(outside, vocabularySize);
}

function emptyPrompt(): UserError {
  return new UserError('A prompt without any token cannot be continued. Give it at least one token.');
}

function promptTooLong(tokens: number, contextTokens: number): UserError {
  return new UserError(
    `A prompt of ${tokens} tokens does not fit the model's context of ${contextTokens} tokens. Shorten it.`,
  );
}

function tooShortToScore(tokens: number): UserError {
  return new UserError(`A sequence of ${tokens} tokens cannot be scored: only what follows a first token can.`);
}

function nothingToEmbed(tokens: number): UserError {
  return new UserError(`A sequence of ${tokens} tokens, none of which is the text's, has no embedding.`);
}
