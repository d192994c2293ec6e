import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { mime } from '../../../magics/context.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { createHubServer } from '../engine/hub/hub-server.ts';
import { makeFolder, makeRepository } from '../governance/repository-fixture.ts';
import { makeContext, runFinetune, tinyOptions } from './training-fixture.ts';

// A real training: slow where many share the machine.
vi.setConfig({ testTimeout: 180_000 });
afterEach(() => {
  vi.unstubAllEnvs();
});

it('fine-tunes a model of the hub, and its record pins the commit and holds no token', async () => {
  const folder = makeRepository();
  const { model } = await runFinetune(await tinyOptions({ max_steps: 5 }), makeContext(folder).context);
  const hub = await createHubServer();
  const commit = 'd4'.repeat(20);
  const names = readdirSync(model.folder);
  const files = new Map(names.map((name) => [name, readFileSync(path.join(model.folder, name))] as const));
  hub.repositories.set('tiny/llama', { commit, files, gatedBy: 'hf_secret' });
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  vi.stubEnv('HF_HOME', makeFolder());
  try {
    const { context, outputs } = makeContext(folder);
    const options = await tinyOptions({ base_model: 'tiny/llama', adapter: 'lora', max_steps: 5, name: 'adapted' });
    const run = await runFinetune(options, context);
    expect(outputs[0]!.at(-1)![mime.text]).toMatch(/^tiny\/llama at d4d4d4d4d4d4: .* MB downloaded from http:/);
    const store = await openStore(folder);
    const record = await store.read('run', run.id);
    expect(record?.inputs.find(({ role }) => role === 'base')).toMatchObject({
      kind: 'model',
      name: 'tiny/llama',
      version: commit,
    });
    expect(record?.config.base_model).toBe(`tiny/llama@${commit}`);
    const adapter: unknown = JSON.parse(
      readFileSync(path.join(run.model.folder, 'adapter/adapter_config.json'), 'utf8'),
    );
    expect(adapter).toMatchObject({ base_model_name_or_path: 'tiny/llama', revision: commit });
    const written = [
      record,
      readFileSync(path.join(folder, '.llmops/jobs', record!.job, 'spec.json'), 'utf8'),
      outputs,
    ];
    expect(JSON.stringify(written)).not.toContain('hf_secret');
  } finally {
    await hub.close();
  }
});
