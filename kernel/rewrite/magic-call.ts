import { helpBundle, usage } from '../../magics/help.ts';
import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, type OptionDescription } from '../../magics/options.ts';
import * as errors from './errors.ts';
import { bindingOf, nameGiven, readBody, readWords } from './given.ts';
import { type MagicLine, nameOfLine } from './magic-line.ts';
import { plainText, splitWords, type Word } from './words.ts';
import type { Writer } from './writer.ts';

/**
 * Writes the call that a magic line means: `var t = _ = await llmops.dataset.load({ file: "x.csv", as: "t" });`
 * `bindingTypes` gives `t` a type. A call without a name ends in `void 0`: a verb shows its result itself, and the cell must not show it again.
 */
export function writeMagicCall(
  writer: Writer,
  source: string,
  line: MagicLine,
  magic: Magic,
  bindingTypes: Readonly<Record<string, string>>,
): void {
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
  const below = line.body === undefined ? undefined : readBody(source, line.body, title, verb, options, given, line);
  const missing = options.filter((o) => o.required && !given.has(o.name)).map((o) => nameOf(o, verb));
  if (missing.length > 0) throw errors.optionMissing(title, missing, usage(magic, verbName), nameOfLine(line));

  const target = bindingOf(title, nameGiven(rest, below), verb.asNamesMore);
  const name = target?.text ?? '';
  const type = Object.hasOwn(bindingTypes, name) ? bindingTypes[name] : undefined;
  writer.write(target === undefined ? '_ = await ' : 'var ', line.start);
  if (target !== undefined) {
    writer.copy(target.start, target.end);
    writer.write(type === undefined ? ' = _ = await ' : `: ${type} = (_ = await `, line.start);
  }
  writer.write(`llmops.${magic.name}`, line.start, line.nameEnd);
  if (verbName !== magic.defaultVerb) writer.write(`.${verbName}`, line.nameEnd);
  writer.write('({ ', line.nameEnd);
  for (const [name, value] of given) {
    writer.write(`${name}: `, value.start);
    value.write(writer);
    writer.write(', ', value.end);
  }
  const end = type === undefined ? '});' : '})) as any;';
  writer.write(target === undefined ? '}); void 0;' : end, line.end);
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

function nameOf(option: OptionDescription, verb: Verb): string {
  const isPositional = verb.positionals.some((name) => name.replace('...', '') === option.name);
  return isPositional ? option.name.toUpperCase() : `--${option.name}`;
}
