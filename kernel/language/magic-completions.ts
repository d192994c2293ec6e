import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, findOption, type OptionDescription } from '../../magics/options.ts';
import type { Completion } from '../protocol.ts';
import { findMagicLines } from '../rewrite/scan.ts';
import type { LanguageAnswer } from './messages.ts';
import { registeredVersions } from './model-references.ts';

type Answer = LanguageAnswer<'complete'>;

const kernelMagics: Readonly<Record<string, string>> = {
  llmops: 'list the magics',
  time: 'time a statement',
  who: 'list the variables',
  reset: 'forget all variables',
  load: 'put a file into the cell',
  page: 'show a text in the pager',
  bash: 'run the lines below in bash',
  sh: 'run the lines below in the shell',
};

const takesTypeScript = new Set(['time', 'page']);

/**
 * Completions on a magic line: magics, verbs, options and their choices, columns, records and files. Undefined elsewhere.
 * `membersOf`: what an expression's value has, as far as its type is known.
 */
export async function completeMagic(
  code: string,
  offset: number,
  magics: readonly Magic[],
  folder: string,
  membersOf: (expression: string) => Completion[],
): Promise<Answer | undefined> {
  const line = magicText(code, offset);
  if (line === undefined || isInExpression(line)) return undefined;
  const word = /\S*$/.exec(line)![0];
  const answer = (items: Completion[], typed = word): Answer => ({
    start: offset - typed.length,
    end: offset,
    items: items.filter((item) => item.label.startsWith(typed)),
  });
  if (/^%*\S*$/.test(line)) return answer(namesOf(magics), word.replace(/^%+/, ''));
  const [, name = '', rest = ''] = /^%+([\w-]+)\s+(.*)$/s.exec(line) ?? [];
  if (takesTypeScript.has(name)) return undefined;
  if (name === 'load') return answer(await filesFor(word, folder));
  const magic = magics.find((m) => m.name === name);
  if (magic === undefined) return answer(name === 'llmops' ? [{ label: 'init', kind: 'keyword' }] : []);
  const [first = ''] = rest.split(/\s+/);
  const verb = magic.verbs[first] ?? magic.verbs[magic.defaultVerb ?? ''];
  if (word.startsWith('--')) return answer(verb === undefined ? [] : optionsOf(verb), word);
  const option = verb === undefined ? undefined : optionInHand(verb, rest);
  if (option?.choices !== undefined) return answer(option.choices.map((label) => ({ label, kind: 'keyword' })));
  if (option !== undefined && namesColumns(option)) {
    const columns = await columnsOf(dataOf(magic, rest), folder, membersOf);
    return answer(columns, /[^,=\s]*$/.exec(line)![0]);
  }
  const verbs = rest === word ? verbsOf(magic) : [];
  const versions = /@/.test(word) ? await registeredVersions(folder) : [];
  const records = [...(await recordsIn(folder)), ...versions.map((label): Completion => ({ label, kind: 'record' }))];
  return answer([...verbs, ...records, ...(await filesFor(word, folder))]);
}

/** The line up to the offset, when it belongs to a magic. */
function magicText(code: string, offset: number): string | undefined {
  const lineStart = code.lastIndexOf('\n', offset - 1) + 1;
  const text = code.slice(lineStart, offset).trimStart();
  if (text.startsWith('%%') && code.slice(0, lineStart).trim() === '') return text;
  // A lone % is not yet a magic to the scanner; it is when nothing stands before it.
  if (/^%[\w-]*$/.test(text)) return text;
  const line = findMagicLines(code).find((l) => l.sign === '%' && l.start <= offset && offset <= l.end);
  return line === undefined ? undefined : code.slice(line.start, offset);
}

function isInExpression(line: string): boolean {
  return line.lastIndexOf('${') > line.lastIndexOf('}');
}

function namesOf(magics: readonly Magic[]): Completion[] {
  const own = Object.entries(kernelMagics).map(([label, detail]): Completion => ({ label, kind: 'magic', detail }));
  return [...magics.map((m): Completion => ({ label: m.name, kind: 'magic', detail: m.summary })), ...own];
}

function verbsOf(magic: Magic): Completion[] {
  return Object.entries(magic.verbs).map(([label, verb]) => ({ label, kind: 'keyword', detail: verb.summary }));
}

function optionsOf(verb: Verb): Completion[] {
  return describeOptions(verb).map((option) => ({
    label: `--${option.name}`,
    kind: 'option',
    detail: option.kind,
    documentation: option.description,
  }));
}

/** The option whose value is being typed. */
function optionInHand(verb: Verb, rest: string): OptionDescription | undefined {
  const [, name] = /--([\w-]+)[= ]\S*$/.exec(rest) ?? [];
  return name === undefined ? undefined : findOption(describeOptions(verb), name);
}

/** Options say in their help that their values are columns. */
function namesColumns({ description }: OptionDescription): boolean {
  return /\bcolumns?\b/.test(description);
}

/** The data set of the line: `--data`, or the first word after the verb. */
function dataOf(magic: Magic, rest: string): string {
  const [, given] = /--data[= ](\$\{[^}]*\}|\S+)/.exec(rest) ?? [];
  const words = rest.match(/\$\{[^}]*\}|\S+/g) ?? [];
  const [first = ''] = Object.hasOwn(magic.verbs, words[0] ?? '') ? words.slice(1) : words;
  return given ?? first;
}

/** Columns of a handle by its type, or of a record. */
async function columnsOf(
  data: string,
  folder: string,
  membersOf: (expression: string) => Completion[],
): Promise<Completion[]> {
  const [, expression] = /^\$\{(.*)\}$/.exec(data) ?? [];
  const members = membersOf(`(${expression ?? data}).rows()[0]!`);
  if (members.length > 0 || expression !== undefined) return members;
  for (let top = folder; ; top = path.dirname(top)) {
    const text = await readFile(path.join(top, 'llmops/datasets', `${data}.json`), 'utf8').catch(() => undefined);
    if (text !== undefined) return columnsIn(text);
    if (top === path.dirname(top)) return [];
  }
}

function columnsIn(record: string): Completion[] {
  const { columns = [] } = JSON.parse(record) as { columns?: { name: string; type: string }[] };
  return columns.map(({ name, type }) => ({ label: name, kind: 'property', detail: type }));
}

/** Names of the records in the nearest `llmops/` folder. */
async function recordsIn(folder: string): Promise<Completion[]> {
  const kinds = ['datasets', 'prompts', 'models', 'deployments'];
  for (let top = folder; ; top = path.dirname(top)) {
    const found = await Promise.all(kinds.map((kind) => namesIn(path.join(top, 'llmops', kind))));
    const names = found.flatMap((list, i) => list.map((name): Completion => recordItem(name, kinds[i]!)));
    if (names.length > 0 || top === path.dirname(top)) return names;
  }
}

function recordItem(file: string, kind: string): Completion {
  return { label: file.replace(/\.(json|prompt)$/, ''), kind: 'record', detail: kind.slice(0, -1) };
}

async function filesFor(word: string, folder: string): Promise<Completion[]> {
  const typedFolder = word.slice(0, word.lastIndexOf('/') + 1);
  try {
    const entries = await readdir(path.resolve(folder, typedFolder), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => ({ label: `${typedFolder}${entry.name}${entry.isDirectory() ? '/' : ''}`, kind: 'file' }));
  } catch {
    return [];
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
