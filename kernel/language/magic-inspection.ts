import { usage } from '../../magics/help.ts';
import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, findOption, type OptionDescription } from '../../magics/options.ts';
import { findMagicLines, isMagicCell } from '../rewrite/scan.ts';
import type { LanguageAnswer } from './messages.ts';

/** What a magic, its verb or an option is, when `offset` stands on its name. */
export function inspectMagic(
  code: string,
  offset: number,
  magics: readonly Magic[],
): LanguageAnswer<'inspect'> | undefined {
  const line = magicLineAt(code, offset);
  const [, sign = '', name = ''] = line === undefined ? [] : (/^(%+)([\w-]+)/.exec(line.text) ?? []);
  const magic = magics.find((m) => m.name === name);
  if (line === undefined || magic === undefined) return undefined;
  const word = wordAt(code, offset);
  const [, second = ''] = line.text.split(/\s+/);
  const verbName = Object.hasOwn(magic.verbs, second) ? second : magic.defaultVerb;
  const verb = verbName === undefined ? undefined : magic.verbs[verbName];
  const answer = (markdown: string) => ({ start: word.start, end: word.end, markdown });
  if (word.start === line.start && word.text === sign + name) {
    return answer(verb === undefined ? explainMagic(magic) : explainVerb(magic, verbName!, verb));
  }
  if (verb === undefined) return undefined;
  if (word.text === verbName) return answer(explainVerb(magic, verbName, verb));
  const [, optionName] = /^--([\w-]+)/.exec(word.text) ?? [];
  const option = optionName === undefined ? undefined : findOption(describeOptions(verb), optionName);
  return option === undefined ? undefined : answer(explainOption(option));
}

function magicLineAt(code: string, offset: number): { start: number; text: string } | undefined {
  const cellStart = code.indexOf('%%');
  const found = isMagicCell(code)
    ? { start: cellStart, end: lineEnd(code, cellStart) }
    : findMagicLines(code).find((line) => line.sign === '%' && line.start <= offset && offset <= line.end);
  if (found === undefined || offset > found.end) return undefined;
  return { start: found.start, text: code.slice(found.start, found.end) };
}

function wordAt(code: string, offset: number): { start: number; end: number; text: string } {
  const start = offset - /\S*$/.exec(code.slice(0, offset))![0].length;
  const end = offset + /^[^\s=]*/.exec(code.slice(offset))![0].length;
  return { start, end, text: code.slice(start, end) };
}

function explainMagic(magic: Magic): string {
  const verbs = Object.entries(magic.verbs).map(([name, verb]) => `- \`${usage(magic, name)}\`: ${verb.summary}`);
  return [`**%${magic.name}**: ${magic.summary}`, verbs.join('\n')].join('\n\n');
}

function explainVerb(magic: Magic, name: string, verb: Verb): string {
  return [`\`${usage(magic, name)}\``, verb.summary, `\`\`\`\n${verb.example}\n\`\`\``].join('\n\n');
}

function explainOption(option: OptionDescription): string {
  const choices = option.choices === undefined ? '' : `One of: ${option.choices.join(', ')}.`;
  const fallback = option.default === undefined ? '' : `Default: ${JSON.stringify(option.default)}.`;
  const head = `**--${option.name}** (${option.kind}${option.required ? ', required' : ''})`;
  return [head, option.description, `${choices} ${fallback}`.trim()].filter((part) => part !== '').join('\n\n');
}

function lineEnd(code: string, from: number): number {
  const end = code.indexOf('\n', from);
  return end < 0 ? code.length : end;
}
