import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { digestText } from '../governance/objects.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import { checkLineage } from './check-lineage.ts';
import { noManifest } from './errors.ts';
import { gatherEvidence } from './gather.ts';
import { buildManifest, extractManifest, type Manifest } from './manifest.ts';
import { readNotebook } from './notebook.ts';

/** What was checked, and everything that is not as it should be. */
export interface Verification {
  readonly checked: { readonly files: number; readonly tags: number; readonly objects: number };
  readonly problems: readonly string[];
}

/**
 * Checks a report's manifest, or a notebook's records, against the repository around `folder`:
 * digests are computed again; commits, tags and objects must be there and equal.
 */
export async function verify(file: string, folder: string): Promise<Verification> {
  const absolute = path.resolve(folder, file);
  const store = await openStore(folder);
  return file.endsWith('.ipynb') ? verifyNotebook(store, absolute) : verifyReport(store, absolute);
}

async function verifyReport(store: RecordStore, file: string): Promise<Verification> {
  const extracted = extractManifest(await readFile(file, 'utf8').catch(() => ''));
  if (extracted === undefined) throw noManifest(file);
  const { manifest, page } = extracted;
  const own = manifest.page === digestText(page) ? [] : ['The page was changed after the report was made.'];
  return withChecks(manifest, [...own, ...(await checkManifest(store, manifest))]);
}

async function verifyNotebook(store: RecordStore, file: string): Promise<Verification> {
  const notebook = await readNotebook(file);
  const evidence = await gatherEvidence(store, notebook);
  const manifest = await buildManifest(store, notebook, evidence);
  const nothing =
    manifest.files.length === 0 ? ['No record was made by this notebook or is named in its outputs.'] : [];
  return withChecks(manifest, [
    ...nothing,
    ...(await checkManifest(store, manifest)),
    ...(await checkLineage(store, evidence)),
  ]);
}

function withChecks({ files, tags, objects }: Manifest, problems: readonly string[]): Verification {
  return { checked: { files: files.length, tags: tags.length, objects: objects.length }, problems };
}

async function checkManifest(store: RecordStore, { files, tags, objects }: Manifest): Promise<string[]> {
  const versions = await store.versions();
  const problems: string[] = [];
  for (const { path: name, commit, digest } of files) {
    const text = await store.readFile(name, { at: commit });
    if (text === undefined) problems.push(`${name}: commit ${commit.slice(0, 10)} is missing or does not hold it.`);
    else if (digestText(text) !== digest) problems.push(`${name}: its text at commit ${commit.slice(0, 10)} differs.`);
  }
  for (const { name, commit } of tags) {
    const found = versions.find((version) => version.ref === name);
    if (found === undefined) problems.push(`${name}: the tag is missing.`);
    else if (found.commit !== commit) problems.push(`${name}: the tag points to another commit.`);
  }
  for (const object of objects) {
    const problem = await store.objects.file(object).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}
