import type { Git } from './git.ts';
import type { ModelVersion } from './store.ts';

interface Tag {
  name: string;
  commit: string;
  createdAt: string;
}

/** Versions of `name` from the tags `name@vX.Y.Z`, newest first, each with the stages that `name#stage#N` give it now. */
export async function readVersions(git: Git, name: string): Promise<ModelVersion[]> {
  const tags = await readTags(git, name);
  const gone = new Set(tags.filter((tag) => tag.name.endsWith('!')).map((tag) => tag.name.slice(0, -1)));
  const stages = currentStages(name, tags);
  return tags
    .filter((tag) => versionOf(name, tag.name) !== undefined && !gone.has(tag.name))
    .map((tag) => ({
      name,
      version: versionOf(name, tag.name)!,
      ref: tag.name,
      commit: tag.commit,
      createdAt: tag.createdAt,
      stages: [...stages].filter(([, commit]) => commit === tag.commit).map(([stage]) => stage),
    }))
    .sort((a, b) => compareVersions(b.version, a.version));
}

/** Order of `v1.2.3` versions by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/** The version after `version`; `v1.0.0` after none. */
export function bumpVersion(version: string | undefined, part: 'major' | 'minor' | 'patch'): string {
  if (version === undefined) return 'v1.0.0';
  const [major, minor, patch] = numbersOf(version);
  if (part === 'major') return `v${major + 1}.0.0`;
  return part === 'minor' ? `v${major}.${minor + 1}.0` : `v${major}.${minor}.${patch + 1}`;
}

function numbersOf(version: string): [number, number, number] {
  const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}

function versionOf(name: string, tag: string): string | undefined {
  const version = tag.startsWith(`${name}@`) ? tag.slice(name.length + 1) : '';
  return /^v\d+\.\d+\.\d+$/.test(version) ? version : undefined;
}

/** Stage -> the commit it points to: the tag with the highest number wins, and `!` ends the stage. */
function currentStages(name: string, tags: readonly Tag[]): Map<string, string> {
  const latest = new Map<string, { number: number; commit: string; ended: boolean }>();
  for (const tag of tags) {
    const [, stage, number, ended] = /^#([^#]+)#(\d+)(!?)$/.exec(tag.name.slice(name.length)) ?? [];
    if (stage === undefined || Number(number) < (latest.get(stage)?.number ?? 0)) continue;
    latest.set(stage, { number: Number(number), commit: tag.commit, ended: ended === '!' });
  }
  return new Map([...latest].filter(([, s]) => !s.ended).map(([stage, s]) => [stage, s.commit]));
}

async function readTags(git: Git, name: string): Promise<Tag[]> {
  const format = '%(refname:strip=2)%09%(objectname)%09%(*objectname)%09%(creatordate:iso-strict)';
  const output = await git(['for-each-ref', `--format=${format}`, `refs/tags/${name}@v*`, `refs/tags/${name}#*`]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [tag = '', object = '', peeled = '', createdAt = ''] = line.split('\t');
      return { name: tag, commit: peeled || object, createdAt };
    });
}
