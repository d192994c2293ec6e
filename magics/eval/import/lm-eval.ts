import path from 'node:path';
import { Template } from '@huggingface/jinja';
import { z } from 'zod';
import { readDataFile } from '../../dataset/read-file.ts';
import { UserError } from '../../errors.ts';
import type { MatrixCase } from '../matrix/run-matrix.ts';
import { bleuMetric } from '../metrics/bleu.ts';
import { chrfMetric } from '../metrics/chrf.ts';
import { exactMatchMetric } from '../metrics/exact-match.ts';
import type { Metric } from '../metrics/metric.ts';
import { terMetric } from '../metrics/ter.ts';
import type { ImportedSuite } from './imported-suite.ts';
import { createFilter, type FilterStep } from './lm-eval-filters.ts';

const python = z.object({ python: z.string() });
const metricEntry = z.looseObject({
  metric: z.union([z.string(), python]),
  ignore_case: z.boolean().optional(),
  ignore_punctuation: z.boolean().optional(),
  ignore_numbers: z.boolean().optional(),
});
const taskFile = z.looseObject({
  task: z.string(),
  dataset_path: z.string().optional(),
  dataset_kwargs: z
    .looseObject({ data_files: z.union([z.string(), z.record(z.string(), z.string())]).optional() })
    .optional(),
  test_split: z.string().optional(),
  validation_split: z.string().optional(),
  output_type: z.string().default('generate_until'),
  doc_to_text: z.union([z.string(), python]),
  doc_to_target: z.union([z.string(), z.number(), python]),
  description: z.string().optional(),
  target_delimiter: z.string().default(' '),
  fewshot_delimiter: z.string().default('\n\n'),
  num_fewshot: z.int().nonnegative().default(0),
  fewshot_config: z.looseObject({ samples: z.array(z.record(z.string(), z.unknown())).optional() }).optional(),
  generation_kwargs: z
    .looseObject({ until: z.array(z.string()).optional(), max_gen_toks: z.int().optional() })
    .optional(),
  metric_list: z.array(metricEntry).default([{ metric: 'exact_match' }]),
  filter_list: z
    .array(
      z.looseObject({ name: z.string(), filter: z.array(z.looseObject({ function: z.union([z.string(), python]) })) }),
    )
    .optional(),
});
type TaskFile = z.output<typeof taskFile>;

/** Keys that are read, or that change nothing about the figures. */
const known = [
  ...Object.keys(taskFile.shape),
  'tag',
  'group',
  'metadata',
  'dataset_name',
  'training_split',
  'fewshot_split',
  'repeats',
];

/**
 * Reads a task of lm-evaluation-harness whose data lies in local files and whose answers are generated: Jinja templates,
 * examples written into the task, stop strings, filters and metrics. What needs Python is named, not ignored.
 */
export async function importLmEval(value: unknown, file: string): Promise<ImportedSuite> {
  const read = taskFile.safeParse(value);
  if (!read.success) throw taskUnreadable(file, read.error);
  const task = read.data;
  const notImported = Object.keys(task)
    .filter((key) => !known.includes(key))
    .map((key) => `key "${key}"`);
  if (task.output_type !== 'generate_until') throw outputTypeNotImported(task.task, task.output_type);
  const text = createField(task.doc_to_text, task.task, 'doc_to_text');
  const target = createField(task.doc_to_target, task.task, 'doc_to_target');
  const rows = await readRows(task, path.dirname(file));
  const before = fewShot(task, text, target, notImported);
  const cases: MatrixCase[] = rows.map((row) => ({ row, reference: target(row) }));
  const steps = task.filter_list?.[0]?.filter ?? [];
  for (const { name } of task.filter_list?.slice(1) ?? [])
    notImported.push(`filter "${name}": only the first is applied`);
  return {
    name: task.task,
    plan: {
      prompts: [{ name: task.task, render: (row) => [{ role: 'user', content: `${before}${text(row)}` }] }],
      models: [],
      cases,
      metrics: task.metric_list.flatMap((entry) => readMetric(entry, notImported)),
      clean: createFilter(steps as FilterStep[], notImported),
    },
    asking: {
      stop: task.generation_kwargs?.until ?? [task.fewshot_delimiter],
      maxTokens: task.generation_kwargs?.max_gen_toks ?? 256,
    },
    gates: [],
    notImported,
  };
}

type Field = (row: Readonly<Record<string, unknown>>) => string;

/** A column's name, or a Jinja template over the columns. */
function createField(source: string | number | { python: string }, task: string, key: string): Field {
  if (typeof source === 'object') throw pythonNeeded(task, key, source.python);
  const template = String(source);
  if (/^\w+$/.test(template)) return (row) => String(row[template] ?? template);
  const compiled = new Template(template);
  return (row) => compiled.render({ ...row });
}

/** Description and worked examples that come before each question. */
function fewShot(
  { description = '', num_fewshot, ...task }: TaskFile,
  text: Field,
  target: Field,
  notImported: string[],
): string {
  const samples = task.fewshot_config?.samples ?? [];
  if (num_fewshot > samples.length)
    notImported.push(
      `${num_fewshot - samples.length} of ${num_fewshot} worked examples: only those written into the task are taken`,
    );
  const shown = samples.slice(0, num_fewshot);
  return (
    description + shown.map((row) => text(row) + task.target_delimiter + target(row) + task.fewshot_delimiter).join('')
  );
}

async function readRows(task: TaskFile, folder: string): Promise<Record<string, unknown>[]> {
  const files = task.dataset_kwargs?.data_files;
  const split = task.test_split ?? task.validation_split ?? 'test';
  const file = typeof files === 'string' ? files : files?.[split];
  if (file === undefined || !['json', 'csv', 'parquet'].includes(task.dataset_path ?? '')) throw dataNotLocal(task);
  const { table } = await readDataFile(file, folder);
  return table.objects() as Record<string, unknown>[];
}

function readMetric(entry: z.output<typeof metricEntry>, notImported: string[]): Metric[] {
  const { metric, ignore_case, ignore_punctuation, ignore_numbers } = entry;
  const name = typeof metric === 'string' ? metric : `!function ${metric.python}`;
  const create: Record<string, () => Metric> = {
    exact_match: () =>
      exactMatchMetric({
        trim: false,
        ignoreCase: ignore_case ?? false,
        ignorePunctuation: ignore_punctuation ?? false,
        ignoreNumbers: ignore_numbers ?? false,
      }),
    bleu: bleuMetric,
    chrf: chrfMetric,
    ter: terMetric,
  };
  if (Object.hasOwn(create, name)) return [create[name]!()];
  notImported.push(`metric "${name}"`);
  return [];
}

function taskUnreadable(file: string, error: z.ZodError): UserError {
  const [issue] = error.issues;
  return new UserError(
    `${path.basename(file)} is no task of lm-evaluation-harness: "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`,
    { offending: path.basename(file) },
  );
}

function outputTypeNotImported(task: string, type: string): UserError {
  return new UserError(
    `Task "${task}" compares likelihoods (output_type: ${type}). Only tasks whose answers are generated (generate_until) can be imported.`,
    { offending: type },
  );
}

function pythonNeeded(task: string, key: string, name: string): UserError {
  return new UserError(
    `Task "${task}" makes "${key}" with the Python function ${name}. Write it as a template to run the task here.`,
    { offending: name },
  );
}

function dataNotLocal({ task, dataset_path }: TaskFile): UserError {
  return new UserError(
    `Task "${task}" takes its data from "${dataset_path ?? 'nowhere'}". Only local files can be imported: dataset_path: json with dataset_kwargs: { data_files: { test: FILE } }.`,
    { offending: dataset_path },
  );
}
