import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { brokenYaml, notAMapping } from './errors.ts';
import { writeParts } from './values.ts';
import { endOfExpression, type Part, type PlainText } from './words.ts';
import type { Writer } from './writer.ts';

/** One option that a YAML body gives. */
export interface YamlOption {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Its value where that is one plain word. */
  readonly plain?: PlainText;
  write(writer: Writer): void;
}

/** Characters that stand for an expression while the YAML is parsed; private use, so that no text has them. */
const marker = '\uE000';
const filler = '\uE001';
const firstNumber = 0xe100;

/** Reads the cell's text from `start` to its end as YAML; `${expr}` in it stays TypeScript. */
export function readYamlBody(source: string, start: number): YamlOption[] {
  const { text, expressions } = hideExpressions(source, start);
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const [from, to] = [problem.pos[0], Math.max(problem.pos[1], problem.pos[0] + 1)];
    const at = { start: Math.min(start + from, source.length), end: Math.min(start + to, source.length) };
    const line = source.slice(0, at.start).split('\n').length;
    throw brokenYaml(problem.message.split('\n')[0]!, line, at);
  }
  const { contents } = document;
  if (contents === null) return [];
  if (!isMap(contents)) throw notAMapping({ start, end: source.length });

  const place = (node: Node | null) => {
    const [from = 0, to = 0] = node?.range ?? [];
    return { start: start + from, end: start + to };
  };
  const partsOf = (value: string): Part[] =>
    value
      .split(new RegExp(`(${marker}.${filler}*)`, 's'))
      .filter((piece) => piece !== '')
      .map((piece) =>
        piece.startsWith(marker)
          ? { kind: 'expression', ...expressions[piece.charCodeAt(1) - firstNumber]! }
          : { kind: 'text', value: piece },
      );

  function writeNode(writer: Writer, node: Node | null): void {
    const at = place(node);
    const value = isScalar(node) ? node.value : null;
    if (isAlias(node)) writeNode(writer, node.resolve(document) ?? null);
    else if (isMap(node)) writeList(writer, '{ ', (node as YAMLMap<Node, Node>).items, writePair, ' }', at);
    else if (isSeq(node)) writeList(writer, '[', node.items as Node[], writeNode, ']', at);
    else if (typeof value === 'string' && value.includes(marker)) writeParts(writer, { ...at, parts: partsOf(value) });
    else writer.write(JSON.stringify(value), at.start, at.end);
  }

  function writePair(writer: Writer, pair: Pair<Node, Node | null>): void {
    const at = place(pair.key);
    writer.write(`${JSON.stringify(keyOf(pair))}: `, at.start, at.end);
    writeNode(writer, pair.value);
  }

  const plainOf = (node: Node | null): PlainText | undefined =>
    isScalar(node) && node.type === 'PLAIN' && node.source !== undefined && !node.source.includes(marker)
      ? { text: node.source, start: place(node).start, end: place(node).start + node.source.length }
      : undefined;

  return (contents as YAMLMap<Node, Node>).items.map((pair) => ({
    name: keyOf(pair),
    ...place(pair.key),
    plain: plainOf(pair.value),
    write: (writer) => writeNode(writer, pair.value),
  }));
}

function writeList<T>(
  writer: Writer,
  open: string,
  items: readonly T[],
  write: (writer: Writer, item: T) => void,
  close: string,
  at: { start: number; end: number },
): void {
  writer.write(open, at.start);
  items.forEach((item, i) => {
    if (i > 0) writer.write(', ', at.start);
    write(writer, item);
  });
  writer.write(close, at.end);
}

function keyOf(pair: Pair<Node, Node | null>): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** The body with each `${expr}` replaced by as many placeholder characters: every position stays. */
function hideExpressions(source: string, start: number) {
  const expressions: { start: number; end: number }[] = [];
  let text = '';
  for (let i = start; i < source.length; ) {
    if (!source.startsWith('${', i)) {
      text += source[i++];
      continue;
    }
    const end = endOfExpression(source, i, source.length);
    text += marker + String.fromCharCode(firstNumber + expressions.length);
    text = text.padEnd(end + 1 - start, filler);
    expressions.push({ start: i + 2, end });
    i = end + 1;
  }
  return { text, expressions };
}
