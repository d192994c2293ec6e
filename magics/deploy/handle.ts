import { displaySymbol, type MimeBundle, typeSymbol } from '../context.ts';
import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import type { Deployment } from '../handles.ts';
import { loadPrompt, type Prompt } from '../prompt/prompt.ts';
import { chat } from '../prompt/providers.ts';
import { newestServers } from './server-job.ts';
import { stopDeployment } from './stop.ts';

/** What a handle is made from. */
export interface DeploymentParts {
  readonly name: string;
  readonly model: string;
  readonly url: string;
  readonly apiKey: string;
  /** Prompt that turns an input into messages; without one an input is a user message. */
  readonly prompt?: string;
  /** The repository's folder. */
  readonly folder: string;
  display(): MimeBundle;
}

/**
 * The handle of a running deployment. Its key can be read but is never shown: it is no enumerable property.
 * Prompts are rendered here and the server applies the chat template only, which is how training made its examples.
 */
export function createDeployment({ name, model, url, apiKey, prompt, folder, display }: DeploymentParts): Deployment {
  let loading: Promise<Prompt> | undefined;
  const messagesFor = async (input: ChatInput) => {
    if (prompt === undefined) return [userMessage(input)];
    loading ??= loadPrompt(prompt, folder);
    return renderInput(await loading, input);
  };
  const deployment = {
    name,
    model,
    url,
    async chat(input: ChatInput): Promise<string> {
      const messages = await messagesFor(input);
      try {
        return (await chat(messages, { endpoint: url, model, apiKey })).text;
      } catch (error) {
        throw (await hasEnded(name, folder)) ? serverEnded(name, model, error) : error;
      }
    },
    stop: () => stopDeployment(name, folder).then(() => undefined),
  };
  return Object.defineProperties(deployment, {
    apiKey: { value: apiKey, enumerable: false },
    [displaySymbol]: { value: display },
    [typeSymbol]: { value: "import('llmops').Deployment" },
  }) as Deployment;
}

type ChatInput = string | Readonly<Record<string, unknown>>;

function userMessage(input: ChatInput): ChatMessage {
  if (typeof input !== 'string') throw inputsWithoutPrompt();
  return { role: 'user', content: input };
}

function renderInput(prompt: Prompt, input: ChatInput): ChatMessage[] {
  return prompt.render(typeof input === 'string' ? { [onlyInput(prompt)]: input } : input);
}

/** The input that a lone text stands for. */
function onlyInput({ name, inputs }: Prompt): string {
  const required = inputs.filter((input) => input.required);
  const [only] = required.length > 0 ? required : inputs;
  if (only === undefined || required.length > 1)
    throw severalInputs(
      name,
      inputs.map((input) => input.name),
    );
  return only.name;
}

async function hasEnded(name: string, folder: string): Promise<boolean> {
  return (await newestServers(folder)).get(name)?.status !== 'running';
}

function serverEnded(name: string, model: string, cause: unknown): UserError {
  return new UserError(`The server of "${name}" has ended. Start it again: %deploy ${model} --as ${name}`, { cause });
}

function severalInputs(prompt: string, inputs: readonly string[]): UserError {
  const example = inputs.map((input) => `${input}: ...`).join(', ');
  return new UserError(`Prompt "${prompt}" takes ${inputs.length} inputs. Pass them by name: chat({ ${example} })`);
}

function inputsWithoutPrompt(): UserError {
  return new UserError('This model has no prompt that takes inputs by name. Pass the text: chat("...")');
}
