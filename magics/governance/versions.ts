import { groupBy } from '../group-by.ts';
import type { Repository } from './repository.ts';
import { stagePeriods } from './stages.ts';
import type { ModelVersion } from './store.ts';
import { type RegistryTag, readTagsOf } from './tags.ts';
import { cachedVersions } from './version-cache.ts';

/** Versions from the tags `name@vX.Y.Z`, newest first of each name, each with the stages that it is in now. */
export async function readVersions(repository: Repository, name?: string): Promise<ModelVersion[]> {
  if (name !== undefined) return versionsOf(await readTagsOf(repository.git, name));
  return cachedVersions(repository, versionsOf);
}

/** The versions that the tags register and do not take back, newest first of each name. */
export function versionsOf(tags: readonly RegistryTag[]): ModelVersion[] {
  const byName = groupBy(tags, ({ name }) => name);
  return [...byName.keys()].sort().flatMap((name) => versionsOfOne(byName.get(name)!));
}

/** From the tags of one name. */
function versionsOfOne(tags: readonly RegistryTag[]): ModelVersion[] {
  const gone = new Set(tags.filter(({ action }) => action === 'deregister').map(({ version }) => version));
  const stages = new Map<string, string[]>();
  for (const { commit, stage, until } of stagePeriods(tags)) {
    if (until === undefined) stages.set(commit, [...(stages.get(commit) ?? []), stage]);
  }
  const versions: { version: ModelVersion; numbers: Numbers }[] = [];
  for (const { action, name, version = '', commit, createdAt } of tags) {
    if (action !== 'register' || gone.has(version)) continue;
    const all = { name, version, ref: `${name}@${version}`, commit, createdAt, stages: stages.get(commit) ?? [] };
    versions.push({ version: all, numbers: numbersOf(version) });
  }
  return versions.sort((a, b) => compareNumbers(b.numbers, a.numbers)).map(({ version }) => version);
}

/** Order of `v1.2.3` versions by their numbers. */
export function compareVersions(a: string, b: string): number {
  return compareNumbers(numbersOf(a), numbersOf(b));
}

type Numbers = readonly [number, number, number];

function compareNumbers(x: Numbers, y: Numbers): number {
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/** The version after `version`; `v1.0.0` after none. */
export function bumpVersion(version: string | undefined, part: 'major' | 'minor' | 'patch'): string {
  if (version === undefined) return 'v1.0.0';
  const [major, minor, patch] = numbersOf(version);
  if (part === 'major') return `v${major + 1}.0.0`;
  return part === 'minor' ? `v${major}.${minor + 1}.0` : `v${major}.${minor}.${patch + 1}`;
}

function numbersOf(version: string): Numbers {
  const [major = 0, minor = 0, patch = 0] = version.slice(1).split('.').map(Number);
  return [major, minor, patch];
}
