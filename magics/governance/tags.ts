import type { Git } from './git.ts';

/** What a tag in GTO's convention says about an artifact. */
export interface RegistryTag {
  /** The whole tag: `triage@v1.2.0`, `triage@v1.2.0!`, `triage#production#3`, `triage#production!#4`, `triage@deprecated#5`. */
  readonly tag: string;
  readonly name: string;
  readonly action: 'register' | 'deregister' | 'assign' | 'unassign' | 'deprecate';
  readonly version?: string;
  readonly stage?: string;
  /** Counts the artifact's stage changes; 0 where a tag has no number. */
  readonly counter: number;
  /** The tag object; the commit itself where the tag is not annotated. */
  readonly oid: string;
  readonly commit: string;
  /** ISO 8601 with the zone of whoever made it. */
  readonly createdAt: string;
  /** `Name <e-mail>` */
  readonly by: string;
}

/** What a tag's name says, and the object that it names. */
export type TagName = Omit<RegistryTag, 'commit' | 'createdAt' | 'by'>;

/** References of all tags that the registry knows. */
const allTags = ['refs/tags/*@*', 'refs/tags/*#*'];

/** The registry's tags of one artifact, in no particular order. */
export function readTagsOf(git: Git, name: string): Promise<RegistryTag[]> {
  return readTags(git, [name]);
}

/** The registry's tags, all or of these artifacts, in no particular order. */
export async function readTags(git: Git, names?: readonly string[]): Promise<RegistryTag[]> {
  if (names?.length === 0) return [];
  const patterns = names?.flatMap((name) => [`refs/tags/${name}@*`, `refs/tags/${name}#*`]);
  const tags: RegistryTag[] = [];
  await forEachTag(git, registryFields, (line) => readTagLine(line, tags), patterns);
  return tags;
}

/** All the registry's tags, and the lines that `listTagLines` gives for them at the same moment. */
export async function readTagsWithLines(git: Git): Promise<{ tags: RegistryTag[]; lines: string[] }> {
  const tags: RegistryTag[] = [];
  const lines: string[] = [];
  // While git reads the next ones: of thousands, reading takes half of the time.
  await forEachTag(git, registryFields, (line) => {
    readTagLine(line, tags);
    lines.push(line.slice(0, endOfOid(line)));
  });
  return { tags, lines };
}

/** Git writes the creator as it is stored, which takes it a third less time than a date and a name. */
const registryFields = ['%(*objectname)', '%(creator)'];

/** Adds the tag of the line, if it is the registry's. */
function readTagLine(line: string, tags: RegistryTag[]): void {
  const [tag = '', oid = '', peeled = '', creator = ''] = line.split('\t');
  const meaning = parseTag(tag);
  if (meaning === undefined) return;
  const { name, action, version, stage, counter } = meaning;
  const { person, createdAt } = parseCreator(creator);
  // The creator of a tag that is not annotated made its commit.
  const by = peeled === '' ? '' : person;
  tags.push({ tag, name, action, version, stage, counter, oid, commit: peeled || oid, createdAt, by });
}

/**
 * Reads `Name <e-mail> SECONDS +HHMM`; the time becomes git's strict ISO 8601, and is empty where it is missing or broken.
 * Source: git-commit-tree(1), "Commit information".
 */
function parseCreator(creator: string): { person: string; createdAt: string } {
  const end = creator.lastIndexOf('> ') + 1;
  const person = creator.slice(0, end);
  const [seconds, zone = '+0000'] = creator.slice(end + 1).split(' ');
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  const there = new Date((Number(seconds || Number.NaN) + (zone[0] === '-' ? -60 : 60) * minutes) * 1000);
  if (Number.isNaN(there.getTime())) return { person, createdAt: '' };
  const sign = minutes === 0 ? '+' : zone[0];
  return { person, createdAt: `${there.toISOString().slice(0, 19)}${sign}${zone.slice(1, 3)}:${zone.slice(3)}` };
}

function endOfOid(line: string): number {
  return line.indexOf('\t', line.indexOf('\t') + 1);
}

/** The names alone of all the registry's tags: no object is read. */
export async function listTags(git: Git): Promise<TagName[]> {
  return (await listTagLines(git)).flatMap((line) => {
    const [tag = '', oid = ''] = line.split('\t');
    const meaning = parseTag(tag);
    return meaning === undefined ? [] : [{ tag, ...meaning, oid }];
  });
}

/** All tags that may be the registry's, a line `TAG<tab>OID` each in the order of their names: the fastest way to see whether one changed. */
export async function listTagLines(git: Git): Promise<string[]> {
  const lines: string[] = [];
  await forEachTag(git, [], (line) => lines.push(line));
  return lines;
}

async function forEachTag(
  git: Git,
  fields: readonly string[],
  onLine: (line: string) => void,
  patterns = allTags,
): Promise<void> {
  const format = ['%(refname:strip=2)', '%(objectname)', ...fields].join('%09');
  await git(['for-each-ref', `--format=${format}`, ...patterns], { onLine });
}

type Meaning = Pick<RegistryTag, 'name' | 'action' | 'version' | 'stage' | 'counter'>;

/** Reads `name@v1.2.3[!][#N]`, `name#stage[!][#N]` and `name@deprecated[#N]`; undefined for any other tag. */
export function parseTag(tag: string): Meaning | undefined {
  const [, name, version, deprecated, stage, mark, digits] = tagPattern.exec(tag) ?? [];
  if (name === undefined) return undefined;
  const counter = Number(digits ?? 0);
  if (version !== undefined) return { name, version, counter, action: mark === '!' ? 'deregister' : 'register' };
  if (deprecated !== undefined) return { name, counter, action: 'deprecate' };
  return { name, stage, counter, action: mark === '!' ? 'unassign' : 'assign' };
}

const tagPattern = /^([^@#]+)(?:@(?:(v\d+\.\d+\.\d+)|(deprecated))|#([A-Za-z][\w/-]*))(!?)(?:#(\d+))?$/;

/** The number that an artifact's next stage tag gets. */
export function nextCounter(tags: readonly RegistryTag[]): number {
  return tags.reduce((highest, tag) => Math.max(highest, tag.counter), 0) + 1;
}
