import { splitTemplate } from './words.ts';
import type { Writer } from './writer.ts';

/** Shells of script cells: `%%bash`, `%%sh`. */
export const scriptShells: readonly string[] = ['bash', 'sh'];

/** Opens the call that reads a name which may be the notebook's or the shell's. */
export const eitherCall = '__notebook.either(() => ';

/** What the shell's parameter expansion looks like and TypeScript does not: `${file%.txt}`, `${#list[@]}`, `${name:-x}`. */
const parameterExpansion = /^(?:[#!]\w+.*|\w+(?:[:#%^,/@]|\[[@*]).*)$/s;
/** `${name}` and `${list[0]}` mean something in both. */
const either = /^[A-Za-z_$][\w$]*(?:\[\w+\])?$/;

/** `!command` */
export function writeShellLine(writer: Writer, source: string, start: number, end: number): void {
  writer.write('await __notebook.shell(', start);
  writeCommand(writer, source, start, end);
  writer.write(');', end);
}

/** `%%bash` and the lines below it, which begin at `body`. */
export function writeScript(
  writer: Writer,
  source: string,
  line: { name: string; start: number; end: number },
  body: number,
): void {
  writer.write(`await __notebook.script(${JSON.stringify(line.name)}, `, line.start, line.end);
  writeCommand(writer, source, body, source.length);
  writer.write(');', source.length);
}

/**
 * A command as a template: `${expr}` is TypeScript, unless only a shell could mean it. A lone `${NAME}` is the notebook's
 * variable where there is one, the shell's where there is none.
 */
function writeCommand(writer: Writer, source: string, start: number, end: number): void {
  writer.write('`', start);
  for (const part of splitTemplate(source, start, end)) {
    const text = part.kind === 'text' ? part.value : source.slice(part.start, part.end);
    if (part.kind === 'text') writer.write(literal(text), start);
    else if (either.test(text)) {
      writer.write(`\${${eitherCall}`, part.start);
      writer.copy(part.start, part.end);
      writer.write(`, ${JSON.stringify(`\${${text}}`)})}`, part.end);
    } else if (parameterExpansion.test(text)) writer.write(literal(`\${${text}}`), part.start, part.end);
    else {
      writer.write('${', part.start);
      writer.copy(part.start, part.end);
      writer.write('}', part.end);
    }
  }
  writer.write('`', end);
}

function literal(text: string): string {
  return text.replace(/[\\`]|\$\{/g, '\\$&');
}
