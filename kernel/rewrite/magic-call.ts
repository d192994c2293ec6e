import { helpBundle, usage } from '../../magics/help.ts';
import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, findOption, type OptionDescription } from '../../magics/options.ts';
import * as errors from './errors.ts';
import { writeParts, writeValue } from './values.ts';
import { type Part, plainText, splitTemplate, splitWords, type Word } from './words.ts';
import type { Writer } from './writer.ts';
import { readYamlBody } from './yaml-body.ts';

/** A magic line or cell as found by the scanner. Offsets are in the cell. */
export interface MagicLine {
  readonly name: string;
  /** Offset of the `%`. */
  readonly start: number;
  /** End of the name. */
  readonly nameEnd: number;
  /** End of the line. */
  readonly end: number;
  /** Start of the lines below a `%%` line. */
  readonly body?: number;
}

interface Given {
  readonly start: number;
  readonly end: number;
  write(writer: Writer): void;
}

/**
 * Writes the call that a magic line means: `var t = _ = await llmops.dataset.load({ file: "x.csv", as: "t" });`
 * A call without a name ends in `void 0`: a verb shows its result itself, and the cell must not show it again.
 */
export function writeMagicCall(writer: Writer, source: string, line: MagicLine, magic: Magic): void {
  const words = splitWords(source, line.nameEnd, line.end);
  if (words.some(isHelp)) {
    writeHelp(writer, line, magic, words);
    return;
  }
  const { verbName, rest } = chooseVerb(magic, line, words);
  const verb = magic.verbs[verbName]!;
  const title = verbName === magic.defaultVerb ? `%${magic.name}` : `%${magic.name} ${verbName}`;
  const options = describeOptions(verb);
  const given = readWords(title, magic, verbName, options, rest);
  if (line.body !== undefined) readBody(source, line.body, title, verb, options, given, line);
  const missing = options.filter((o) => o.required && !given.has(o.name)).map((o) => nameOf(o, verb));
  if (missing.length > 0) throw errors.optionMissing(title, missing, usage(magic, verbName), nameOfLine(line));

  const target = bindingOf(rest);
  writer.write(target === undefined ? '_ = await ' : 'var ', line.start);
  if (target !== undefined) {
    writer.copy(target.start, target.end);
    writer.write(' = _ = await ', line.start);
  }
  writer.write(`llmops.${magic.name}`, line.start, line.nameEnd);
  if (verbName !== magic.defaultVerb) writer.write(`.${verbName}`, line.nameEnd);
  writer.write('({ ', line.nameEnd);
  for (const [name, value] of given) {
    writer.write(`${name}: `, value.start);
    value.write(writer);
    writer.write(', ', value.end);
  }
  writer.write(target === undefined ? '}); void 0;' : '});', line.end);
}

function isHelp(word: Word): boolean {
  const text = word.quoted ? undefined : plainText(word);
  return text === '-h' || text === '--help';
}

function writeHelp(writer: Writer, line: MagicLine, magic: Magic, words: readonly Word[]): void {
  const first = words.map(plainText).find((text) => text !== undefined && Object.hasOwn(magic.verbs, text));
  const bundle = JSON.stringify(helpBundle(magic, first));
  writer.write(`__notebook.show(${bundle});`, line.start, line.end);
}

function chooseVerb(magic: Magic, line: MagicLine, words: readonly Word[]): { verbName: string; rest: Word[] } {
  const [first, ...others] = words;
  const text = first === undefined || first.quoted ? undefined : plainText(first);
  if (text !== undefined && Object.hasOwn(magic.verbs, text)) return { verbName: text, rest: others };
  if (magic.defaultVerb !== undefined) return { verbName: magic.defaultVerb, rest: [...words] };
  const verbs = Object.keys(magic.verbs);
  if (first === undefined || text === undefined) throw errors.verbMissing(magic.name, verbs, nameOfLine(line));
  throw errors.unknownVerb(magic.name, text, verbs, first);
}

/** Reads positionals, `--name value`, `--name=value` and flags. */
function readWords(
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

function readBody(
  source: string,
  start: number,
  title: string,
  verb: Verb,
  options: readonly OptionDescription[],
  given: Map<string, Given>,
  line: MagicLine,
): void {
  if (verb.body === undefined) {
    if (source.slice(start).trim() !== '') throw errors.noBody(title, nameOfLine(line));
    return;
  }
  if (verb.body === 'text') {
    const value = { parts: splitTemplate(source, start, source.length), start, end: source.length };
    given.set('body', { ...value, write: (writer) => writeParts(writer, value) });
    return;
  }
  for (const entry of readYamlBody(source, start)) {
    const option = findOption(options, entry.name);
    if (option === undefined)
      throw errors.unknownOption(
        title,
        entry.name,
        options.map((o) => o.name),
        entry,
      );
    if (!given.has(option.name)) given.set(option.name, entry);
  }
}

/** The variable that `--as name` binds, where the name stands. */
function bindingOf(words: readonly Word[]): { start: number; end: number } | undefined {
  const at = words.findIndex((word) => optionOf(word)?.name === 'as');
  if (at < 0) return undefined;
  const value = optionOf(words[at]!)!.value ?? words[at + 1];
  if (value === undefined) return undefined;
  const name = plainText(value);
  if (name === undefined || !/^[A-Za-z_$][\w$]*$/.test(name)) return undefined;
  const start = value.end - (value.quoted ? 1 : 0) - name.length;
  return { start, end: start + name.length };
}

function nameOfLine(line: MagicLine): { start: number; end: number } {
  return { start: line.start, end: line.nameEnd };
}

function nameOf(option: OptionDescription, verb: Verb): string {
  const isPositional = verb.positionals.some((name) => name.replace('...', '') === option.name);
  return isPositional ? option.name.toUpperCase() : `--${option.name}`;
}

function textOf(word: Word): string {
  return plainText(word) ?? 'an expression';
}
