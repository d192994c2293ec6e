import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransferProgress } from '../../../../magics/engine/hub/download-all.ts';
import type { HubEnvironment } from '../../../../magics/engine/hub/environment.ts';
import { modelFiles } from '../../../../magics/engine/hub/model-files.ts';
import { parseHubReference } from '../../../../magics/engine/hub/reference.ts';
import { downloadSnapshot, type SnapshotOptions } from '../../../../magics/engine/hub/snapshot.ts';
import { createHubServer, etagOf, type HubRepository, type HubServer } from './hub-server.ts';

const commit = 'a1'.repeat(20);
const other = 'b2'.repeat(20);

describe('downloadSnapshot', () => {
  let hub: HubServer;
  let environment: HubEnvironment;
  const download = (name = 'tiny/llama', options: SnapshotOptions = {}) =>
    downloadSnapshot(parseHubReference(name)!, modelFiles, { environment, ...options });

  beforeEach(async () => {
    hub = await createHubServer();
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'hub-cache-'));
    environment = { endpoint: hub.endpoint, cacheFolder, isOffline: false };
    hub.repositories.set('tiny/llama', repository());
  });
  afterEach(() => hub.close());

  it("takes only a model's files, into the layout of Hugging Face's cache", async () => {
    const snapshot = await download();
    const folder = path.join(environment.cacheFolder, 'models--tiny--llama');
    expect(snapshot).toEqual({ folder: path.join(folder, 'snapshots', commit), commit, downloadedBytes: bytesOfAll() });
    expect(readdirSync(snapshot.folder).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
    expect(readFileSync(path.join(folder, 'refs/main'), 'utf8')).toBe(commit);
    const weights = path.join(snapshot.folder, 'model.safetensors');
    const etag = etagOf('model.safetensors', repository().files.get('model.safetensors')!);
    expect(lstatSync(weights).isSymbolicLink()).toBe(true);
    expect(readlinkSync(weights)).toBe(path.join('..', '..', 'blobs', etag));
    expect(createHash('sha256').update(readFileSync(weights)).digest('hex')).toBe(etag);
    expect(readdirSync(path.join(folder, 'blobs'))).toHaveLength(4);
    expect(statSync(path.join(folder, '.no_exist', commit, 'chat_template.jinja')).size).toBe(0);
  });

  it('asks only for the commit when everything is there, and nobody for a pinned commit', async () => {
    await download();
    hub.requests.length = 0;
    expect((await download()).downloadedBytes).toBe(0);
    expect(hub.requests.map(({ line }) => line)).toEqual(['GET /api/models/tiny/llama/revision/main']);
    hub.requests.length = 0;
    expect((await download(`tiny/llama@${commit}`)).commit).toBe(commit);
    expect(hub.requests).toEqual([]);
  });

  it('shares files that did not change between two revisions', async () => {
    await download();
    const changed = new Map(repository().files).set('config.json', Buffer.from('{"changed": true}'));
    hub.repositories.set('tiny/llama', { commit: other, files: changed });
    hub.requests.length = 0;
    const snapshot = await download();
    expect(snapshot).toMatchObject({ commit: other, downloadedBytes: 17 });
    expect(hub.requests.filter(({ line }) => line.includes('/resolve/'))).toHaveLength(1);
  });

  it('goes on where a broken connection stopped, with ranges, and counts every byte once', async () => {
    hub.faults.cutAfterBytes = 400_000;
    const seen: TransferProgress[] = [];
    const snapshot = await download('tiny/llama', { onProgress: (progress) => seen.push(progress) });
    expect(snapshot.downloadedBytes).toBe(bytesOfAll());
    const ranges = hub.requests.filter(({ isStorage }) => isStorage).map(({ range }) => range);
    const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-$/.exec(range!)![1]));
    expect(ranges[0]).toBeUndefined();
    expect(starts.length).toBeGreaterThanOrEqual(2);
    expect(starts[0]).toBeGreaterThan(200_000);
    expect(starts[1]).toBeGreaterThan(starts[0]! + 200_000);
    expect(seen.at(-1)).toEqual({ bytes: bytesOfAll(), totalBytes: bytesOfAll(), earlierBytes: 0 });
    expect(seen.every((progress, i) => i === 0 || progress.bytes >= seen[i - 1]!.bytes)).toBe(true);
  });

  it('stops when interrupted, keeps what came, and goes on from there', async () => {
    hub.faults.delayMs = 20;
    const controller = new AbortController();
    const onProgress = ({ bytes }: TransferProgress) => bytes > 300_000 && controller.abort(new Error('stop'));
    await expect(download('tiny/llama', { signal: controller.signal, onProgress })).rejects.toThrow('stop');
    const [partial] = blobs('.incomplete');
    const have = statSync(partial!).size;
    expect(have).toBeGreaterThan(200_000);
    expect(have).toBeLessThan(weights.length);
    hub.faults.delayMs = undefined;
    hub.requests.length = 0;
    const snapshot = await download();
    expect(snapshot.downloadedBytes).toBeLessThanOrEqual(bytesOfAll() - have);
    expect(hub.requests.find(({ isStorage }) => isStorage)?.range).toBe(`bytes=${have}-`);
    expect(blobs('.incomplete')).toEqual([]);
  });

  it('starts over where the server knows no ranges', async () => {
    const blob = path.join(environment.cacheFolder, 'models--tiny--llama/blobs', etagOf('x.safetensors', weights));
    await mkdir(path.dirname(blob), { recursive: true });
    writeFileSync(`${blob}.incomplete`, weights.subarray(0, 1000));
    hub.faults.ignoresRanges = true;
    const { folder } = await download();
    expect(readFileSync(path.join(folder, 'model.safetensors')).equals(weights)).toBe(true);
  });

  it('downloads a damaged file again, and refuses one that stays damaged', async () => {
    hub.faults.damages = 1;
    const { folder } = await download();
    expect(readFileSync(path.join(folder, 'model.safetensors')).equals(weights)).toBe(true);
    const changed = Buffer.from(weights).reverse();
    hub.repositories.set('tiny/llama', repository({ commit: other, weights: changed }));
    hub.faults.damages = 2;
    await expect(download()).rejects.toThrow(/model\.safetensors arrived damaged twice: its checksum is/);
    expect(blobs('.incomplete')).toEqual([]);
    await expect(download()).resolves.toMatchObject({ commit: other });
  });

  it('lets two downloads of the same file share one transfer', async () => {
    hub.faults.delayMs = 5;
    const [one, two] = await Promise.all([download(), download()]);
    expect(one.folder).toBe(two.folder);
    expect(hub.requests.filter(({ isStorage }) => isStorage)).toHaveLength(1);
  });

  it('reads shards by their index', async () => {
    const index = JSON.stringify({
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    });
    const files = new Map([...repository().files].filter(([name]) => name !== 'model.safetensors'));
    files.set('model.safetensors.index.json', Buffer.from(index));
    files.set('model-00001-of-00002.safetensors', weights.subarray(0, 100));
    hub.repositories.set('tiny/llama', { commit, files });
    await expect(download()).rejects.toThrow('"tiny/llama" has no model-00002-of-00002.safetensors.');
    files.set('model-00002-of-00002.safetensors', weights.subarray(100, 200));
    const { folder } = await download();
    expect(readdirSync(folder)).toContain('model-00002-of-00002.safetensors');
  });

  it('works offline with what is cached, and says what is missing else', async () => {
    const offline = { ...environment, isOffline: true };
    await expect(download('tiny/llama', { environment: offline })).rejects.toThrow(/HF_HUB_OFFLINE forbids/);
    await download();
    hub.requests.length = 0;
    expect((await download('tiny/llama', { environment: offline })).commit).toBe(commit);
    expect(hub.requests).toEqual([]);
    await hub.close();
    const snapshot = await download();
    expect(snapshot.note).toMatch(/cannot be reached: "main" is taken as it was in the cache/);
    const elsewhere = { ...environment, cacheFolder: mkdtempSync(path.join(tmpdir(), 'hub-cache-')) };
    await expect(download('tiny/llama', { environment: elsewhere })).rejects.toThrow(
      /cannot be reached \(ECONNREFUSED\).*HF_ENDPOINT/,
    );
  });

  it('tries again when the hub is busy for a moment', async () => {
    hub.faults.unavailable = 1;
    expect((await download()).commit).toBe(commit);
  });

  it('says what to do about gated, unknown and misnamed repositories and revisions', async () => {
    hub.repositories.set('tiny/gated', { ...repository(), gatedBy: 'hf_right' });
    await expect(download('tiny/gated')).rejects.toThrow(/"tiny\/gated" is gated.*Accept them at .*set HF_TOKEN/);
    const withToken = (token: string) => ({ environment: { ...environment, token } });
    await expect(download('tiny/gated', withToken('hf_wrong'))).rejects.toThrow(/use a token of the account/);
    expect((await download('tiny/gated', withToken('hf_right'))).commit).toBe(commit);
    await expect(download('tiny/nobody')).rejects.toThrow(/has no model "tiny\/nobody"\. Look up its name/);
    await expect(download('tiny/llama@v9')).rejects.toThrow('"tiny/llama" has no revision "v9".');
  });

  it('gives the token to the hub alone: neither to the storage behind it nor to an error', async () => {
    const token = 'hf_secret';
    await download('tiny/llama', { environment: { ...environment, token } });
    const tokens = (isStorage: boolean) => hub.requests.filter((r) => r.isStorage === isStorage).map((r) => r.token);
    expect(new Set(tokens(false))).toEqual(new Set(['Bearer hf_secret']));
    expect(new Set(tokens(true))).toEqual(new Set([undefined]));
    const failure = await download('tiny/nobody', { environment: { ...environment, token } }).catch(
      (error: Error) => error,
    );
    expect(JSON.stringify([failure, String(failure)])).not.toContain(token);
  });

  it('names the formats that it found instead of safetensors', async () => {
    const files = new Map([...repository().files].filter(([name]) => name !== 'model.safetensors'));
    hub.repositories.set('tiny/llama', { commit, files });
    await expect(download()).rejects.toThrow(
      /has no model\.safetensors\. It has pytorch_model\.bin, which cannot be read/,
    );
    expect(hub.requests.filter(({ line }) => line.includes('/resolve/'))).toEqual([]);
  });

  function blobs(ending: string): string[] {
    const folder = path.join(environment.cacheFolder, 'models--tiny--llama/blobs');
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => path.join(folder, name));
  }
});

const weights = Buffer.alloc(1_000_000);
for (let i = 0; i < weights.length; i++) weights[i] = (i * 7919 + (i >> 8)) % 251;

function repository(changes: { commit?: string; weights?: Buffer } = {}): HubRepository {
  return {
    commit: changes.commit ?? commit,
    files: new Map([
      ['README.md', Buffer.from('# Tiny')],
      ['config.json', Buffer.from('{"architectures": ["LlamaForCausalLM"]}')],
      ['generation_config.json', Buffer.from('{}')],
      ['tokenizer.json', Buffer.from('{"model": {}}')],
      ['model.safetensors', changes.weights ?? weights],
      ['pytorch_model.bin', Buffer.from('pickle')],
    ]),
  };
}

function bytesOfAll(): number {
  const taken = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];
  return taken.reduce((sum, name) => sum + repository().files.get(name)!.length, 0);
}
