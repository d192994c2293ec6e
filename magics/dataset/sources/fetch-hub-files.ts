import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileChoice } from '../../engine/hub/model-files.ts';
import type { HubReference } from '../../engine/hub/reference.ts';
import { downloadSnapshot } from '../../engine/hub/snapshot.ts';
import { UserError } from '../../errors.ts';
import type { DataFile } from './data-file.ts';
import { progressView } from './download.ts';
import type { SourcePlace } from './find-files.ts';
import { globExpression, isGlob } from './glob.ts';

const pattern = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+?)(?:@([^/]+))?\/(.+)$/;

/** Files of `hf://datasets/owner/name[@revision]/path`, where the path may have wildcards, from the hub by way of its cache. */
export async function fetchHubFiles(url: string, place: SourcePlace): Promise<DataFile[]> {
  const [, repository, revision = 'main', wanted] = pattern.exec(url) ?? [];
  if (repository === undefined || wanted === undefined) throw notHubFile(url);
  const reference: HubReference = { kind: 'dataset', repository, revision, isExplicit: true };
  const choice = chooseFiles(wanted);
  const show = progressView(url, place);
  const { folder, commit } = await downloadSnapshot(reference, choice, {
    signal: place.signal,
    onProgress: ({ bytes, totalBytes }) => show(bytes, totalBytes),
  });
  return Promise.all(
    choice.chosen().map(async (name) => {
      const file = path.join(folder, name);
      return { path: file, name: `hf://datasets/${repository}@${commit}/${name}`, size: (await stat(file)).size };
    }),
  );
}

function chooseFiles(wanted: string): FileChoice & { chosen(): string[] } {
  let chosen = isGlob(wanted) ? undefined : [wanted];
  return {
    optional: [],
    chosen: () => chosen ?? [],
    choose(available) {
      const matches = globExpression(wanted);
      chosen = available.filter((name) => matches.test(name)).sort();
      return chosen;
    },
    async missing(read) {
      if (chosen === undefined || chosen.length === 0) return wanted;
      for (const name of chosen) if (!(await read.has(name))) return name;
      return undefined;
    },
  };
}

function notHubFile(url: string): UserError {
  return new UserError(
    `${url} names no file of a data set on the hub. Write hf://datasets/OWNER/NAME/PATH, for example hf://datasets/owner/name/data/train.parquet; the path may hold "*".`,
    { offending: url },
  );
}
