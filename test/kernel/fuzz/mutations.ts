import { Script } from 'node:vm';
import ts from 'typescript';
import { expect } from 'vitest';
import { MagicError } from '../../../kernel/rewrite/errors.ts';
import { rewrite } from '../../../kernel/rewrite/rewrite.ts';
import { hasMagics } from '../../../kernel/rewrite/scan.ts';
import { CellSyntaxError } from '../../../kernel/transform/refuse.ts';
import { transformCell } from '../../../kernel/transform/transform.ts';
import { magics } from '../../../magics/index.ts';
import { fixture } from '../rewrite/fixture.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from './random.ts';
import { about, byTypeScript, firstSeed, progress } from './runs.ts';

/** Longer than this, and a cell hangs the editor. */
const limitMs = 2000;
const all = [...magics, fixture];

/** Compiles mutations of what `pick` gives; `graft` are cells that may be put behind. Gives how many are TypeScript still. */
export function compileMutations(count: number, pick: (random: Random) => string, graft: readonly string[]): number {
  let compiled = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const random = createRandom(seed);
    const cell = mutate(random, pick(random), graft);
    const startedAt = performance.now();
    if (compiles(cell, seed)) compiled++;
    if (performance.now() - startedAt > limitMs) expectSoon(cell, seed);
    progress(seed);
  }
  return compiled;
}

/** Whether it was the cell that took so long, or the machine. */
function expectSoon(cell: string, seed: number): void {
  const before = process.cpuUsage();
  compiles(cell, seed);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000, about(seed, cell)).toBeLessThan(limitMs);
}

/** True when the cell compiles to a script. Mistakes must be ours to name; positions must lie in the cell. */
function compiles(cell: string, seed: number): boolean {
  const lenient = rewrite(cell, all, { onMistake: (mistake) => expectPlace(mistake, cell, seed) });
  for (const offset of [0, cell.length >> 1, cell.length]) {
    const there = lenient.positions.toGenerated(offset);
    const back = lenient.positions.toOriginal(there);
    if (there < 0 || back > cell.length) expect.fail(`${about(seed, cell)}: ${offset} → ${there} → ${back}`);
  }
  if (!hasMagics(cell) && lenient.code !== cell) expect(lenient.code, about(seed, cell)).toBe(cell);
  try {
    const { code } = rewrite(cell, all);
    const script = transformCell(ts, code).code;
    if (!isScript(script) && isScript(byTypeScript(code, []))) expect.fail(`${about(seed, cell)}\n→ ${script}`);
    return true;
  } catch (error) {
    if (error instanceof MagicError) expectPlace(error, cell, seed);
    else if (!(error instanceof CellSyntaxError)) throw new Error(about(seed, cell), { cause: error });
    return false;
  }
}

function expectPlace({ start, end }: MagicError, cell: string, seed: number): void {
  const isInside = start >= 0 && start <= end && end <= cell.length;
  if (!isInside) expect.fail(`${about(seed, cell)}: ${start} to ${end} of ${cell.length}`);
}

function isScript(code: string): boolean {
  try {
    new Script(code);
    return true;
  } catch {
    return false;
  }
}
