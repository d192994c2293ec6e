import type { Random } from './random.ts';

/** Pieces that are likely to upset a parser. */
const pieces = [
  ...['`', '${', '}', '{', '(', ')', '[', ']', '"', "'", '/*', '*/', '//', '/', '\\', '\\\n', '\n', '\r\n', ' ', '\t'],
  ...['%', '%%', '!', '%dataset load x.csv --as rows', '%%prompt p', '%%train x', '!echo ${1 + 1}', '%time f()'],
  ...[
    '%train load a --as b',
    '--steps',
    '--metrics loss,bleu',
    '-h',
    '--as=x',
    "--data='a b'",
    '${',
    '${{}}',
    '${`}`}',
  ],
  ...[
    'await ',
    'async ',
    'function ',
    'class ',
    'enum ',
    'export ',
    'import ',
    'import x from "y"',
    'return ',
    'yield ',
  ],
  ...[
    'const ',
    'let ',
    'var ',
    '=>',
    '...',
    '?.',
    '??',
    '!',
    '<T>',
    'as any',
    '@d',
    '#p',
    'using x = y',
    ': number',
    '=',
  ],
  ...['\u0000', '\u2028', '\ufeff', '😀', 'é', '<!--', '---\n', 'steps: 3', 'a: [', '- b', '\u00a0'],
];

/** A cell with a few random edits: pieces put in, stretches cut, doubled or moved, lines shuffled, another cell grafted on. */
export function mutate(random: Random, cell: string, others: readonly string[]): string {
  let text = cell;
  for (let edits = 1 + random.below(4); edits > 0; edits--) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(12));
    text = random.pick([
      () => text.slice(0, at) + random.pick(pieces) + text.slice(at),
      () => text.slice(0, at) + text.slice(end),
      () => text.slice(0, end) + text.slice(at),
      () => text.slice(0, at),
      () => text.slice(at),
      () => `${text.slice(0, at)}\n${random.pick(pieces)}\n${text.slice(at)}`,
      () => text.slice(0, at) + String.fromCharCode(random.below(128)) + text.slice(at),
      () => `${text}\n${random.pick(others)}`,
      () => text.split('\n').reverse().join('\n'),
    ])();
  }
  return text.slice(0, 4000);
}
