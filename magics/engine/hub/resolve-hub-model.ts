import { type Display, type MagicContext, mime } from '../../context.ts';
import type { ModelReference } from '../../handles.ts';
import { block } from '../../html.ts';
import { progressBundle } from '../../jobs/progress.ts';
import type { TransferProgress } from './download-all.ts';
import { type HubEnvironment, readHubEnvironment } from './environment.ts';
import { megabytes } from './errors.ts';
import { modelFiles } from './model-files.ts';
import type { HubReference } from './reference.ts';
import { downloadSnapshot, type Snapshot } from './snapshot.ts';

/** Where a download is shown, and what stops it. */
export type DownloadPlace = Partial<Pick<MagicContext, 'display' | 'signal'>>;

const refreshMs = 100;

/**
 * A model of the hub as a folder of the cache, pinned to a commit. What is not there yet is downloaded, with a line of
 * progress in the cell; an interrupt stops it, and the next time goes on from there.
 */
export async function resolveHubModel(
  reference: HubReference,
  place: DownloadPlace,
  environment: HubEnvironment = readHubEnvironment(),
): Promise<ModelReference> {
  const view = createView(reference, environment, place);
  const { signal } = place;
  const snapshot = await downloadSnapshot(reference, modelFiles, { signal, environment, onProgress: view.onProgress });
  view.finish(snapshot);
  const { repository: name } = reference;
  return { name, version: snapshot.commit, ref: `${name}@${snapshot.commit}`, folder: snapshot.folder };
}

/** Nothing is shown when nothing has to be fetched. */
function createView({ repository }: HubReference, environment: HubEnvironment, { display: show }: DownloadPlace) {
  const startedAt = performance.now();
  let display: Display | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    onProgress(progress: TransferProgress) {
      const now = performance.now();
      if (now - shownAt < refreshMs) return;
      shownAt = now;
      const bundle = downloadBundle(repository, environment.endpoint, progress, now - startedAt);
      if (display === undefined) display = show?.(bundle);
      else display.update(bundle);
    },
    finish({ commit, downloadedBytes, note }: Snapshot) {
      const seconds = Math.max(1, Math.round((performance.now() - startedAt) / 1000));
      const size = megabytes(downloadedBytes);
      const fetched = `${repository} at ${commit.slice(0, 12)}: ${size} downloaded from ${environment.endpoint} in ${seconds} s`;
      const said = note ?? (downloadedBytes > 0 ? fetched : undefined);
      if (said === undefined) return;
      if (display === undefined) show?.(block(said));
      else display.update(block(said));
    },
  };
}

/** `downloading owner/name from https://... ███░░ 62% 167/269 MB · 11.2 MB/s · 0:15 elapsed · 0:09 left` */
function downloadBundle(repository: string, endpoint: string, progress: TransferProgress, elapsedMs: number) {
  const { bytes, totalBytes, earlierBytes } = progress;
  const bytesPerSecond = (bytes - earlierBytes) / Math.max(0.05, elapsedMs / 1000);
  const leftMs = bytesPerSecond > 0 ? ((totalBytes - bytes) / bytesPerSecond) * 1000 : undefined;
  const phase = `downloading ${repository} from ${endpoint}`;
  const figures = { bytesPerSecond };
  const bundle = progressBundle({ phase, step: bytes, steps: totalBytes, unit: 'bytes', leftMs, figures }, elapsedMs);
  const percent = Math.floor((bytes / Math.max(1, totalBytes)) * 100);
  return { ...bundle, [mime.progress]: { text: `downloading ${percent}%`, fraction: bytes / Math.max(1, totalBytes) } };
}
