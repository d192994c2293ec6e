import type { Generation } from '../engine/types.ts';

/** What every chunk and answer of one request carries. */
export interface AnswerHeader {
  id: string;
  /** Seconds since 1970, UTC. */
  created: number;
  model: string;
}

/** Log-probability of one chosen token, in OpenAI's form. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs: [];
}

/** How one endpoint words its answers: whole, and in chunks. */
export interface AnswerShape {
  whole(header: AnswerHeader, generation: Generation, logprobs: TokenLogprob[] | undefined): object;
  /** Chunks sent before the first text. */
  opening(header: AnswerHeader): object[];
  delta(header: AnswerHeader, text: string, logprobs: TokenLogprob[] | undefined): object;
  closing(header: AnswerHeader, finishReason: string): object;
  /** The last chunk when the client asked for usage in the stream. */
  usage(header: AnswerHeader, generation: Generation): object;
}

/** POST /v1/chat/completions. */
export const chatShape: AnswerShape = {
  whole: (header, generation, logprobs) => ({
    ...header,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: generation.text, refusal: null },
        logprobs: logprobs === undefined ? null : { content: logprobs, refusal: null },
        finish_reason: generation.finishReason,
      },
    ],
    usage: usageOf(generation),
  }),
  opening: (header) => [chatChunk(header, { role: 'assistant', content: '' })],
  delta: (header, text, logprobs) => chatChunk(header, { content: text }, null, logprobs),
  closing: (header, finishReason) => chatChunk(header, {}, finishReason),
  usage: (header, generation) => ({
    ...header,
    object: 'chat.completion.chunk',
    choices: [],
    usage: usageOf(generation),
  }),
};

/** POST /v1/completions. */
export const completionShape: AnswerShape = {
  whole: (header, generation) => ({
    ...header,
    object: 'text_completion',
    choices: [{ index: 0, text: generation.text, logprobs: null, finish_reason: generation.finishReason }],
    usage: usageOf(generation),
  }),
  opening: () => [],
  delta: (header, text) => completionChunk(header, text, null),
  closing: (header, finishReason) => completionChunk(header, '', finishReason),
  usage: (header, generation) => ({ ...header, object: 'text_completion', choices: [], usage: usageOf(generation) }),
};

function chatChunk(
  header: AnswerHeader,
  delta: object,
  finishReason: string | null = null,
  logprobs?: TokenLogprob[],
): object {
  return {
    ...header,
    object: 'chat.completion.chunk',
    choices: [
      {
        index: 0,
        delta,
        logprobs: logprobs === undefined ? null : { content: logprobs, refusal: null },
        finish_reason: finishReason,
      },
    ],
  };
}

function completionChunk(header: AnswerHeader, text: string, finishReason: string | null): object {
  return {
    ...header,
    object: 'text_completion',
    choices: [{ index: 0, text, logprobs: null, finish_reason: finishReason }],
  };
}

function usageOf({ promptTokens, tokens }: Generation): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
}
