import { createHash } from 'node:crypto';
import { displaySymbol, typeSymbol } from '../context.ts';
import type { ChatMessage } from '../engine/types.ts';
import { suggestion, UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import type { JobPlace } from './ask-local.ts';
import { promptBundle } from './display.ts';
import { inputsType } from './input-types.ts';
import type { PromptInput } from './inputs.ts';
import type { PromptMetadata } from './parse.ts';
import type { PromptAnswer } from './providers.ts';
import { type RunOptions, runPrompt } from './run-prompt.ts';

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

/** Makes the handle of a prompt's source (Handlebars and Dotprompt are loaded on first use); a UserError says what is wrong with it, and on which line. */
export async function createPrompt(
  name: string,
  source: string,
  { place, ...known }: { version?: string; commit?: string; place?: JobPlace } = {},
): Promise<Prompt> {
  const [{ parsePrompt }, { compileTemplate }] = await Promise.all([import('./parse.ts'), import('./render.ts')]);
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
    run: (values, options) => runPrompt(render(values), metadata, options, place),
  };
  return Object.defineProperties(prompt, {
    [displaySymbol]: { value: () => promptBundle(prompt) },
    [typeSymbol]: { value: `import('llmops').Prompt<${inputsType(inputs)}>` },
  });
}

/**
 * The committed prompt `name` (its newest state) or `name@v1.0.0`, from `llmops/prompts/`. With `distFolder` it can also
 * be run against local models.
 */
export async function loadPrompt(
  reference: string,
  folder: string,
  running: Partial<Pick<JobPlace, 'distFolder' | 'display'>> = {},
): Promise<Prompt> {
  const store = await openStore(folder);
  const [name = '', version] = reference.split('@');
  const versions = await store.versions(name);
  const source = await readSource(store, name, version);
  if (source === undefined) {
    throw promptNotFound(reference, version === undefined ? await store.names('prompt') : versions.map((v) => v.ref));
  }
  const candidate = version === undefined ? versions[0] : versions.find((v) => v.version === version);
  const isTagged = candidate !== undefined && (await readSource(store, name, candidate.version)) === source;
  const { distFolder, display } = running;
  const place = distFolder === undefined ? undefined : { folder, distFolder, display };
  return createPrompt(name, source, {
    ...(isTagged && { version: candidate.version, commit: candidate.commit }),
    place,
  });
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
