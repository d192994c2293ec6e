import path from 'node:path';
import { z } from 'zod';
import { digestText } from '../governance/objects.ts';
import { digest, objectPointer } from '../governance/record-parts.ts';
import { type AnyRecord, recordPath } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { Html } from '../html.ts';
import type { Evidence } from './gather.ts';
import type { Notebook } from './notebook.ts';

const file = z.strictObject({ path: z.string(), commit: z.string(), digest });

/** What a report says about the repository, in a form that `verify` can check. */
export const manifestSchema = z.strictObject({
  kind: z.literal('llmops-report'),
  schemaVersion: z.literal(1),
  createdAt: z.iso.datetime(),
  notebook: z.strictObject({ path: z.string(), digest }),
  /** Records and prompts: path, the commit that made this state of it, digest of its text there. */
  files: z.array(file),
  tags: z.array(z.strictObject({ name: z.string(), commit: z.string() })),
  objects: z.array(objectPointer),
  /** Digest of the page without this manifest; absent when there is no page. */
  page: digest.optional(),
});
export type Manifest = z.output<typeof manifestSchema>;

const open = '<script type="application/json" id="llmops-manifest">';
const close = '</script>';

/** Pins everything that the evidence consists of, as it is in the repository now. */
export async function buildManifest(store: RecordStore, notebook: Notebook, evidence: Evidence): Promise<Manifest> {
  const { datasets, runs, models, evals, deployments, prompts } = evidence;
  const records: readonly AnyRecord[] = [...datasets, ...runs, ...evals, ...deployments];
  const paths = [...records.map(recordPath), ...prompts.map((prompt) => `llmops/prompts/${prompt.name}.prompt`)];
  const versions = await store.versions();
  const tags = models.flatMap((model) => versions.filter((v) => v.ref === `${model.name}@${model.version}`));
  const files = [
    ...(await Promise.all(paths.map((name) => pinFile(store, name)))),
    ...(await Promise.all(tags.map((tag) => pinFile(store, `llmops/models/${tag.name}/model.json`, tag.commit)))),
  ];
  return {
    kind: 'llmops-report',
    schemaVersion: 1,
    createdAt: new Date().toISOString(),
    notebook: { path: relativePath(store, notebook), digest: digestText(notebook.text) },
    files: files.filter((entry) => entry !== undefined),
    tags: tags.map(({ ref, commit }) => ({ name: ref, commit })),
    objects: [
      ...datasets.map((record) => record.object),
      ...runs.flatMap((record) => record.series ?? []),
      ...evals.map((record) => record.samples),
      ...models.flatMap((record) => record.files),
    ],
  };
}

/** Closes a page with the manifest of its content. */
export function embedManifest(page: string, manifest: Manifest): string {
  const json = JSON.stringify({ ...manifest, page: digestText(page) }, null, 1).replaceAll('<', '\\u003c');
  return page.replace('</body>', () => new Html(`${open}\n${json}\n${close}\n</body>`).markup);
}

/** Takes the manifest out of a page: its content, and the page without it. Undefined when there is none. */
export function extractManifest(text: string): { manifest: Manifest; page: string } | undefined {
  const start = text.lastIndexOf(open);
  const end = text.indexOf(close, start);
  if (start < 0 || end < 0) return undefined;
  const parsed = manifestSchema.safeParse(parseJson(text.slice(start + open.length, end)));
  if (!parsed.success) return undefined;
  return { manifest: parsed.data, page: text.slice(0, start) + text.slice(end + close.length + 1) };
}

async function pinFile(store: RecordStore, name: string, at = 'HEAD') {
  const [[last], text] = await Promise.all([store.log(name, { at, limit: 1 }), store.readFile(name, { at })]);
  return last === undefined || text === undefined
    ? undefined
    : { path: name, commit: last.commit, digest: digestText(text) };
}

function relativePath(store: RecordStore, notebook: Notebook): string {
  return path.relative(store.folder, notebook.file).split(path.sep).join('/');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
