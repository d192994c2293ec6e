import { createSchemaCheck, type JsonSchemaObject } from '../metrics/json-validity.ts';
import { rouge } from '../metrics/rouge.ts';

/** An `assert` entry of promptfoo. */
export interface AssertEntry {
  type: string;
  value?: unknown;
  threshold?: number;
}

/** What is known of an answer when an assertion is checked. */
export interface AssertedAnswer {
  text: string;
  seconds?: number;
  cost?: number;
}

/** Whether an assertion holds; null where it cannot be told (a latency that was not measured). */
export type Assertion = (answer: AssertedAnswer) => boolean | null;

type CreateAssertion = (entry: AssertEntry) => Assertion;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
const contains = (test: 'every' | 'some', fold: (text: string) => string): CreateAssertion => {
  return ({ value }) =>
    ({ text }) =>
      texts(value)[test]((part) => fold(text).includes(fold(part)));
};
const asIs = (text: string) => text;
const lower = (text: string) => text.toLowerCase();

/** The assertion types that need no program and no judge (promptfoo's "deterministic" ones). */
const assertions: Readonly<Record<string, CreateAssertion>> = {
  equals: ({ value }) => {
    const wanted = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return ({ text }) => text === wanted || sameJson(text, wanted);
  },
  contains: contains('every', asIs),
  icontains: contains('every', lower),
  'contains-all': contains('every', asIs),
  'contains-any': contains('some', asIs),
  'icontains-all': contains('every', lower),
  'icontains-any': contains('some', lower),
  'starts-with':
    ({ value }) =>
    ({ text }) =>
      text.startsWith(String(value)),
  regex: ({ value }) => {
    const pattern = new RegExp(String(value));
    return ({ text }) => pattern.test(text);
  },
  'is-json': ({ value }) => jsonCheck(value),
  'contains-json': ({ value }) => {
    const check = jsonCheck(value);
    return ({ text }) => (text.match(/[{[][\s\S]*[}\]]/) ?? []).some((part) => check({ text: part }) === true);
  },
  latency:
    ({ threshold = 0 }) =>
    ({ seconds }) =>
      seconds === undefined ? null : seconds * 1000 <= threshold,
  cost:
    ({ threshold = 0 }) =>
    ({ cost }) =>
      cost === undefined ? null : cost <= threshold,
  'rouge-n':
    ({ value, threshold = 0.75 }) =>
    ({ text }) =>
      rouge([text], [String(value)]).rouge1! >= threshold,
  levenshtein:
    ({ value, threshold = 5 }) =>
    ({ text }) =>
      distance(text, String(value)) <= threshold,
};

/** The assertion that an entry asks for (`not-` turns it round); undefined for types that cannot be imported. */
export function createAssertion(entry: AssertEntry): Assertion | undefined {
  const isNegated = entry.type.startsWith('not-');
  const type = isNegated ? entry.type.slice('not-'.length) : entry.type;
  if (!Object.hasOwn(assertions, type)) return undefined;
  const check = assertions[type]!({ ...entry, type });
  return (answer) => {
    const holds = check(answer);
    return holds === null ? null : holds !== isNegated;
  };
}

function jsonCheck(schema: unknown): Assertion {
  const check = createSchemaCheck((schema ?? {}) as JsonSchemaObject, 'assert');
  return ({ text }) => check(text);
}

function sameJson(a: string, b: string): boolean {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return false;
  }
}

/** Insertions, deletions and substitutions of characters between two texts (Levenshtein, 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
