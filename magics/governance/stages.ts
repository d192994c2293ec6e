import type { RegistryTag } from './tags.ts';

/** A time that a version spent in a stage. */
export interface StagePeriod {
  readonly name: string;
  readonly stage: string;
  /** Commit of the version. */
  readonly commit: string;
  /** `v1.2.0`; undefined when no version tag is on the commit. */
  readonly version?: string;
  /** The tag that put it there. */
  readonly tag: string;
  readonly by: string;
  /** ISO 8601 */
  readonly since: string;
  /** When another version took its place or the stage was ended; undefined while it lasts. */
  readonly until?: string;
}

/** Who was in which stage from when to when, in the order of the tags' numbers: one version at a time in each stage. */
export function stagePeriods(tags: readonly RegistryTag[]): StagePeriod[] {
  const staged = new Set(tags.filter((tag) => tag.action === 'assign').map((tag) => tag.commit));
  if (staged.size === 0) return [];
  const versions = new Map<string, string>();
  for (const { action, name, commit, version = '' } of tags) {
    if (action === 'register' && staged.has(commit)) versions.set(`${name} ${commit}`, version);
  }
  const byStage = new Map<string, RegistryTag[]>();
  for (const tag of tags) {
    if (tag.stage === undefined) continue;
    const key = `${tag.name}#${tag.stage}`;
    byStage.set(key, [...(byStage.get(key) ?? []), tag]);
  }
  return [...byStage.values()].flatMap((changes) => {
    changes.sort((a, b) => a.counter - b.counter);
    return changes.flatMap((change, i) => {
      if (change.action !== 'assign') return [];
      const { name, stage = '', commit, tag, by, createdAt } = change;
      const version = versions.get(`${name} ${commit}`);
      return [{ name, stage, commit, version, tag, by, since: createdAt, until: changes[i + 1]?.createdAt }];
    });
  });
}

/** The periods that touch a day (`2026-03-03`, UTC) or hold a moment (ISO 8601 with its time). */
export function periodsAt(periods: readonly StagePeriod[], when: string): StagePeriod[] {
  const [from, to] = rangeOf(when);
  return periods.filter(
    ({ since, until }) => Date.parse(since) <= to && (until === undefined || Date.parse(until) > from),
  );
}

/** First and last millisecond of a day; a moment is both. */
export function rangeOf(when: string): [number, number] {
  const start = Date.parse(when);
  return /^\d{4}-\d{2}-\d{2}$/.test(when) ? [start, start + 86_400_000 - 1] : [start, start];
}

/** Whether a text is a day or a moment, and no tag or branch. */
export function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) && !Number.isNaN(Date.parse(text));
}
