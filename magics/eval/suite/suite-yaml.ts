import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { suiteNotFound, suiteUnreadable } from './errors.ts';

/** The kinds of files that `%eval suite` runs. */
export type SuiteKind = 'suite' | 'promptfoo' | 'lm-eval';

/** A suite's file as YAML. Python tags (`!function`) come as `{ python: 'text' }`. */
export interface SuiteYaml {
  readonly value: Record<string, unknown>;
  readonly kind: SuiteKind;
  /** Line, from 1, of the key or item at a path (`['tasks', 0, 'gates']`), or of what it is missing in. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Reads and parses a file; a UserError says what is wrong with it, and on which line. */
export async function readYaml(file: string): Promise<SuiteYaml> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw suiteNotFound(file, cause);
  });
  return parseYaml(text, file);
}

/** Parses the text of `file`. */
export function parseYaml(text: string, file: string): SuiteYaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    customTags: [{ tag: '!function', resolve: (python: string) => ({ python }) }],
  });
  const [error] = document.errors;
  if (error !== undefined) throw suiteUnreadable(file, reasonOf(error), error.linePos?.[0].line);
  const value = document.toJS() as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw suiteUnreadable(file, 'it is no mapping');
  const lineOf = (path: readonly PropertyKey[]) => {
    const start = nodeAt(document.contents, path)?.range?.[0];
    return start === undefined ? undefined : lineCounter.linePos(start).line;
  };
  return { value: value as Record<string, unknown>, kind: kindOf(value), lineOf };
}

/** Without the place and the excerpt that the parser adds. */
function reasonOf({ message }: Error): string {
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function kindOf(value: object): SuiteKind {
  if ('tasks' in value) return 'suite';
  if ('doc_to_text' in value || ('task' in value && 'output_type' in value)) return 'lm-eval';
  return 'prompts' in value || 'providers' in value ? 'promptfoo' : 'suite';
}

/** The key or item at a path, or the last one on the way to it. */
function nodeAt(contents: Node | null, path: readonly PropertyKey[]): Node | null {
  let at = contents;
  let inside: unknown = contents;
  for (const step of path) {
    if (isMap<Node, Node>(inside)) {
      const pair = inside.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) return at;
      at = pair.key;
      inside = pair.value;
    } else if (isSeq<Node>(inside) && inside.items[Number(step)] !== undefined) {
      at = inside.items[Number(step)]!;
      inside = at;
    } else return at;
  }
  return at;
}
