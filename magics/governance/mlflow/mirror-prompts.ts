import type { RecordStore } from '../store.ts';
import { compareVersions } from '../versions.ts';
import type { MlflowClient } from './client.ts';
import { allVersions, findRegistered, makeVersion, promptTags, register } from './entities.ts';
import type { SyncReport } from './report.ts';
import { mirrorTags } from './tags.ts';

/** MLflow takes this alone as the source of a prompt. Source: mlflow/prompt/constants.py. */
const source = 'prompt-template';

/** Mirrors the versions of a prompt, as whole Dotprompt files; a version that was written there becomes the next one here. */
export async function mirrorPrompt(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  report: SyncReport,
): Promise<void> {
  const path = `llmops/prompts/${name}.prompt`;
  const ours = (await store.versions(name)).sort((a, b) => compareVersions(a.version, b.version));
  const texts = new Map<string, string>();
  for (const { version, commit } of ours) {
    const text = await store.readFile(path, { at: commit });
    if (text !== undefined) texts.set(version, text);
  }
  const isPrompt = { [promptTags.isPrompt]: 'true' };
  const registered = texts.size > 0 ? await register(client, name, isPrompt) : await findRegistered(client, name);
  if (registered === undefined) return;
  if (registered.tags[promptTags.isPrompt] !== 'true') {
    report.conflicts.push(`prompt ${name}: MLflow has a model of this name, and one list for both; it was left out`);
    return;
  }
  const there = await allVersions(client, name, 'prompt');
  const known = new Set(there.flatMap(({ tags }) => tags[mirrorTags.version] ?? []));
  for (const [version, text] of texts) {
    if (known.has(version)) continue;
    const tags = { ...isPrompt, [promptTags.text]: text, [mirrorTags.version]: version };
    await makeVersion(client, { name, source }, tags);
    report.sent.push(`prompt ${name}@${version}`);
  }
  for (const { version: number, tags } of there.filter((candidate) => !candidate.tags[mirrorTags.version])) {
    const text = tags[promptTags.text];
    if (text === undefined) continue;
    const earlier = [...texts].find(([version, own]) => own === text && !known.has(version))?.[0];
    const version = earlier ?? (await store.nextVersion(name));
    if (earlier === undefined) {
      const made = { [`${name}@${version}`]: `${name} ${version}, version ${number} of MLflow` };
      await store.commit({ files: { [path]: text }, message: `Prompt ${name} ${version} from MLflow`, tags: made });
      report.received.push(`prompt ${name}@${version}`);
    }
    await client.tell('model-versions/set-tag', { name, version: number, key: mirrorTags.version, value: version });
  }
}
