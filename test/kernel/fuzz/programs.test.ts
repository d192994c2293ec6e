import { inspect } from 'node:util';
import { createContext, Script } from 'node:vm';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { hasMagics } from '../../../kernel/rewrite/scan.ts';
import type { CellFunction, CellTools } from '../../../kernel/threads.ts';
import { transformCell } from '../../../kernel/transform/transform.ts';
import { generateProgram } from './generate.ts';
import { createRandom } from './random.ts';
import { about, byTypeScript, firstSeed, isSoak, progress } from './runs.ts';

const count = isSoak ? 15_000 : 250;
/** Where cells run one after the other, and where TypeScript's own output does. */
const [notebook, elsewhere] = [createContext({}), createContext({})];

it(`${count} generated programs mean the same as TypeScript’s own output`, async () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { code, names } = generateProgram(createRandom(seed));
    if (hasMagics(code)) expect.fail(about(seed, code));
    const [ours, theirs] = [await valuesOfCell(code, names), await valuesByTypeScript(code, names)];
    if (ours !== theirs) expect(ours, about(seed, code)).toBe(theirs);
    progress(seed);
  }
});

/** What the names hold after the cell has run as the kernel runs it. */
async function valuesOfCell(code: string, names: readonly string[]): Promise<string> {
  for (const name of names) Reflect.set(notebook, name, undefined);
  const cell = new Script(transformCell(ts, code).code).runInContext(notebook) as CellFunction;
  return outcome(async () => {
    await cell(tools);
    return Object.fromEntries(names.map((name) => [name, Reflect.get(notebook, name)]));
  });
}

/** What they hold after TypeScript's own output has run, as the body of an async function. */
function valuesByTypeScript(code: string, names: readonly string[]): Promise<string> {
  return outcome(new Script(byTypeScript(code, names)).runInContext(elsewhere));
}

/** Results as text; also an error counts as a result: a program that throws must throw the same. */
async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    return shown(await run());
  } catch (error) {
    return String(error);
  }
}

const tools: CellTools = {
  wait: (value) => value,
  iterate: (values) => values as AsyncIterable<unknown>,
  import: () => Promise.reject(new Error('nothing is imported')),
  meta: import.meta,
};

function shown(values: unknown): string {
  return inspect(values, { depth: 6, sorted: true, maxArrayLength: null, maxStringLength: null });
}
