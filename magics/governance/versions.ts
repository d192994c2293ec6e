import type { Git } from './git.ts';
import type { ModelVersion } from './store.ts';

interface Tag {
  name: string;
  commit: string;
  createdAt: string;
}

/** Versions from the tags `name@vX.Y.Z`, newest first, each with the stages that `name#stage#N` give it now. */
export async function readVersions(git: Git, name?: string): Promise<ModelVersion[]> {
  const tags = await readTags(git, name ?? '*');
  const gone = new Set(tags.filter((tag) => tag.name.endsWith('!')).map((tag) => tag.name.slice(0, -1)));
  const stages = currentStages(tags);
  return tags
    .flatMap((tag) => {
      const [, model, version] = /^([^@#]+)@(v\d+\.\d+\.\d+)$/.exec(tag.name) ?? [];
      if (model === undefined || version === undefined || gone.has(tag.name)) return [];
      const now = stages.filter((stage) => stage.model === model && stage.commit === tag.commit);
      const { commit, createdAt } = tag;
      return [{ name: model, version, ref: tag.name, commit, createdAt, stages: now.map((stage) => stage.stage) }];
    })
    .sort((a, b) => a.name.localeCompare(b.name) || compareVersions(b.version, a.version));
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

interface Stage {
  model: string;
  stage: string;
  number: number;
  commit: string;
  ended: boolean;
}

/** The commit that each stage points to: the tag with the highest number wins, and `!` ends the stage. */
function currentStages(tags: readonly Tag[]): Stage[] {
  const latest = new Map<string, Stage>();
  for (const { name, commit } of tags) {
    const [, model, stage, digits, mark] = /^([^@#]+)#([^#]+)#(\d+)(!?)$/.exec(name) ?? [];
    if (model === undefined || stage === undefined) continue;
    const key = `${model}#${stage}`;
    const number = Number(digits);
    if (number >= (latest.get(key)?.number ?? 0))
      latest.set(key, { model, stage, number, commit, ended: mark === '!' });
  }
  return [...latest.values()].filter((stage) => !stage.ended);
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
