import { compareVersions } from '../versions.ts';

/**
 * One of two records, whole: half of each would be a record of nothing. The newer version counts, else the later one;
 * the other stays in history, a version also under its tag. Model cards go by the version in their heading.
 */
export function mergeRecord(base: string, ours: string, theirs: string): string {
  if (ours === base) return theirs;
  if (theirs === base) return ours;
  const [a, b] = [ours, theirs].map(ageOf) as [Age, Age];
  const order = compareVersions(b.version, a.version) || b.createdAt.localeCompare(a.createdAt);
  return order > 0 ? theirs : ours;
}

interface Age {
  version: string;
  createdAt: string;
}

function ageOf(text: string): Age {
  const version = /^\s*"version": "(v\d+\.\d+\.\d+)"/m.exec(text)?.[1] ?? /^# \S+@(v\d+\.\d+\.\d+)$/m.exec(text)?.[1];
  return { version: version ?? 'v0.0.0', createdAt: /"createdAt": "([^"]+)"/.exec(text)?.[1] ?? '' };
}
