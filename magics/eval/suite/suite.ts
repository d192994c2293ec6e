import path from 'node:path';
import type { MagicContext } from '../../context.ts';
import { suggestion, UserError } from '../../errors.ts';
import { openStore } from '../../governance/open-store.ts';
import type { Deployment, ModelReference, Run } from '../../handles.ts';
import { createPrompt, type Prompt } from '../../prompt/prompt.ts';
import { evaluateWithGates } from '../evaluate.ts';
import { formatGate } from '../gate.ts';
import { importLmEval } from '../import/lm-eval.ts';
import { importPromptfoo } from '../import/promptfoo.ts';
import { evalOptions } from '../options.ts';
import { suiteBundle } from './display.ts';
import type { SuiteOptions } from './options.ts';
import { parseSuite, type SuiteFile, type SuiteTask } from './read-suite.ts';
import { type SuitePlace, suitePlace } from './recorded-task.ts';
import { runImported } from './run-imported.ts';
import { readYaml } from './suite-yaml.ts';

/** What became of one task. */
export interface TaskResult {
  readonly task: string;
  readonly model: string;
  /** Id of the recorded evaluation. */
  readonly id: string;
  readonly metrics: Readonly<Record<string, { value: number | null; low?: number; high?: number }>>;
  readonly gates: readonly string[];
  /** Gates that the figures do not meet. */
  readonly failed: readonly string[];
}

export interface SuiteResult {
  readonly suite: string;
  readonly passed: boolean;
  readonly tasks: readonly TaskResult[];
  /** What the file asks for that could not be imported. */
  readonly notImported: readonly string[];
}

/**
 * Runs every task of a suite, records each, and shows which gates hold. Throws a UserError after the last task when a
 * gate fails. Paths in the file start at the notebook's folder; those of imported files at the file's.
 */
export async function suite(options: SuiteOptions, context: MagicContext): Promise<SuiteResult> {
  const file = path.resolve(context.folder, options.file);
  const yaml = await readYaml(file);
  const { value, kind } = yaml;
  const result =
    kind === 'suite'
      ? await runSuite(parseSuite(yaml, file), file, options, context)
      : await runImported(await (kind === 'promptfoo' ? importPromptfoo : importLmEval)(value, file), options, context);
  context.display(suiteBundle(result));
  if (!result.passed) throw gatesFailed(result);
  return result;
}

async function runSuite(
  { name, tasks }: SuiteFile,
  file: string,
  options: SuiteOptions,
  context: MagicContext,
): Promise<SuiteResult> {
  const chosen = options.only === undefined ? tasks : tasks.filter((task) => task.name === options.only);
  if (chosen.length === 0) throw taskNotFound(options.only ?? '', tasks);
  const { folder } = context;
  const place = await suitePlace(name, { file, folder, repository: (await openStore(folder)).folder });
  const results: TaskResult[] = [];
  for (const task of chosen) results.push(await runTask(task, place, options, context));
  return { suite: name, passed: results.every(({ failed }) => failed.length === 0), tasks: results, notImported: [] };
}

async function runTask(
  task: SuiteTask,
  place: SuitePlace,
  { model, seed, fresh }: SuiteOptions,
  context: MagicContext,
): Promise<TaskResult> {
  const { name, template, gates = [], prompt, ...rest } = task;
  const asked = evalOptions.parse({
    ...rest,
    model: localModel(model) ?? rest.model ?? '',
    data: rest.data ?? '',
    prompt: template === undefined ? prompt : await promptOf(name, template),
    ...(gates.length > 0 && { gate: gates.join(',') }),
    seed,
    fresh,
  });
  if (asked.model === '' || asked.data === '') throw taskIncomplete(name, asked.model === '' ? 'model' : 'data');
  const { evaluation, failed } = await evaluateWithGates(asked, context, { ...place, task: name });
  const { id, model: ref, metrics } = evaluation;
  return { task: name, model: ref, id, metrics, gates, failed: failed.map(formatGate) };
}

function promptOf(task: string, template: string): Promise<Prompt> {
  return createPrompt(task.replace(/[^\w.-]+/g, '-'), template);
}

/** Suites of our own ask models in jobs; deployments are asked by imported suites and by `%eval matrix`. */
function localModel(model: SuiteOptions['model']): string | ModelReference | Run | undefined {
  if (typeof model === 'object' && 'url' in model) return (model as Deployment).model;
  return model;
}

function gatesFailed({ suite: name, tasks }: SuiteResult): UserError {
  const failing = tasks.filter(({ failed }) => failed.length > 0);
  const reasons = failing.map(({ task, model, failed }) => `${task} with ${model} (${failed.join(', ')})`);
  return new UserError(`Suite "${name}" fails: ${reasons.join('; ')}. Every task is recorded; see the table above.`);
}

function taskNotFound(name: string, tasks: readonly SuiteTask[]): UserError {
  const names = tasks.map((task) => task.name);
  return new UserError(`The suite has no task "${name}".${suggestion(name, names, 'Tasks')}`, { offending: name });
}

function taskIncomplete(name: string, missing: 'model' | 'data'): UserError {
  const hint = missing === 'model' ? ' or pass --model NAME' : '';
  return new UserError(
    `Task "${name}" names no ${missing}: add "${missing}:" to it or to the suite's defaults${hint}.`,
    {
      offending: name,
    },
  );
}
