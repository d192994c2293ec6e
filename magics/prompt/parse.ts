import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { suggestion, UserError } from '../errors.ts';
import { createInputs, type PromptInputs } from './inputs.ts';
import { inspectTemplate } from './template.ts';

const schema = z.union([z.string(), z.record(z.string(), z.json())]);

/** Front matter of a Dotprompt file. Keys with a dot are extensions and pass; other unknown keys are refused. */
const frontMatter = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  model: z.string().optional(),
  variant: z.string().optional(),
  version: z.string().optional(),
  config: z.record(z.string(), z.json()).optional(),
  input: z.strictObject({ schema: schema.optional(), default: z.record(z.string(), z.json()).optional() }).optional(),
  output: z.strictObject({ format: z.string().optional(), schema: schema.optional() }).optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  ext: z.record(z.string(), z.json()).optional(),
  tools: z.array(z.string()).optional(),
  toolDefs: z.array(z.json()).optional(),
});
export type PromptMetadata = z.output<typeof frontMatter>;

/** A prompt file taken apart. */
export interface ParsedPrompt extends PromptInputs {
  readonly metadata: PromptMetadata;
  readonly template: string;
}

/** Reads a Dotprompt file: YAML front matter between `---` lines (may be absent), then the Handlebars template. */
export async function parsePrompt(name: string, source: string): Promise<ParsedPrompt> {
  const text = source.replaceAll('\r\n', '\n');
  const match = /^\s*---[ \t]*\n([\s\S]*?)^---[ \t]*(?:\n|$)([\s\S]*)$/m.exec(text);
  const opened = /^\s*---[ \t]*\n/.exec(text);
  if (opened !== null && match?.index !== 0) throw notClosed(name);
  const [head, body] = opened !== null && match !== null ? [match[1]!, match[2]!] : ['', text];
  const metadata = parseFrontMatter(name, head, lineOf(text, opened?.[0].length ?? 0));
  const templateLine = lineOf(text, text.length - body.trimStart().length);
  const template = body.trim();
  if (template === '') throw emptyTemplate(name);
  const variables = inspectTemplate(name, template, templateLine);
  return { metadata, template, ...(await createInputs(name, metadata.input, variables)) };
}

function parseFrontMatter(name: string, head: string, firstLine: number): PromptMetadata {
  const lineCounter = new LineCounter();
  const document = parseDocument(head, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = Math.min(lineCounter.linePos(error.pos[0]).line, head.trimEnd().split('\n').length);
    throw brokenFrontMatter(name, firstLine + line - 1, error.message, head.split('\n')[line - 1] ?? '');
  }
  if (document.contents === null) return {};
  if (!isMap(document.contents))
    throw brokenFrontMatter(name, firstLine, 'front matter is a list of "key: value" lines', head);
  const values = Object.entries(document.toJS() as Record<string, unknown>).filter(([key]) => !key.includes('.'));
  const result = frontMatter.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  throw invalidFrontMatter(name, result.error, firstLine, head);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function invalidFrontMatter(name: string, error: z.ZodError, firstLine: number, head: string): UserError {
  const issue = error.issues[0]!;
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0]! : String(issue.path.at(-1) ?? '');
  const index = head.split('\n').findIndex((line) => line.includes(key));
  const known =
    issue.path[0] === 'input'
      ? ['schema', 'default']
      : issue.path[0] === 'output'
        ? ['format', 'schema']
        : Object.keys(frontMatter.shape);
  const reason =
    issue.code === 'unrecognized_keys'
      ? `"${[...issue.path, key].join('.')}" is not a key of a prompt's front matter.${suggestion(key, known, 'Keys')}`
      : `"${issue.path.join('.')}": ${issue.message}`;
  return brokenFrontMatter(name, firstLine + Math.max(0, index), reason, head.split('\n')[Math.max(0, index)] ?? '');
}

function brokenFrontMatter(name: string, line: number, reason: string, text: string): UserError {
  const shown = text.trim().split('\n')[0]!.slice(0, 120);
  return new UserError(
    `Prompt "${name}", line ${line}: ${reason.trim().replace(/\.$/, '')}.${shown === '' ? '' : `\n  ${shown}`}`,
    {
      offending: shown || undefined,
    },
  );
}

function notClosed(name: string): UserError {
  return new UserError(`Prompt "${name}": the front matter opened by "---" is not closed. Put a line "---" below it.`, {
    offending: '---',
  });
}

function emptyTemplate(name: string): UserError {
  return new UserError(
    `Prompt "${name}" has no text. Write the template below the front matter, for example: {{role "user"}}{{text}}`,
  );
}
