import type { Random } from './random.ts';

/**
 * Who has seen a phrasing:
 * `tuned`        the fine-tuning pairs and the base model's pre-training;
 * `known`        the pre-training alone (never together with a cron expression);
 * `development`  neither; settings are chosen on these;
 * `novel`        neither; only the second test set uses them.
 */
export type Pool = 'tuned' | 'known' | 'development' | 'novel';

/** Ways to say one thing, by pool. `{slot}` is filled in. */
export type Phrases = Readonly<Partial<Record<Pool, readonly string[]>>>;

/** Values for a template's slots; undefined where the meaning has none, so that the template does not fit. */
export type Slots = Readonly<Record<string, string | (() => string) | undefined>>;

/** How to speak: which pools to draw from, and the one to draw from half the time where it has a fitting phrase. */
export interface Voice {
  readonly random: Random;
  readonly pools: readonly Pool[];
  readonly prefer?: Pool;
}

/** Picks a fitting template and fills it; undefined when the voice's pools have none. */
export function say(phrases: Phrases, slots: Slots, voice: Voice): string | undefined {
  const template = chooseTemplate(phrases, slots, voice);
  return template === undefined ? undefined : fillTemplate(template, slots);
}

/** Picks a template whose slots all have a value. */
export function chooseTemplate(phrases: Phrases, slots: Slots, voice: Voice): string | undefined {
  const fitting = (pools: readonly Pool[]) =>
    pools.flatMap((pool) => phrases[pool] ?? []).filter((template) => slotNames(template).every((name) => slots[name]));
  const preferred = voice.prefer !== undefined && voice.random.chance(0.5) ? fitting([voice.prefer]) : [];
  const candidates = preferred.length > 0 ? preferred : fitting(voice.pools);
  return candidates.length === 0 ? undefined : voice.random.pick(candidates);
}

/** Replaces `{slot}` by its value. */
export function fillTemplate(template: string, slots: Slots): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = slots[name];
    return typeof value === 'function' ? value() : (value ?? '');
  });
}

const namesOf = new Map<string, string[]>();

function slotNames(template: string): string[] {
  let names = namesOf.get(template);
  if (names === undefined) {
    names = [...template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
    namesOf.set(template, names);
  }
  return names;
}

/** Merges tables: the phrases of all of them. */
export function mergePhrases(...tables: readonly Phrases[]): Phrases {
  const merged: Partial<Record<Pool, string[]>> = {};
  for (const table of tables) {
    for (const [pool, templates] of Object.entries(table) as [Pool, readonly string[]][]) {
      merged[pool] = [...(merged[pool] ?? []), ...templates];
    }
  }
  return merged;
}
