import path from 'node:path';
import { UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import { recordPath } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { type Evidence, gatherEvidence, noEvidence } from './gather.ts';
import { buildManifest, embedManifest } from './manifest.ts';
import { readNotebook } from './notebook.ts';
import { renderPage } from './page.ts';

export { type Verification, verify } from './verify.ts';

/** What was written. */
export interface Report {
  /** Absolute path of the HTML file. */
  readonly file: string;
  readonly title: string;
  readonly bytes: number;
  /** How many records it is about. */
  readonly records: number;
}

/**
 * Writes one self-contained HTML file about a notebook and the records it made: verdict, lineage, cells and outputs, data,
 * prompts, training, evaluation, versions, history. Paths are relative to `folder`. The notebook is read from disk as it is now.
 */
export async function writeReport(options: { notebook: string; out: string; folder: string }): Promise<Report> {
  const notebook = await readNotebook(path.resolve(options.folder, options.notebook));
  const store = await openStore(path.dirname(notebook.file)).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  const evidence = store === undefined ? noEvidence : await gatherEvidence(store, notebook);
  const paths = pathsOf(evidence);
  const log = store === undefined || paths.length === 0 ? [] : await store.log(paths);
  const page = await renderPage({ notebook, evidence, store, log, createdAt: new Date() });
  const text =
    store === undefined ? page : embedManifest(page, await buildManifest(store as RecordStore, notebook, evidence));
  const file = path.resolve(options.folder, options.out);
  await writeFileAtomic(file, text);
  return { file, title: notebook.title, bytes: Buffer.byteLength(text), records: paths.length };
}

function pathsOf({ datasets, prompts, runs, models, evals, deployments }: Evidence): string[] {
  const records = [...datasets, ...runs, ...models, ...evals, ...deployments].map(recordPath);
  return [...new Set([...records, ...prompts.map(({ name }) => `llmops/prompts/${name}.prompt`)])];
}
