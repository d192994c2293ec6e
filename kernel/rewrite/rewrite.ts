import { magicsBundle } from '../../magics/help.ts';
import type { Magic } from '../../magics/magic.ts';
import { MagicError, optionMissing, unknownMagic } from './errors.ts';
import { writeMagicCall } from './magic-call.ts';
import type { MagicLine } from './magic-line.ts';
import { type FoundLine, findMagicLines, isMagicCell } from './scan.ts';
import { scriptShells, writeScript, writeShellLine } from './shell.ts';
import { writeParts } from './values.ts';
import { splitTemplate } from './words.ts';
import { createWriter, type PositionMap, samePositions, type Writer } from './writer.ts';

export interface Rewritten {
  /** TypeScript. */
  readonly code: string;
  readonly positions: PositionMap;
}

export interface RewriteOptions {
  /** Told of what no magic understands; the line is left out. Without it the mistake is thrown. */
  readonly onMistake?: (mistake: MagicError) => void;
  /** TypeScript types of variables that magics bind, for the type check. */
  readonly bindingTypes?: Readonly<Record<string, string>>;
}

/** What every line of a cell is written with. */
interface Rewriting extends Required<RewriteOptions> {
  readonly writer: Writer;
  readonly source: string;
  readonly magics: readonly Magic[];
}

/**
 * Turns magic lines (`%name ...`), magic cells (`%%name ...`) and shell lines (`!command`) into TypeScript statements.
 * All other text stays as it is. What no magic understands is a MagicError with its place in the cell.
 */
export function rewrite(source: string, magics: readonly Magic[], options: RewriteOptions = {}): Rewritten {
  const { onMistake = rethrow, bindingTypes = {} } = options;
  const isCell = isMagicCell(source);
  const lines = isCell ? [] : findMagicLines(source);
  if (!isCell && lines.length === 0) return { code: source, positions: samePositions };
  const writer = createWriter(source);
  const rewriting = { writer, source, magics, onMistake, bindingTypes };
  if (isCell) writeCell(rewriting);
  else writeLines(rewriting, lines);
  return { code: writer.text, positions: writer.positions };
}

function writeLines(rewriting: Rewriting, lines: readonly FoundLine[]): void {
  const { writer, source } = rewriting;
  let done = 0;
  for (const { sign, start, end } of lines) {
    writer.copy(done, start);
    if (sign === '!') attempt(rewriting, () => writeShellLine(writer, source, start + 1, end));
    else writeMagic(rewriting, magicLine(source, start, start + 1, end));
    done = end;
  }
  writer.copy(done, source.length);
}

function writeCell(rewriting: Rewriting): void {
  const { writer, source } = rewriting;
  const start = source.indexOf('%%');
  const lineEnd = source.indexOf('\n', start);
  const end = lineEnd < 0 ? source.length : lineEnd;
  const body = Math.min(source.length, end + 1);
  const line = magicLine(source, start, start + 2, end);
  if (line.name === 'time') {
    writer.write('__notebook.timeCell();', start, end);
    writer.copy(end, source.length);
  } else if (scriptShells.includes(line.name)) attempt(rewriting, () => writeScript(writer, source, line, body));
  else writeMagic(rewriting, { ...line, body });
}

function magicLine(source: string, start: number, nameStart: number, end: number): MagicLine {
  const [name = ''] = /^[\w-]+/.exec(source.slice(nameStart, end)) ?? [];
  return { name, start, nameEnd: nameStart + name.length, end };
}

function writeMagic(rewriting: Rewriting, line: MagicLine): void {
  const { writer, source, magics, bindingTypes } = rewriting;
  const writeOwn = Object.hasOwn(ownMagics, line.name) ? ownMagics[line.name] : undefined;
  attempt(rewriting, () => {
    if (writeOwn === undefined) writeMagicCall(writer, source, line, findMagic(line, magics), bindingTypes);
    else writeOwn(writer, source, line, magics);
  });
}

/** Writes a line, or leaves it out and tells of the mistake in it. */
function attempt({ writer, onMistake }: Rewriting, write: () => void): void {
  try {
    writer.attempt(write);
  } catch (error) {
    if (!(error instanceof MagicError)) throw error;
    onMistake(error);
  }
}

function findMagic(line: MagicLine, magics: readonly Magic[]): Magic {
  const magic = magics.find((m) => m.name === line.name);
  if (magic !== undefined) return magic;
  const names = [...magics.map((m) => m.name), ...Object.keys(ownMagics), ...scriptShells];
  throw unknownMagic(line.name, names, { start: line.start, end: line.nameEnd });
}

function rethrow(mistake: MagicError): never {
  throw mistake;
}

type WriteOwn = (writer: Writer, source: string, line: MagicLine, magics: readonly Magic[]) => void;

/** Magics of the kernel itself. */
const ownMagics: Readonly<Record<string, WriteOwn>> = {
  who: (writer, _source, line) => writer.write('__notebook.who();', line.start, line.end),
  reset: (writer, _source, line) => writer.write('__notebook.reset();', line.start, line.end),
  load(writer, source, line) {
    const file = source.slice(line.nameEnd, line.end);
    const start = line.nameEnd + file.search(/\S|$/);
    const end = line.nameEnd + file.trimEnd().length;
    if (start >= end) throw optionMissing('%load', ['FILE'], '%load FILE', { start: line.start, end: line.nameEnd });
    writer.write('await __notebook.load(', line.start, line.nameEnd);
    writeParts(writer, { parts: splitTemplate(source, start, end), start, end });
    writer.write(');', line.end);
  },
  page(writer, _source, line) {
    writer.write('__notebook.page(', line.start, line.nameEnd);
    writer.copy(line.nameEnd, line.end);
    writer.write(');', line.end);
  },
  llmops(writer, source, line, magics) {
    const isInit = source.slice(line.nameEnd, line.end).trim() === 'init';
    const call = isInit ? 'await __notebook.init();' : `__notebook.show(${JSON.stringify(magicsBundle(magics))});`;
    writer.write(call, line.start, line.end);
  },
  time(writer, source, line) {
    const isStatement = /^\s*(const|let|var|for|while|do|if|function|class|import|switch|try|throw)\b/;
    const rest = source.slice(line.nameEnd, line.end).replace(/;\s*$/, '');
    const restEnd = line.nameEnd + rest.length;
    const [before, after] = isStatement.test(rest)
      ? ['__notebook.startTimer();', '; __notebook.stopTimer();']
      : ['__notebook.timed(__notebook.startTimer(), ', ');'];
    writer.write(before, line.start, line.nameEnd);
    writer.copy(line.nameEnd, restEnd);
    writer.write(after, restEnd, line.end);
  },
};
