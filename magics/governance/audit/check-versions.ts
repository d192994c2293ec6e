import type { RecordStore } from '../store.ts';
import type { RegistryTag } from '../tags.ts';
import type { History } from './history.ts';
import type { Problem } from './problem.ts';

/** Version tags and records must agree both ways, and history must reach every tagged commit. */
export async function checkVersions(
  store: RecordStore,
  history: History,
  tags: readonly RegistryTag[],
): Promise<Problem[]> {
  const problems = await checkTags(store, history, tags);
  const tagged = new Set(tags.map((tag) => `${tag.name}@${tag.version}`));
  for (const { path, commit, record } of history.records) {
    if (record.kind !== 'model') continue;
    const ref = `${record.name}@${record.version}`;
    if (tagged.has(ref)) continue;
    tagged.add(ref);
    problems.push({
      rule: 'version',
      subject: ref,
      problem: `${path} had this version, and its tag is missing`,
      commit,
    });
  }
  return problems;
}

async function checkTags(store: RecordStore, history: History, tags: readonly RegistryTag[]): Promise<Problem[]> {
  const versions = new Map<string, string>();
  for (const { path, commit, record } of history.records) {
    if (record.kind === 'model') versions.set(`${commit} ${path}`, record.version);
  }
  const problems: Problem[] = [];
  for (const { tag, name, action, version, commit, oid } of tags) {
    const found = (problem: string) => problems.push({ rule: 'version', subject: tag, problem, commit });
    if (!history.reachable.has(commit)) {
      found('its commit is not in the history any more: the history was rewritten, or the tag is of another branch');
      continue;
    }
    if (oid === commit) found('is no annotated tag: nobody can tell who made it, and when');
    if (action !== 'register') continue;
    const held = versions.get(`${commit} llmops/models/${name}/model.json`) ?? (await versionAt(store, name, commit));
    if (held === version || (await isPromptVersion(store, name, commit))) continue;
    found(held === undefined ? 'its commit holds no such model or prompt' : `its commit holds ${name}@${held}`);
  }
  return problems;
}

async function versionAt(store: RecordStore, name: string, commit: string): Promise<string | undefined> {
  return (await store.read('model', name, { at: commit }).catch(() => undefined))?.version;
}

async function isPromptVersion(store: RecordStore, name: string, commit: string): Promise<boolean> {
  return (await store.readFile(`llmops/prompts/${name}.prompt`, { at: commit })) !== undefined;
}
