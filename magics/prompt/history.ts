import { z } from 'zod';
import type { MagicContext, MimeBundle } from '../context.ts';
import { count } from '../dataset/display.ts';
import { createGit } from '../governance/git.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import { block, details, html } from '../html.ts';
import { loadPrompt, promptPath } from './prompt.ts';

export const historyOptions = z.strictObject({
  name: z.string().describe('name of the prompt'),
  as: z.string().optional().describe('variable for the list of versions'),
});

/** One version of a prompt. */
export interface PromptVersion {
  readonly ref: string;
  readonly commit: string;
  readonly createdAt: string;
  /** Unified diff from the version before; the whole text for the first. */
  readonly diff: string;
}

/** Shows the versions of a prompt, newest first, each with what it changed. */
export async function history(
  { name }: z.output<typeof historyOptions>,
  context: MagicContext,
): Promise<PromptVersion[]> {
  const { source } = await loadPrompt(name, context.folder);
  const store = await openStore(context.folder);
  const versions = await store.versions(name);
  const changes = await Promise.all(
    versions.map(async ({ ref, commit, createdAt }, i) => {
      const older = versions[i + 1];
      const diff =
        older === undefined ? await firstText(store, name, ref) : await diffOf(store, name, older.commit, commit);
      return { ref, commit, createdAt, diff };
    }),
  );
  context.display(historyBundle(name, source, changes));
  return changes;
}

function historyBundle(name: string, source: string, versions: readonly PromptVersion[]): MimeBundle {
  const lines = versions.map(
    ({ ref, createdAt, commit }) => `${ref}  ${createdAt.slice(0, 16).replace('T', ' ')}  ${commit.slice(0, 7)}`,
  );
  const diffs = versions.map((version) => version.diff.trimEnd());
  const headline = `${name}: ${count(versions.length, 'version')}, ${count(source.trimEnd().split('\n').length, 'line')} now`;
  const parts = diffs.map((diff, i) => details(lines[i]!, html`<pre>${diff}</pre>`));
  const text = diffs.flatMap((diff, i) => [lines[i]!, ...diff.split('\n').map((line) => `    ${line}`)]);
  return block(headline, parts, text);
}

async function diffOf(store: RecordStore, name: string, older: string, newer: string): Promise<string> {
  const git = createGit(store.folder);
  return hunks(await git(['diff', '--no-color', '--unified=2', older, newer, '--', promptPath(name)]));
}

async function firstText(store: RecordStore, name: string, ref: string): Promise<string> {
  const text = (await store.readFile(promptPath(name), { at: `refs/tags/${ref}` })) ?? '';
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `+${line}`)
    .join('\n');
}

/** A patch without its header lines. */
function hunks(patch: string): string {
  const start = patch.indexOf('@@');
  return start < 0 ? 'no change of the text' : patch.slice(start);
}
