import { createHash } from 'node:crypto';
import { displaySymbol, typeSymbol } from '../context.ts';
import type { ChatMessage } from '../engine/types.ts';
import { suggestion, UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import { promptBundle } from './display.ts';
import { inputsType, type PromptInput } from './inputs.ts';
import { type PromptMetadata, parsePrompt } from './parse.ts';
import { compileTemplate } from './render.ts';
import { type PromptAnswer, type RunOptions, runPrompt } from './run-prompt.ts';

/** A Dotprompt file, parsed. `Inputs` is the type of what it is rendered with. */
export interface Prompt<Inputs extends Record<string, unknown> = Record<string, unknown>> {
  readonly name: string;
  /** The file's text. */
  readonly source: string;
  /** `sha256:` of the source. */
  readonly digest: string;
  /** `v1.0.0`; absent while it is not recorded. */
  readonly version?: string;
  /** Commit of its record. */
  readonly commit?: string;
  readonly inputs: readonly PromptInput[];
  readonly metadata: PromptMetadata;
  /** The messages for these inputs. A missing, unknown or mistyped input is a UserError that names it. */
  render(inputs: Inputs): ChatMessage[];
  /** The messages for a row of a data set: columns that are no inputs are left out. */
  renderRow(row: Readonly<Record<string, unknown>>): ChatMessage[];
  /** Renders and asks a model: a local one (`model`) or an OpenAI-compatible endpoint (`endpoint`). */
  run(inputs: Inputs, options: RunOptions): Promise<PromptAnswer>;
}

/** Makes the handle of a prompt's source; a UserError says what is wrong with it, and on which line. */
export async function createPrompt(
  name: string,
  source: string,
  known: { version?: string; commit?: string } = {},
): Promise<Prompt> {
  const { metadata, template, inputs, checkInputs } = await parsePrompt(name, source);
  const renderTemplate = compileTemplate(template);
  const render = (values: Readonly<Record<string, unknown>>) => renderTemplate(checkInputs(values));
  const prompt: Prompt = {
    name,
    source,
    digest: digestOf(source),
    ...known,
    inputs,
    metadata,
    render,
    renderRow: (row) =>
      render(Object.fromEntries(inputs.flatMap((i) => (i.name in row ? [[i.name, row[i.name]]] : [])))),
    run: (values, options) => runPrompt(render(values), metadata, options),
  };
  return Object.defineProperties(prompt, {
    [displaySymbol]: { value: () => promptBundle(prompt) },
    [typeSymbol]: { value: `import('llmops').Prompt<${inputsType(inputs)}>` },
  });
}

/** The committed prompt `name` (its newest state) or `name@v1.0.0`, from `llmops/prompts/`. */
export async function loadPrompt(reference: string, folder: string): Promise<Prompt> {
  const store = await openStore(folder);
  const [name = '', version] = reference.split('@');
  const versions = await store.versions(name);
  const source = await readSource(store, name, version);
  if (source === undefined) {
    throw promptNotFound(reference, version === undefined ? await store.names('prompt') : versions.map((v) => v.ref));
  }
  const tagged = versions.find((v) => (version === undefined ? true : v.version === version));
  return createPrompt(name, source, { version: tagged?.version, commit: tagged?.commit });
}

/** True for the handles that `createPrompt` makes. */
export function isPrompt(value: unknown): value is Prompt {
  return typeof value === 'object' && value !== null && 'source' in value && 'render' in value && 'inputs' in value;
}

/** Path of a prompt's file within the repository. */
export function promptPath(name: string): string {
  return `llmops/prompts/${name}.prompt`;
}

function readSource(store: RecordStore, name: string, version: string | undefined): Promise<string | undefined> {
  return store.readFile(promptPath(name), version === undefined ? {} : { at: `refs/tags/${name}@${version}` });
}

function digestOf(source: string): string {
  return `sha256:${createHash('sha256').update(source).digest('hex')}`;
}

function promptNotFound(reference: string, available: readonly string[]): UserError {
  const rest = suggestion(reference, available, 'Prompts');
  return new UserError(
    `Prompt "${reference}" does not exist.${rest} Write one in a cell that begins with: %%prompt ${reference.split('@')[0]}`,
    {
      offending: reference,
    },
  );
}
