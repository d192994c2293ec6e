import { stringify } from 'yaml';
import { formatFigure } from './format-figure.ts';
import type { Input, ModelRecord } from './records.ts';

/** Path of a model's card within the repository. */
export function modelCardPath(name: string): string {
  return `llmops/models/${name}/README.md`;
}

/** The model card (README.md) of a version: Hugging Face front matter with `model-index`, then the same for people. */
export function modelCard(record: ModelRecord): string {
  return [
    `---\n${stringify(frontMatter(record)).trimEnd()}\n---`,
    `# ${record.name} ${record.version}`,
    record.description ?? `A ${record.architecture} model with ${record.parameters.toLocaleString('en')} parameters.`,
    section('Results', metricsTable(record)),
    section('Made from', inputsTable(record)),
    section('Files', filesTable(record)),
    section('How it was made', origin(record)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function frontMatter(record: ModelRecord): Record<string, unknown> {
  const named = (isMeant: (input: Input) => boolean) => record.inputs.filter(isMeant).map((input) => input.name);
  const base = named((input) => input.role === 'base')[0];
  const datasets = [...new Set(named((input) => input.kind === 'dataset'))];
  return {
    ...(record.license === undefined ? {} : { license: record.license }),
    ...(base === undefined ? {} : { base_model: base }),
    ...(datasets.length === 0 ? {} : { datasets }),
    pipeline_tag: 'text-generation',
    tags: ['llmops-notebook', record.architecture],
    'model-index': [{ name: record.name, results: results(record) }],
  };
}

/** `model-index[].results[]`; figures that could not be determined are left out. */
function results(record: ModelRecord): unknown[] {
  const metrics = Object.entries(record.metrics).flatMap(([type, { value }]) =>
    value === null ? [] : [{ type, value }],
  );
  if (metrics.length === 0) return [];
  const tested =
    record.inputs.find((input) => input.role === 'test') ??
    record.inputs.find((input) => input.role === 'validation') ??
    record.inputs.find((input) => input.kind === 'dataset');
  const name = tested?.name ?? 'unknown';
  return [{ task: { type: 'text-generation' }, dataset: { name, type: name }, metrics }];
}

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`;
}

function metricsTable({ metrics }: ModelRecord): string {
  const rows = Object.entries(metrics).map(([name, figure]) => [name, formatFigure(figure), String(figure.n ?? '')]);
  return table(['metric', 'value', 'samples'], rows);
}

function inputsTable({ inputs }: ModelRecord): string {
  const rows = inputs.map((input) => [
    input.role,
    `${input.name}${input.version === undefined ? '' : `@${input.version}`}`,
    input.digest === undefined ? '' : `\`${input.digest.slice(0, 19)}\``,
  ]);
  return table(['role', 'name', 'digest'], rows);
}

function filesTable({ files }: ModelRecord): string {
  const rows = files.map((file) => [file.path, file.size.toLocaleString('en'), `\`${file.oid.slice(0, 19)}\``]);
  return table(['file', 'bytes', 'digest'], rows);
}

function origin({ run, prompt, createdAt, createdBy }: ModelRecord): string {
  return [
    ...(run === undefined ? [] : [`- Run: [${run}](../../runs/${run}.json)`]),
    ...(prompt === undefined ? [] : [`- Prompt: [${prompt}](../../prompts/${prompt}.prompt)`]),
    `- Made: ${createdAt}${createdBy === undefined ? '' : ` by ${createdBy.replace(/ <.*>$/, '')}`}`,
  ].join('\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}
