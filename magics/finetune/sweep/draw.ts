import type { RandomStream } from '../../engine/random.ts';
import type { Domain, SweepParameter } from './parameters.ts';

/** Values of a trial, by the parameter's name (`base_model.hidden_size`). */
export type Assignment = Readonly<Record<string, unknown>>;

type Range = Extract<Domain, { kind: 'range' }>;

/** Every combination of finite parameters, the last one changing fastest; the caller has seen that all are countable. */
export function grid(parameters: readonly SweepParameter[]): Assignment[] {
  return parameters.reduce<Assignment[]>(
    (all, parameter) => {
      const values = valuesOf(parameter.domain) ?? [];
      return all.flatMap((assignment) => values.map((value) => ({ ...assignment, [nameOf(parameter)]: value })));
    },
    [{}],
  );
}

/** How many combinations there are; Infinity where a range has no steps. */
export function gridSize(parameters: readonly SweepParameter[]): number {
  return parameters.reduce((size, { domain }) => size * countOf(domain), 1);
}

/** A random value for every parameter. */
export function draw(parameters: readonly SweepParameter[], random: RandomStream): Assignment {
  return Object.fromEntries(parameters.map((parameter) => [nameOf(parameter), drawValue(parameter.domain, random)]));
}

export function nameOf({ path }: SweepParameter): string {
  return path.join('.');
}

/** Whether a grid can go through it. */
export function isCountable({ domain }: SweepParameter): boolean {
  return Number.isFinite(countOf(domain));
}

function countOf(domain: Domain): number {
  if (domain.kind === 'choice') return domain.values.length;
  const step = stepOf(domain);
  return step === undefined ? Number.POSITIVE_INFINITY : Math.floor((domain.to - domain.from) / step + 1e-9) + 1;
}

function valuesOf(domain: Domain): readonly unknown[] | undefined {
  if (domain.kind === 'choice') return domain.values;
  const step = stepOf(domain);
  if (step === undefined) return undefined;
  return Array.from({ length: countOf(domain) }, (_, i) => round(domain.from + i * step));
}

function stepOf({ distribution, q }: Range): number | undefined {
  if (distribution === 'int_uniform') return 1;
  return distribution === 'q_uniform' ? q : undefined;
}

function drawValue(domain: Domain, random: RandomStream): unknown {
  if (domain.kind === 'choice') return choose(domain.values, domain.probabilities, random.uniform());
  const { from, to, q } = domain;
  const value = drawNumber(domain, random);
  if (q === undefined) return value;
  const snapped = round(Math.round(value / q) * q);
  // A normal distribution has no ends.
  return domain.distribution === 'q_normal' ? snapped : Math.min(to, Math.max(from, snapped));
}

function drawNumber({ distribution, from, to }: Range, random: RandomStream): number {
  switch (distribution) {
    case 'int_uniform':
      return from + Math.floor(random.uniform() * (to - from + 1));
    case 'uniform':
    case 'q_uniform':
      return from + random.uniform() * (to - from);
    case 'log_uniform':
      // Bounds are exponents of e.
      return Math.exp(from + random.uniform() * (to - from));
    case 'log_uniform_values':
    case 'q_log_uniform_values':
      return Math.exp(Math.log(from) + random.uniform() * (Math.log(to) - Math.log(from)));
    case 'normal':
    case 'q_normal':
      return from + random.normal() * to;
  }
}

function choose(values: readonly unknown[], probabilities: readonly number[] | undefined, at: number): unknown {
  if (probabilities === undefined) return values[Math.floor(at * values.length)];
  const target = at * probabilities.reduce((sum, p) => sum + p, 0);
  let sum = 0;
  for (const [i, probability] of probabilities.entries()) {
    sum += probability;
    if (target < sum) return values[i];
  }
  return values.at(-1);
}

/** Multiples without the crumbs of binary fractions: 0.3, not 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
