import { UserError } from '../errors.ts';

/** A piece of an OpenAI-compatible answer. */
export interface ChatChunk {
  choices?: readonly { delta?: { content?: string | null }; finish_reason?: string | null }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  error?: { message?: string };
}

/** Server-sent events as parsed chunks; an endpoint that does not stream gives its one answer as one chunk. */
export async function* readChunks(response: Response, endpoint: string): AsyncGenerator<ChatChunk> {
  if (response.headers.get('content-type')?.includes('application/json') === true) {
    yield wholeAnswer((await response.json()) as WholeAnswer);
    return;
  }
  for await (const line of lines(response)) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice('data:'.length).trim();
    if (data === '[DONE]') return;
    yield parseChunk(data, endpoint);
  }
}

type WholeAnswer = Omit<ChatChunk, 'choices'> & {
  choices?: readonly { message?: { content?: string | null }; finish_reason?: string | null }[];
};

function wholeAnswer({ choices, ...rest }: WholeAnswer): ChatChunk {
  return { ...rest, choices: choices?.map((c) => ({ delta: c.message, finish_reason: c.finish_reason })) };
}

async function* lines(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function parseChunk(data: string, endpoint: string): ChatChunk {
  try {
    return JSON.parse(data) as ChatChunk;
  } catch (cause) {
    throw new UserError(`${endpoint} sent something that is not an OpenAI-compatible answer: ${data.slice(0, 120)}`, {
      cause,
    });
  }
}
