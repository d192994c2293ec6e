import { magicsBundle } from '../../magics/help.ts';
import type { Magic } from '../../magics/magic.ts';
import { MagicError, unknownMagic } from './errors.ts';
import { type MagicLine, writeMagicCall } from './magic-call.ts';
import { findMagicLines, isMagicCell } from './scan.ts';
import { writeParts } from './values.ts';
import { splitTemplate } from './words.ts';
import { createWriter, type PositionMap, samePositions, type Writer } from './writer.ts';

export interface Rewritten {
  /** TypeScript. */
  readonly code: string;
  readonly positions: PositionMap;
}

type OnMistake = (mistake: MagicError) => void;

/**
 * Turns magic lines (`%name ...`), magic cells (`%%name ...`) and shell lines (`!command`) into TypeScript statements.
 * All other text stays as it is. What no magic understands is a MagicError with its place in the cell: thrown, or given
 * to `onMistake`, and the line left out.
 */
export function rewrite(source: string, magics: readonly Magic[], onMistake: OnMistake = rethrow): Rewritten {
  if (isMagicCell(source)) return rewriteCell(source, magics, onMistake);
  const lines = findMagicLines(source);
  if (lines.length === 0) return { code: source, positions: samePositions };
  const writer = createWriter(source);
  let done = 0;
  for (const { sign, start, end } of lines) {
    writer.copy(done, start);
    if (sign === '!') writeShell(writer, source, start + 1, end);
    else writeMagic(writer, source, magicLine(source, start, start + 1, end), magics, onMistake);
    done = end;
  }
  writer.copy(done, source.length);
  return { code: writer.text, positions: writer.positions };
}

function rewriteCell(source: string, magics: readonly Magic[], onMistake: OnMistake): Rewritten {
  const start = source.indexOf('%%');
  const lineEnd = source.indexOf('\n', start);
  const end = lineEnd < 0 ? source.length : lineEnd;
  const body = Math.min(source.length, end + 1);
  const line = magicLine(source, start, start + 2, end);
  const writer = createWriter(source);
  if (line.name === 'time') {
    writer.write('__notebook.timeCell();', start, end);
    writer.copy(end, source.length);
  } else writeMagic(writer, source, { ...line, body }, magics, onMistake);
  return { code: writer.text, positions: writer.positions };
}

function magicLine(source: string, start: number, nameStart: number, end: number): MagicLine {
  const [name = ''] = /^[\w-]+/.exec(source.slice(nameStart, end)) ?? [];
  return { name, start, nameEnd: nameStart + name.length, end };
}

function writeMagic(
  writer: Writer,
  source: string,
  line: MagicLine,
  magics: readonly Magic[],
  onMistake: OnMistake,
): void {
  try {
    const writeOwn = Object.hasOwn(ownMagics, line.name) ? ownMagics[line.name] : undefined;
    writer.attempt(() => {
      if (writeOwn === undefined) writeMagicCall(writer, source, line, findMagic(line, magics));
      else writeOwn(writer, source, line, magics);
    });
  } catch (error) {
    if (!(error instanceof MagicError)) throw error;
    onMistake(error);
  }
}

function findMagic(line: MagicLine, magics: readonly Magic[]): Magic {
  const magic = magics.find((m) => m.name === line.name);
  if (magic !== undefined) return magic;
  const names = [...magics.map((m) => m.name), ...Object.keys(ownMagics)];
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

function writeShell(writer: Writer, source: string, start: number, end: number): void {
  writer.write('await __notebook.shell(', start);
  writeParts(writer, { parts: splitTemplate(source, start, end), start, end });
  writer.write(');', end);
}
