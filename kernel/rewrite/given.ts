import { usage } from '../../magics/help.ts';
import type { Magic, Verb } from '../../magics/magic.ts';
import { findOption, type OptionDescription } from '../../magics/options.ts';
import * as errors from './errors.ts';
import { type MagicLine, nameOfLine } from './magic-line.ts';
import { writeParts, writeValue } from './values.ts';
import { isVariableName } from './variable-name.ts';
import { type Part, type PlainText, plainText, splitTemplate, type Word } from './words.ts';
import type { Writer } from './writer.ts';
import { readYamlBody } from './yaml-body.ts';

/** A value that a magic line gives to an option. Offsets are in the cell. */
export interface Given {
  readonly start: number;
  readonly end: number;
  write(writer: Writer): void;
}

/** Reads positionals, `--name value`, `--name=value` and flags. */
export function readWords(
  title: string,
  magic: Magic,
  verbName: string,
  options: readonly OptionDescription[],
  words: readonly Word[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const positionals = [...magic.verbs[verbName]!.positionals];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const flag = optionOf(word);
    if (flag === undefined) {
      const name = positionals.shift();
      if (name === undefined) throw errors.tooManyValues(title, textOf(word), usage(magic, verbName), word);
      const rest = name.endsWith('...') ? restOfPositionals(words, i) : [word];
      i += rest.length - 1;
      const option = findOption(options, name.replace('...', ''))!;
      given.set(option.name, givenValue(title, option, rest));
      continue;
    }
    const option = findOption(options, flag.name);
    if (option === undefined)
      throw errors.unknownOption(
        title,
        flag.name,
        options.map((o) => o.name),
        flag,
      );
    const next = words[i + 1];
    if (flag.value !== undefined) given.set(option.name, givenValue(title, option, [flag.value]));
    else if (takesNext(option, next)) {
      given.set(option.name, givenValue(title, option, [next!]));
      i++;
    } else if (option.kind === 'boolean' || option.alternatives.includes('boolean')) {
      given.set(option.name, { ...word, write: (writer) => writer.write('true', word.start, word.end) });
    } else throw errors.valueMissing(title, option.name, word);
  }
  return given;
}

/** A flag takes the next word only when that is `true`, `false` or an expression. */
function takesNext(option: OptionDescription, next: Word | undefined): boolean {
  if (next === undefined || optionOf(next) !== undefined) return false;
  if (option.kind !== 'boolean') return true;
  return /^(true|false)?$/.test(plainText(next) ?? '');
}

/** `--name` or `--name=value`, when the word is one. */
function optionOf(word: Word): { name: string; value?: Word; start: number; end: number } | undefined {
  const [first] = word.parts;
  if (first?.kind !== 'text' || !/^--[A-Za-z]/.test(first.value)) return undefined;
  const equals = first.value.indexOf('=');
  const start = word.start + 2;
  if (equals < 0) return { name: first.value.slice(2), start, end: start + first.value.length - 2 };
  const rest = first.value.slice(equals + 1);
  const parts: Part[] = rest === '' ? word.parts.slice(1) : [{ kind: 'text', value: rest }, ...word.parts.slice(1)];
  const value = { ...word, start: word.start + equals + 1, parts };
  return { name: first.value.slice(2, equals), value, start, end: word.start + equals };
}

function restOfPositionals(words: readonly Word[], from: number): Word[] {
  const end = words.findIndex((word, i) => i > from && optionOf(word) !== undefined);
  return words.slice(from, end < 0 ? undefined : end);
}

/** Several words for one option are the items of its list. */
function givenValue(title: string, option: OptionDescription, words: readonly Word[]): Given {
  const start = words[0]!.start;
  const end = words.at(-1)!.end;
  const parts = words.flatMap((word, i): Part[] =>
    i === 0 ? [...word.parts] : [{ kind: 'text', value: ',' }, ...word.parts],
  );
  return { start, end, write: (writer) => writeValue(writer, title, option, { parts, start, end }) };
}

/** Reads the lines below a `%%` line; gives what `as` says there. */
export function readBody(
  source: string,
  start: number,
  title: string,
  verb: Verb,
  options: readonly OptionDescription[],
  given: Map<string, Given>,
  line: MagicLine,
): PlainText | undefined {
  if (verb.body === undefined) {
    if (source.slice(start).trim() !== '') throw errors.noBody(title, nameOfLine(line));
    return undefined;
  }
  if (verb.body === 'text') {
    const value = { parts: splitTemplate(source, start, source.length), start, end: source.length };
    given.set('body', { ...value, write: (writer) => writeParts(writer, value) });
    return undefined;
  }
  let name: PlainText | undefined;
  for (const entry of readYamlBody(source, start)) {
    const option = findOption(options, entry.name);
    if (option === undefined)
      throw errors.unknownOption(
        title,
        entry.name,
        options.map((o) => o.name),
        entry,
      );
    if (given.has(option.name)) continue;
    given.set(option.name, entry);
    if (option.name === 'as') name = entry.plain;
  }
  return name;
}

/** What `--as name` says, or `as: name` in the lines below; undefined where nothing does, or an expression. */
export function nameGiven(words: readonly Word[], body: PlainText | undefined): PlainText | undefined {
  const at = words.findIndex((word) => optionOf(word)?.name === 'as');
  if (at < 0) return body;
  const value = optionOf(words[at]!)!.value ?? words[at + 1];
  const text = value && plainText(value);
  if (value === undefined || text === undefined) return undefined;
  const start = value.end - (value.quoted ? 1 : 0) - text.length;
  return { text, start, end: start + text.length };
}

/** The variable that a magic binds. A name that none can have is refused, unless it names something else as well. */
export function bindingOf(title: string, given: PlainText | undefined, asNamesMore = false): PlainText | undefined {
  if (given === undefined || isVariableName(given.text)) return given;
  if (asNamesMore) return undefined;
  throw errors.notAVariable(title, given.text, given);
}

function textOf(word: Word): string {
  return plainText(word) ?? 'an expression';
}
