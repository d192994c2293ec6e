import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExport, exporters, exportVersion } from '../../../../magics/governance/export/index.ts';
import type { RecordStore } from '../../../../magics/governance/store.ts';
import { makeDataset, makeEval, makeModel, makeModels } from '../model-fixture.ts';
import { makeRun } from '../repository-fixture.ts';

/** Checked by validate_exports.py beside them, with the official schemas and parsers. */
const goldens = {
  card: 'card.md',
  cyclonedx: 'cyclonedx.json',
  'annex-iv': 'annex-iv.md',
  openlineage: 'openlineage.jsonl',
};
const createdAt = '2026-01-02T03:04:05Z';

describe('export', () => {
  it('writes the documents that the official schemas and parsers accept', async () => {
    const store = await makeStory();
    expect(Object.keys(exporters)).toEqual(Object.keys(goldens));
    for (const [format, name] of Object.entries(goldens)) {
      const text = (await exportVersion(store, 'triage', format)).replace(/commit [0-9a-f]{40}/, 'commit COMMIT');
      const golden = `test/golden/governance/${name}`;
      expect(text, format).toBe(readFileSync(golden, 'utf8'));
    }
    await expect(exportVersion(store, 'triage', 'cyclone')).rejects.toThrow('Did you mean "cyclonedx"');
  });

  it('knows when a document is stale: a record changed, was added or is gone', async () => {
    const store = await makeStory();
    for (const format of Object.keys(goldens)) {
      expect(await checkExport(store, 'triage', await exportVersion(store, 'triage', format)), format).toEqual([]);
    }
    const document = await exportVersion(store, 'triage', 'annex-iv');
    const other = makeEval('eval-2', 'triage@v1.0.0', { createdAt });
    const data = makeDataset('tickets', { license: 'mit', createdAt });
    await store.commit({ records: [other, data], message: 'News' });
    expect(await checkExport(store, 'triage', document)).toEqual([
      'llmops/datasets/tickets.json has changed',
      'llmops/evals/eval-2.json is new',
    ]);
  });
});

async function makeStory(): Promise<RecordStore> {
  const { store } = await makeModels([]);
  const inputs = [
    { role: 'train', kind: 'dataset', name: 'tickets', digest: `sha256:${'1'.repeat(64)}` },
    { role: 'base', kind: 'model', name: 'models/base' },
  ] as const;
  const files = [{ path: 'model.safetensors', oid: `sha256:${'2'.repeat(64)}`, size: 1000 }];
  const slices = [{ column: 'language', value: 'de', metrics: { exact_match: { value: 0.9 } } }];
  await store.commit({
    records: [
      makeModel('v1.0.0', { license: 'apache-2.0', run: 'run-1', inputs: [...inputs], files }),
      makeRun('run-1', { inputs: [...inputs], model: 'triage@v1.0.0' }),
      makeEval('eval-1', 'triage@v1.0.0', { createdAt, slices }),
      makeDataset('tickets', { license: 'cc-by-4.0' }),
    ],
    message: 'Story',
    tags: { 'triage@v1.0.0': 'v1.0.0' },
  });
  return store;
}
