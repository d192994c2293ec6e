import { expect, it } from 'vitest';
import { generateProgram } from './generate.ts';
import { compileMutations } from './mutations.ts';
import { createRandom, type Random } from './random.ts';
import { isSoak } from './runs.ts';

const count = isSoak ? 42_500 : 875;
const magicLines = ['%dataset load x.csv --as rows', '%%prompt p\n{{text}}', '!echo ${1 + 1}', '%train load a --as b'];

it(`${count} mutations of generated programs are refused or compiled, none crashes or hangs`, () => {
  const program = (random: Random) => generateProgram(random).code;
  const graft = [...Array.from({ length: 30 }, (_, seed) => program(createRandom(seed))), ...magicLines];
  // Else the cells are all nonsense and nothing was tested.
  expect(compileMutations(count, program, graft)).toBeGreaterThan(count / 10);
});
