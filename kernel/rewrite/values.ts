import type { OptionDescription, OptionKind } from '../../magics/options.ts';
import { notANumber, notATruthValue, notOneOf } from './errors.ts';
import type { Part } from './words.ts';
import type { Writer } from './writer.ts';

/** A value as typed, with its place in the cell. */
export interface GivenValue {
  readonly parts: readonly Part[];
  readonly start: number;
  readonly end: number;
}

/** Writes a value as TypeScript, read as the option's schema wants it. `title`: the verb, for errors. */
export function writeValue(writer: Writer, title: string, option: OptionDescription, value: GivenValue): void {
  const kinds = [option.kind, ...option.alternatives];
  const items = kinds.includes('list') ? splitList(value.parts) : undefined;
  const isExpression = value.parts.length === 1 && value.parts[0]!.kind === 'expression';
  if (items === undefined || isExpression || (option.kind !== 'list' && items.length === 1)) {
    writeSingle(writer, title, option, kinds, value);
    return;
  }
  writer.write('[', value.start);
  items.forEach((parts, i) => {
    if (i > 0) writer.write(', ', value.start);
    writeSingle(writer, title, option, [option.items ?? 'string'], { ...value, parts });
  });
  writer.write(']', value.end);
}

/** Writes text and expressions as one string, or a lone expression as it is. */
export function writeParts(writer: Writer, { parts, start, end }: GivenValue): void {
  const [first] = parts;
  if (parts.length === 1 && first?.kind === 'expression') {
    writer.write('(', start);
    writer.copy(first.start, first.end);
    writer.write(')', end);
    return;
  }
  if (parts.every((part) => part.kind === 'text')) {
    writer.write(JSON.stringify(parts.map((part) => part.value).join('')), start, end);
    return;
  }
  writer.write('`', start);
  for (const part of parts) {
    if (part.kind === 'text') writer.write(part.value.replace(/[\\`]|\$\{/g, '\\$&'), start);
    else {
      writer.write('${', part.start);
      writer.copy(part.start, part.end);
      writer.write('}', part.end);
    }
  }
  writer.write('`', end);
}

function writeSingle(
  writer: Writer,
  title: string,
  option: OptionDescription,
  kinds: readonly OptionKind[],
  value: GivenValue,
): void {
  const { parts, start, end } = value;
  if (!parts.every((part) => part.kind === 'text')) {
    writeParts(writer, value);
    return;
  }
  const text = parts.map((part) => part.value).join('');
  writer.write(JSON.stringify(readText(text, title, option, kinds, value)), start, end);
}

function readText(
  text: string,
  title: string,
  option: OptionDescription,
  kinds: readonly OptionKind[],
  at: GivenValue,
): unknown {
  if (kinds.includes('number') && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (kinds.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  const takesText = kinds.some((kind) => kind === 'string' || kind === 'any' || kind === 'list');
  if (!takesText && kinds.includes('number')) throw notANumber(title, option.name, text, at);
  if (!takesText && kinds.includes('boolean')) throw notATruthValue(title, option.name, text, at);
  if (!takesText && kinds.includes('object')) return readObject(text);
  if (option.choices !== undefined && !option.choices.includes(text)) {
    throw notOneOf(title, option.name, text, option.choices, at);
  }
  return text;
}

/** An object in JSON; other text is left to the schema to refuse. */
function readObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The parts between commas. */
function splitList(parts: readonly Part[]): Part[][] {
  const items: Part[][] = [[]];
  for (const part of parts) {
    if (part.kind === 'expression') {
      items.at(-1)!.push(part);
      continue;
    }
    part.value.split(',').forEach((text, i) => {
      if (i > 0) items.push([]);
      if (text.trim() !== '') items.at(-1)!.push({ kind: 'text', value: text.trim() });
    });
  }
  return items.filter((item) => item.length > 0);
}
