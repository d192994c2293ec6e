import { z } from 'zod';
import type { MatrixCase } from '../matrix/run-matrix.ts';
import { type AdditiveMetric, meanMetric } from '../metrics/metric.ts';
import { type AssertEntry, type Assertion, createAssertion } from './assertions.ts';
import { fill } from './promptfoo-template.ts';

const assertEntry = z.looseObject({
  type: z.string(),
  value: z.unknown().optional(),
  threshold: z.number().optional(),
});
/** A test: variables, and what is asserted of the answer. */
export const testCase = z.looseObject({
  description: z.string().optional(),
  vars: z.record(z.string(), z.unknown()).optional(),
  assert: z.array(assertEntry).optional(),
});
type TestCase = z.output<typeof testCase>;

/** The cases of tests, one for each combination of variables that are lists, and the metric of their assertions. */
export function readTests(
  tests: string | readonly (string | TestCase)[],
  defaults: TestCase,
  notImported: string[],
): { cases: MatrixCase[]; metric: AdditiveMetric } {
  const checks = new Map<unknown, Assertion[]>();
  const cases: MatrixCase[] = [];
  for (const test of typeof tests === 'string' ? [tests] : tests) {
    if (typeof test === 'string') {
      notImported.push(`tests from "${test}"`);
      continue;
    }
    for (const row of expand({ ...defaults.vars, ...test.vars })) {
      const entries = [...(defaults.assert ?? []), ...(test.assert ?? [])];
      const own = entries.flatMap((entry) => readAssertion(filled(entry, row), notImported));
      checks.set(row, own);
      cases.push({ row, reference: String(entries.find(({ type }) => type === 'equals')?.value ?? '') });
    }
  }
  return { cases, metric: assertionMetric(checks) };
}

/** One row for each combination of the variables that are lists. */
function expand(vars: Record<string, unknown>): Record<string, unknown>[] {
  return Object.entries(vars).reduce<Record<string, unknown>[]>(
    (rows, [name, value]) =>
      rows.flatMap((row) => (Array.isArray(value) ? value : [value]).map((one: unknown) => ({ ...row, [name]: one }))),
    [{}],
  );
}

function filled(entry: AssertEntry, row: Readonly<Record<string, unknown>>): AssertEntry {
  return typeof entry.value === 'string' ? { ...entry, value: fill(entry.value, row) } : entry;
}

function readAssertion(entry: AssertEntry, notImported: string[]): Assertion[] {
  const assertion = createAssertion(entry);
  if (assertion !== undefined) return [assertion];
  const what = `assertion "${entry.type}"`;
  if (!notImported.includes(what)) notImported.push(what);
  return [];
}

/** Share of cases whose assertions all hold; a case is undetermined when none fails and one cannot be told. */
function assertionMetric(checks: ReadonlyMap<unknown, readonly Assertion[]>): AdditiveMetric {
  return meanMetric({
    name: 'assertions',
    title: 'cases whose assertions hold',
    signature: 'promptfoo:all assertions of a case',
    isProportion: true,
    score({ prediction, row, seconds, cost }) {
      const verdicts = (checks.get(row) ?? []).map((check) => check({ text: prediction, seconds, cost }));
      if (verdicts.includes(false)) return 0;
      return verdicts.length === 0 || verdicts.includes(null) ? null : 1;
    },
  });
}
