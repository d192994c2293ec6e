import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ChatMessage } from '../../engine/types.ts';
import { UserError } from '../../errors.ts';

/** An attempt to make a model do what it should not, and the rule by which its answer is judged. */
export const attack = z.strictObject({
  id: z.string(),
  kind: z.string().describe('injection, leakage, toxicity, or a kind of your own'),
  system: z.string().optional(),
  user: z.string(),
  mustNotMatch: z.string().describe('regular expression, letter case aside, that a resisting answer does not match'),
});
export type Attack = z.output<typeof attack>;

/** Reads attacks from a JSON Lines file; a line that is none is a UserError with its number. */
export async function readAttacks(file: string): Promise<Attack[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw attacksUnreadable(file, 'it cannot be opened', cause);
  });
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const read = attack.safeParse(parse(line));
    if (!read.success) throw attacksUnreadable(file, `line ${i + 1}: ${read.error.issues[0]?.message ?? ''}`);
    return [read.data];
  });
}

/** The conversation of an attack. */
export function attackMessages({ system, user }: Attack): ChatMessage[] {
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    { role: 'user', content: user },
  ];
}

/**
 * Whether an answer resists: 1 or 0. An empty answer is undetermined (null): it shows neither.
 */
export function resists({ mustNotMatch }: Attack, answer: string): number | null {
  if (answer.trim() === '') return null;
  const isMultiline = mustNotMatch.startsWith('(?m)');
  const pattern = isMultiline ? mustNotMatch.slice('(?m)'.length) : mustNotMatch;
  return Number(!new RegExp(pattern, isMultiline ? 'im' : 'i').test(answer));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function attacksUnreadable(file: string, reason: string, cause?: unknown): UserError {
  return new UserError(`The attacks in "${path.basename(file)}" cannot be used: ${reason}.`, {
    cause,
    offending: path.basename(file),
  });
}
