import path from 'node:path';
import { z } from 'zod';
import { suiteInvalid, taskNamedTwice } from './errors.ts';
import type { SuiteYaml } from './suite-yaml.ts';

const list = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

/** What a task says: the options of `%eval`, a prompt by name or as a template in place, and gates. */
const settings = {
  model: z.string().optional(),
  data: z.string().optional(),
  prompt: z.string().optional(),
  template: z.string().optional().describe('Dotprompt text, in place of the name of a prompt'),
  target: z.string().optional(),
  metrics: list.optional(),
  slices: list.optional(),
  gates: list.optional(),
  against: z.string().optional(),
  embedder: z.string().optional(),
  limit: z.int().positive().optional(),
  maxNewTokens: z.int().positive().optional(),
};
const task = z.strictObject({ name: z.string().min(1), ...settings });
const suiteFile = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  defaults: z.strictObject(settings).default({}),
  tasks: z.array(task).min(1),
});

/** One task, with the suite's defaults filled in. */
export type SuiteTask = z.output<typeof task>;

export interface SuiteFile {
  name: string;
  tasks: SuiteTask[];
}

/** Checks a suite of our own; unknown keys are refused with the valid ones, and two tasks of one name. */
export function parseSuite({ value, lineOf }: Pick<SuiteYaml, 'value' | 'lineOf'>, file: string): SuiteFile {
  const read = suiteFile.safeParse(value);
  if (!read.success) throw suiteInvalid(file, read.error, keysAt, lineOf);
  const { name = suiteName(file), defaults, tasks } = read.data;
  const twice = tasks.findIndex((one, i) => tasks.findIndex((other) => other.name === one.name) < i);
  if (twice >= 0) throw taskNamedTwice(file, tasks[twice]!.name, lineOf(['tasks', twice]));
  return { name, tasks: tasks.map((one) => ({ ...defaults, ...one })) };
}

/** What a suite is called that has no name: its file, without the end. */
export function suiteName(file: string): string {
  return path.basename(file).replace(/\.ya?ml$/, '');
}

function keysAt(place: readonly PropertyKey[]): string[] {
  return Object.keys(place.length === 0 ? suiteFile.shape : task.shape);
}
