import type { Generation } from '../engine/types.ts';
import type { Answer } from './tools/answer-with-tools.ts';
import type { ToolCall } from './tools/tool-plan.ts';

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
  top_logprobs: Omit<TokenLogprob, 'top_logprobs'>[];
}

/** How one endpoint words its answers: whole, and in chunks. */
export interface AnswerShape {
  whole(header: AnswerHeader, answer: Answer, logprobs: TokenLogprob[] | undefined): object;
  /** Chunks sent before the first text. */
  opening(header: AnswerHeader): object[];
  delta(header: AnswerHeader, text: string, logprobs: TokenLogprob[] | undefined): object;
  /** A call of a function, the one of this place among the answer's. */
  call(header: AnswerHeader, call: ToolCall, index: number): object;
  closing(header: AnswerHeader, answer: Answer): object;
  /** The last chunk when the client asked for usage in the stream. */
  usage(header: AnswerHeader, generation: Generation): object;
}

/** POST /v1/chat/completions. */
export const chatShape: AnswerShape = {
  whole: (header, answer, logprobs) => ({
    ...header,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', ...contentOf(answer), refusal: null },
        logprobs: logprobs === undefined ? null : { content: logprobs, refusal: null },
        finish_reason: finishReasonOf(answer),
      },
    ],
    usage: usageOf(answer),
  }),
  opening: (header) => [chatChunk(header, { role: 'assistant', content: '' })],
  delta: (header, text, logprobs) => chatChunk(header, { content: text }, null, logprobs),
  call: (header, call, index) => chatChunk(header, { tool_calls: [{ index, ...call }] }),
  closing: (header, answer) => chatChunk(header, {}, finishReasonOf(answer)),
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
  call: () => {
    throw new Error('POST /v1/completions takes no tools');
  },
  closing: (header, answer) => completionChunk(header, '', answer.finishReason),
  usage: (header, generation) => ({ ...header, object: 'text_completion', choices: [], usage: usageOf(generation) }),
};

/** Of an answer that only calls functions the text is null. */
function contentOf({ text, toolCalls = [] }: Answer): object {
  return toolCalls.length === 0 ? { content: text } : { content: text === '' ? null : text, tool_calls: toolCalls };
}

function finishReasonOf({ finishReason, toolCalls = [] }: Answer): string {
  return toolCalls.length > 0 && finishReason === 'stop' ? 'tool_calls' : finishReason;
}

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
