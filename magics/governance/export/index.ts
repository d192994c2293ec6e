import { exportUnknown } from '../errors.ts';
import { modelCard } from '../model-card.ts';
import type { RecordStore } from '../store.ts';
import { annexIv } from './annex-iv.ts';
import { cycloneDx } from './cyclonedx.ts';
import { citations, type Evidence, gatherEvidence, staleness } from './evidence.ts';
import { openLineage } from './openlineage.ts';

/** The documents that a version can be told as. */
export const exporters: Readonly<Record<string, (evidence: Evidence) => string>> = {
  card: (evidence) => {
    const list = citations(evidence).map((text) => `- \`${text}\``);
    return `${modelCard(evidence.model, evidence.run)}\n## Evidence\n\n${list.join('\n')}\n`;
  },
  cyclonedx: cycloneDx,
  'annex-iv': annexIv,
  openlineage: openLineage,
};

/** Writes one document about a version from its records as they are now. */
export async function exportVersion(store: RecordStore, ref: string, format: string): Promise<string> {
  const exporter = Object.hasOwn(exporters, format) ? exporters[format] : undefined;
  if (exporter === undefined) throw exportUnknown(format, Object.keys(exporters));
  return exporter(await gatherEvidence(store, ref));
}

/** What has changed in the records since a document was exported; empty while it is up to date. */
export async function checkExport(store: RecordStore, ref: string, document: string): Promise<string[]> {
  return staleness(document, await gatherEvidence(store, ref));
}
