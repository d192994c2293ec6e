import path from 'node:path';
import { isUserError } from '../../magics/errors.ts';
import { formatGate, readGates } from '../../magics/eval/gate.ts';
import { SuiteError } from '../../magics/eval/suite/errors.ts';
import { parseSuite, type SuiteTask, suiteName } from '../../magics/eval/suite/read-suite.ts';
import { parseYaml, type SuiteKind, type SuiteYaml } from '../../magics/eval/suite/suite-yaml.ts';

/** What the Test Explorer shows of a suite's file. Lines count from 1. */
export interface SuiteOutline {
  name: string;
  kind: SuiteKind;
  /** Empty for suites of other programs: what their tasks are is known when they have run. */
  tasks: TaskOutline[];
  /** Why the file cannot be run. */
  problem?: { message: string; line: number };
  /** Files that the tasks may mean: models and data, as they are written. */
  paths: string[];
}

export interface TaskOutline {
  name: string;
  line: number;
  gates: GateOutline[];
}

/** `gate` as records have it: `exact_match>=0.9`. */
export interface GateOutline {
  gate: string;
  line: number;
}

/** The outline of a YAML file; undefined where it is no suite and does not look like one that is being written. */
export function outlineOf(text: string, file: string): SuiteOutline | undefined {
  if (!mayBeSuite(text, file)) return undefined;
  try {
    const yaml = parseYaml(text, file);
    if (!isSuite(yaml)) return undefined;
    return yaml.kind === 'suite' ? outlineOfOwn(yaml, file) : outlineOfImported(yaml, file);
  } catch (error) {
    if (!isUserError(error)) throw error;
    const line = error instanceof SuiteError ? (error.line ?? 1) : 1;
    return { name: suiteName(file), kind: 'suite', tasks: [], problem: { message: error.message, line }, paths: [] };
  }
}

/** Keys that tell a suite's tasks from those of other programs' files. */
const telling = ['data', 'metrics', 'gates', 'target', 'template', 'model'];

/** By its text alone, so that other files cost no parsing and broken ones are not lost. */
function mayBeSuite(text: string, file: string): boolean {
  if (/^promptfoo/i.test(path.basename(file))) return true;
  if (/^(?:prompts|providers|doc_to_text) *:/m.test(text)) return true;
  return /^tasks *:/m.test(text) && new RegExp(`\\b(?:${telling.join('|')}) *:`).test(text);
}

function isSuite({ value, kind }: SuiteYaml): boolean {
  if (kind === 'promptfoo') return 'prompts' in value && ('providers' in value || 'targets' in value);
  if (kind === 'lm-eval') return 'doc_to_text' in value && 'dataset_path' in value;
  const parts = [value.defaults, ...(Array.isArray(value.tasks) ? value.tasks : [])];
  return parts.some((part) => typeof part === 'object' && part !== null && telling.some((key) => key in part));
}

function outlineOfOwn(yaml: SuiteYaml, file: string): SuiteOutline {
  const { name, tasks } = parseSuite(yaml, file);
  return {
    name,
    kind: 'suite',
    tasks: tasks.map((task, i) => taskOutline(task, i, yaml)),
    paths: tasks.flatMap(({ data, model }) => [data, model]).filter((value) => value !== undefined),
  };
}

function outlineOfImported({ value, kind }: SuiteYaml, file: string): SuiteOutline {
  const given = kind === 'promptfoo' ? value.description : value.task;
  return { name: typeof given === 'string' ? given : suiteName(file), kind, tasks: [], paths: [] };
}

/** Gates that the defaults give have the defaults' line. */
function taskOutline({ name, gates = [] }: SuiteTask, index: number, { value, lineOf }: SuiteYaml): TaskOutline {
  const own = ['tasks', index, 'gates'];
  const isOwn = lineOf(own) !== undefined && 'gates' in (value.tasks as object[])[index]!;
  const place = isOwn ? own : ['defaults', 'gates'];
  return {
    name,
    line: lineOf(['tasks', index]) ?? 1,
    gates: gates.flatMap((text, i) =>
      readGates(text).map((gate) => ({ gate: formatGate(gate), line: lineOf([...place, i]) ?? 1 })),
    ),
  };
}
