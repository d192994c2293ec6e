import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { isNoRepository } from '../dataset/record.ts';
import { UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import { recordName } from '../governance/record-parts.ts';
import type { RecordStore } from '../governance/store.ts';
import { promptBundle, promptHeadline } from './display.ts';
import { inputsType } from './input-types.ts';
import { createPrompt, type Prompt, promptPath } from './prompt.ts';

export const saveOptions = z.strictObject({
  name: z.string().describe('name of the prompt: llmops/prompts/NAME.prompt and the tag NAME@v1.0.0'),
  body: z.string().describe('the Dotprompt file: front matter and template'),
  as: z.string().optional().describe('variable for the prompt'),
});

/** Checks a prompt, commits it when it changed, and gives it a version: a major one when its inputs changed, else a minor one. */
export async function save(options: z.output<typeof saveOptions>, context: MagicContext): Promise<Prompt> {
  const { name } = options;
  if (!recordName.safeParse(name).success) throw badName(name);
  const source = `${options.body.replace(/^\s*\n/, '').trimEnd()}\n`;
  const { folder, distFolder, display } = context;
  const place = { folder, distFolder, display };
  const draft = await createPrompt(name, source, { place });
  const store = await openStore(context.folder).catch((error: unknown) => {
    if (isNoRepository(error)) return error;
    throw error;
  });
  if (store instanceof UserError) {
    context.display(promptBundle(draft, `${promptHeadline(draft)}; not recorded: ${store.message}`));
    return draft;
  }
  await refuseTakenName(store, name);
  const before = await newestVersion(store, name);
  const isUnchanged = before?.source === source;
  const known = isUnchanged ? before.known : await commitVersion(store, draft, before?.inputs);
  const prompt = await createPrompt(name, source, { ...known, place });
  const headline = promptHeadline(prompt);
  context.display(promptBundle(prompt, isUnchanged ? headline.replace('committed', 'unchanged since') : headline));
  return prompt;
}

async function commitVersion(store: RecordStore, draft: Prompt, inputsBefore: Prompt['inputs'] | undefined) {
  const isBreaking = inputsBefore !== undefined && inputsType(inputsBefore) !== inputsType(draft.inputs);
  const version = await store.nextVersion(draft.name, isBreaking ? 'major' : 'minor');
  const tag = `${draft.name}@${version}`;
  const { commit } = await store.commit({
    files: { [promptPath(draft.name)]: draft.source },
    message: `Prompt ${tag}\n\n${draft.digest}`,
    tags: { [tag]: `Prompt ${tag}` },
  });
  return { version, commit };
}

/** The newest version, and whether it is what stands in the repository now. */
async function newestVersion(store: RecordStore, name: string) {
  const [newest] = await store.versions(name);
  if (newest === undefined) return undefined;
  const path = promptPath(name);
  const [now, source = ''] = await Promise.all([
    store.readFile(path),
    store.readFile(path, { at: `refs/tags/${newest.ref}` }),
  ]);
  const { inputs } = await createPrompt(name, source).catch(() => ({ inputs: [] }));
  return {
    source: now === source ? source : undefined,
    inputs,
    known: { version: newest.version, commit: newest.commit },
  };
}

/** Models and prompts are versioned by the same kind of tag: one name cannot be both. */
async function refuseTakenName(store: RecordStore, name: string): Promise<void> {
  const [models, prompts] = await Promise.all([store.names('model'), store.names('prompt')]);
  if (!models.includes(name) || prompts.includes(name)) return;
  throw new UserError(
    `"${name}" is the name of a model, whose versions are tagged ${name}@v1.0.0: a prompt needs another name, for example ${name}-prompt.`,
    { offending: name },
  );
}

function badName(name: string): UserError {
  return new UserError(
    `"${name}" cannot name a prompt: use letters, digits, ".", "_" and "-", at most 100, for example %%prompt triage.`,
    { offending: name },
  );
}
