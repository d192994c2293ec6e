import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modelCard } from '../../../magics/governance/model-card.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { ModelRecord } from '../../../magics/governance/records.ts';
import { makeRepository, makeRun } from './repository-fixture.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const record: ModelRecord = {
  schemaVersion: 1,
  kind: 'model',
  createdAt: '2026-01-02T03:04:05Z',
  name: 'triage',
  version: 'v1.2.0',
  architecture: 'llama',
  parameters: 1_234_567,
  run: 'run-7',
  prompt: 'intent',
  license: 'apache-2.0',
  inputs: [
    { role: 'base', kind: 'model', name: 'small-base' },
    { role: 'train', kind: 'dataset', name: 'questions-train', digest },
    { role: 'test', kind: 'dataset', name: 'questions-test', digest },
  ],
  metrics: {
    accuracy: { value: 0.931, low: 0.912, high: 0.948, level: 0.95, n: 800 },
    perplexity: { value: null },
    steps: { value: 600 },
  },
  files: [{ path: 'model.safetensors', oid: digest, size: 4_938_268 }],
};

describe('modelCard', () => {
  it("has Hugging Face's front matter with the results in model-index", () => {
    const [, frontMatter = ''] = modelCard(record).split('---\n');
    expect(parse(frontMatter)).toEqual({
      license: 'apache-2.0',
      base_model: 'small-base',
      datasets: ['questions-train', 'questions-test'],
      pipeline_tag: 'text-generation',
      tags: ['llmops-notebook', 'llama'],
      'model-index': [
        {
          name: 'triage',
          results: [
            {
              task: { type: 'text-generation' },
              dataset: { name: 'questions-test', type: 'questions-test' },
              metrics: [{ type: 'accuracy', value: 0.931 }],
            },
          ],
        },
      ],
    });
  });

  it('tells results with intervals, what it was made from, files and origin', () => {
    const card = modelCard(record);
    expect(card).toContain('| accuracy | 0.931 [0.912, 0.948] | 800 |');
    expect(card).toContain('| perplexity | not determined |');
    expect(card).toContain('| train | questions-train |');
    expect(card).toContain('| model.safetensors | 4,938,268 |');
    expect(card).toContain('[run-7](../../runs/run-7.json)');
    expect(card).toContain('fine-tuned from small-base. It answers the prompt `intent`.');
    expect(modelCard(record, makeRun('run-7', { seconds: 61.2 }))).toContain('- Time: 61 s on cpu (x64)');
  });

  it('is committed with its record', async () => {
    const store = await openStore(makeRepository());
    await store.commit({ records: [record], message: 'Record', tags: { 'triage@v1.2.0': 'x' } });
    expect(await store.readFile('llmops/models/triage/README.md')).toBe(modelCard(record));
    expect((await store.versions()).map((version) => version.ref)).toEqual(['triage@v1.2.0']);
  });
});
