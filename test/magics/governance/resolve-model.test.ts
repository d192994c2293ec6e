import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { ModelRecord } from '../../../magics/governance/records.ts';
import { resolveModel } from '../../../magics/governance/resolve-model.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { makeFolder, makeRepository } from './repository-fixture.ts';

describe('resolveModel', () => {
  it('finds the newest version by name and any version by reference, with its files laid out', async () => {
    const folder = makeRepository();
    const store = await openStore(folder);
    await commitModel(store, 'v1.0.0', 'old');
    await commitModel(store, 'v1.1.0', 'new');
    const newest = await resolveModel('triage', folder);
    expect(newest).toEqual({
      name: 'triage',
      version: 'v1.1.0',
      ref: 'triage@v1.1.0',
      folder: path.join(folder, '.llmops/models/triage/v1.1.0'),
    });
    expect(readFileSync(path.join(newest.folder, 'adapter/weights'), 'utf8')).toBe('new');
    const old = await resolveModel('triage@v1.0.0', folder);
    expect(readFileSync(path.join(old.folder, 'adapter/weights'), 'utf8')).toBe('old');
    expect(await resolveModel(old, folder)).toBe(old);

    rmSync(old.folder, { recursive: true });
    await resolveModel('triage@v1.0.0', folder);
    expect(readFileSync(path.join(old.folder, 'adapter/weights'), 'utf8')).toBe('old');
  });

  it('takes a local Hugging Face folder, and says what is missing from one that is not', async () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'models/base'), { recursive: true });
    await expect(resolveModel('models/base', folder)).rejects.toThrow(/models\/base is not a model.*config\.json/);
    writeFileSync(path.join(folder, 'models/base/config.json'), '{}');
    expect(await resolveModel('models/base', folder)).toEqual({
      name: 'base',
      version: 'local',
      ref: 'base',
      folder: path.join(folder, 'models/base'),
    });
  });

  it('names the models and versions there are', async () => {
    const folder = makeRepository();
    await expect(resolveModel('triage', folder)).rejects.toThrow(/"triage" does not exist\. Make one with %finetune/);
    await commitModel(await openStore(folder), 'v1.0.0', 'x');
    await expect(resolveModel('triagge', folder)).rejects.toThrow('Did you mean "triage"?');
    await expect(resolveModel('triage@v7.0.0', folder)).rejects.toThrow('triage@v1.0.0');
  });

  it('refuses a record whose files would land outside the model folder', async () => {
    const folder = makeRepository();
    await commitModel(await openStore(folder), 'v1.0.0', 'x', '../../../../escape');
    await expect(resolveModel('triage', folder)).rejects.toThrow(/is not a path inside its folder/);
  });
});

async function commitModel(store: RecordStore, version: string, weights: string, file = 'adapter/weights') {
  const record: ModelRecord = {
    schemaVersion: 1,
    kind: 'model',
    createdAt: '2026-01-02T03:04:05Z',
    name: 'triage',
    version,
    architecture: 'llama',
    parameters: 10,
    inputs: [],
    metrics: {},
    files: [await store.objects.putText(weights, file)],
  };
  await store.commit({ records: [record], message: version, tags: { [`triage@${version}`]: version } });
}
