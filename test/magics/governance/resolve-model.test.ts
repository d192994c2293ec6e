import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { ModelRecord } from '../../../magics/governance/records.ts';
import { resolveModel } from '../../../magics/governance/resolve-model.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { createHubServer } from '../engine/hub/hub-server.ts';
import { createTestContext } from '../test-context.ts';
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

  it("takes an adapter in PEFT's layout, merged into the base that it names, once", async () => {
    const folder = makeFolder();
    const golden = path.resolve('test/golden/families/gpt2');
    cpSync(golden, path.join(folder, 'gpt2'), { recursive: true });
    const adapter = path.join(folder, 'gpt2/adapter');
    await expect(resolveModel('gpt2/adapter', folder)).rejects.toThrow(/does not say which model it belongs to/);
    const file = path.join(adapter, 'adapter_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...config, base_model_name_or_path: '..' }));
    const merged = await resolveModel('gpt2/adapter', folder);
    expect(merged).toMatchObject({ name: 'adapter', version: 'local' });
    expect(path.dirname(merged.folder)).toBe(path.join(folder, '.llmops/merged'));
    expect(readdirSync(merged.folder)).toEqual(['config.json', 'generation_config.json', 'model.safetensors']);
    const weights = path.join(merged.folder, 'model.safetensors');
    const written = statSync(weights).mtimeMs;
    expect(await resolveModel(adapter, folder)).toEqual(merged);
    expect(statSync(weights).mtimeMs).toBe(written);

    writeFileSync(
      file,
      JSON.stringify({ ...config, base_model_name_or_path: path.resolve('test/golden/families/llama') }),
    );
    await expect(resolveModel(adapter, folder)).rejects.toThrow(/fits no linear module of this LlamaForCausalLM/);
    expect(readdirSync(path.join(folder, '.llmops/merged'))).toEqual([path.basename(merged.folder)]);
  });

  it('downloads owner/name from the hub, pinned to its commit, and says so while it comes', async () => {
    const hub = await createHubServer();
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    vi.stubEnv('HF_HOME', makeFolder());
    try {
      const commit = 'c3'.repeat(20);
      const files = ['config.json', 'tokenizer.json', 'model.safetensors'].map(
        (name) => [name, Buffer.from('{}')] as const,
      );
      hub.repositories.set('tiny/llama', { commit, files: new Map(files) });
      const context = createTestContext(makeFolder());
      const model = await resolveModel('tiny/llama', context.folder, context);
      expect(model).toMatchObject({ name: 'tiny/llama', version: commit, ref: `tiny/llama@${commit}` });
      expect(readFileSync(path.join(model.folder, 'config.json'), 'utf8')).toBe('{}');
      expect(context.text()).toContain(`tiny/llama at c3c3c3c3c3c3: 0.0 MB downloaded from ${hub.endpoint} in `);
      expect(await resolveModel(model.ref, context.folder, context)).toEqual(model);
      expect(context.shown).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
      await hub.close();
    }
  });

  it('asks no network about a path with a typo', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'models'));
    await expect(resolveModel('models/bse', folder)).rejects.toThrow(
      /no model folder models\/bse\. The folder "models" exists.*hf:\/\/models\/bse/,
    );
    await expect(resolveModel('./models/bse', folder)).rejects.toThrow('There is no model folder ./models/bse.');
    vi.unstubAllEnvs();
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
