import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { createGit } from '../governance/git.ts';
import { openStore } from '../governance/open-store.ts';
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
  const git = createGit(store.folder);
  const versions = await store.versions(name);
  const history = await Promise.all(
    versions.map(async ({ ref, commit, createdAt }, i) => {
      const older = versions[i + 1];
      const patch =
        older && (await git(['diff', '--no-color', '--unified=2', older.commit, commit, '--', promptPath(name)]));
      return { ref, commit, createdAt, diff: patch === undefined ? await firstText(store, name, ref) : hunks(patch) };
    }),
  );
  const lines = history.map((v) => `${v.ref}  ${v.createdAt.slice(0, 16).replace('T', ' ')}  ${v.commit.slice(0, 7)}`);
  const parts = history.map((v, i) => details(lines[i]!, html`<pre>${v.diff.trimEnd()}</pre>`));
  const headline = `${name}: ${history.length} version${history.length === 1 ? '' : 's'}, ${source.trimEnd().split('\n').length} lines now`;
  context.display(
    block(
      headline,
      parts,
      history.flatMap((v, i) => [
        lines[i]!,
        ...v.diff
          .trimEnd()
          .split('\n')
          .map((l) => `    ${l}`),
      ]),
    ),
  );
  return history;
}

async function firstText(store: Awaited<ReturnType<typeof openStore>>, name: string, ref: string): Promise<string> {
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
