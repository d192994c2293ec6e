import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ChatMessage } from '../../engine/types.ts';
import { UserError } from '../../errors.ts';
import type { MatrixPrompt } from '../matrix/run-matrix.ts';
import { fill } from './promptfoo-template.ts';

/** A prompt as promptfoo's configuration names it: a text, or a file. */
export const promptEntry = z.union([
  z.string(),
  z.looseObject({ raw: z.string().optional(), id: z.string().optional(), label: z.string().optional() }),
]);
type PromptEntry = z.output<typeof promptEntry>;

/** Its name and its text. */
export async function readPrompt(entry: PromptEntry, folder: string): Promise<{ name: string; text: string }> {
  const text = typeof entry === 'string' ? entry : (entry.raw ?? entry.id ?? '');
  const label = typeof entry === 'string' ? undefined : entry.label;
  if (!text.startsWith('file://')) return { name: label ?? short(text), text };
  const name = text.slice('file://'.length);
  const content = await readFile(path.resolve(folder, name), 'utf8').catch((cause: unknown) => {
    throw promptFileMissing(name, cause);
  });
  return { name: label ?? path.basename(name), text: content };
}

/** A prompt of plain `{{variables}}`, as one user message or as a JSON list of messages. */
export function createPrompt(name: string, text: string, notImported: string[]): MatrixPrompt[] {
  const odd = /\{%[\s\S]*?%\}|\{\{(?!-?\s*[\w.]+\s*-?\}\})[\s\S]*?\}\}/.exec(text)?.[0];
  if (odd !== undefined) {
    notImported.push(`prompt "${name}": the template expression ${odd}`);
    return [];
  }
  return [{ name, render: (row) => render(text, row) }];
}

function render(text: string, row: Readonly<Record<string, unknown>>): ChatMessage[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed))
      return (parsed as ChatMessage[]).map(({ role, content }) => ({ role, content: fill(content, row) }));
  } catch {
    // Plain text.
  }
  return [{ role: 'user', content: fill(text, row) }];
}

function short(text: string): string {
  const line = text.trim().split('\n', 1)[0]!;
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

function promptFileMissing(name: string, cause: unknown): UserError {
  return new UserError(`The prompt file "${name}" cannot be read.`, { cause, offending: name });
}
