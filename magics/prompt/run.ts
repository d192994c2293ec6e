import { z } from 'zod';
import type { Display, MagicContext, MimeBundle } from '../context.ts';
import { suggestion, UserError } from '../errors.ts';
import type { ModelReference } from '../handles.ts';
import { block, html } from '../html.ts';
import { isPrompt, loadPrompt, type Prompt } from './prompt.ts';
import type { PromptAnswer } from './providers.ts';
import type { RunOptions } from './run-prompt.ts';
import { promptOption } from './show.ts';

export const runOptions = z.strictObject({
  name: promptOption.describe('prompt: name, name@v1.0.0 or a handle'),
  input: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .describe('text="every day at noon", JSON, or an object'),
  model: z
    .union([z.string(), z.custom<ModelReference>(isHandle, 'not a model')])
    .optional()
    .describe(
      'a deployment, name@v1.0.0, a model folder, owner/name of the hub, or the name of the model at the endpoint',
    ),
  endpoint: z
    .string()
    .optional()
    .describe('address of an OpenAI-compatible endpoint, for example http://127.0.0.1:8000/v1'),
  keyEnv: z.string().optional().describe("environment variable that holds the endpoint's key; the key is never stored"),
  temperature: z.number().min(0).optional().describe('0 always takes the most likely token'),
  maxTokens: z.int().positive().optional().describe('most tokens to answer with'),
  seed: z.int().optional().describe('the same seed gives the same answer where the model allows it'),
  as: z.string().optional().describe('variable for the answer'),
});

/** A streamed answer is shown at most this often. */
const updateMs = 100;

/** Renders a prompt, asks a model, and shows the answer as it arrives. */
export async function run(options: z.output<typeof runOptions>, context: MagicContext): Promise<PromptAnswer> {
  const { name, input, as: _, ...rest } = options;
  const prompt = isPrompt(name) ? name : await loadPrompt(name, context.folder, context);
  const view = createView(prompt, context);
  const asked: RunOptions = { ...rest, signal: context.signal, onText: view.add };
  const answer = await prompt.run(readInput(prompt, input), asked);
  view.finish(answer);
  return answer;
}

function isHandle(value: unknown): value is ModelReference {
  return typeof value === 'object' && value !== null && ('folder' in value || 'url' in value || 'model' in value);
}

/** `text=...`, a JSON object, an object, or for a prompt with one input its bare text. */
function readInput(prompt: Prompt, input: string | Record<string, unknown> | undefined): Record<string, unknown> {
  if (typeof input === 'object') return input;
  if (input === undefined) return {};
  if (input.trimStart().startsWith('{')) return readJson(input);
  const names = prompt.inputs.map((i) => i.name);
  const [, key, value] = /^([\w$-]+)=([\s\S]*)$/.exec(input) ?? [];
  if (key !== undefined && value !== undefined && names.includes(key)) return { [key]: value };
  if (names.length === 1 && key === undefined) return { [names[0]!]: input };
  throw notAnInput(prompt, key ?? input, names);
}

function readJson(input: string): Record<string, unknown> {
  try {
    return JSON.parse(input) as Record<string, unknown>;
  } catch (cause) {
    throw new UserError(`--input is not valid JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
      offending: input,
    });
  }
}

/** The output block of an answer that arrives in pieces. */
function createView(prompt: Prompt, context: MagicContext) {
  let text = '';
  let display: Display | undefined;
  let shownAtMs = 0;
  const show = (bundle: MimeBundle) => {
    if (display === undefined) display = context.display(bundle);
    else display.update(bundle);
  };
  return {
    add(piece: string) {
      text += piece;
      if (performance.now() - shownAtMs < updateMs) return;
      shownAtMs = performance.now();
      show(answerBundle(`${reference(prompt)}: answering`, text));
    },
    finish(answer: PromptAnswer) {
      const tokens = answer.completionTokens === undefined ? '' : `, ${answer.completionTokens} tokens`;
      const cut = answer.finishReason === 'length' ? '; cut off by --max-tokens' : '';
      show(answerBundle(`${reference(prompt)} answered by ${answer.model}${tokens}${cut}`, answer.text));
    },
  };
}

function answerBundle(headline: string, text: string): MimeBundle {
  return block(headline, [html`<pre style="white-space:pre-wrap">${text}</pre>`], [text]);
}

function reference({ name, version }: Prompt): string {
  return version === undefined ? name : `${name}@${version}`;
}

function notAnInput(prompt: Prompt, given: string, names: readonly string[]): UserError {
  return new UserError(
    `Prompt "${prompt.name}": "${given.slice(0, 60)}" is not an input.${suggestion(given, names, 'Inputs')} Write --input ${names[0] ?? 'text'}="..."`,
    { offending: given },
  );
}
