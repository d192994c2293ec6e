import { stringify } from 'yaml';
import { formatFigure } from './format-figure.ts';
import type { Input } from './record-parts.ts';
import type { ModelRecord, RunRecord } from './records.ts';

/** Figures about the work, not about the model's quality. */
const workFigures = /^(steps|tokens|seconds|epochs|train_loss|.*_per_second)$/;

/** Path of a model's card within the repository. */
export function modelCardPath(name: string): string {
  return `llmops/models/${name}/README.md`;
}

/**
 * The model card (README.md) of a version: Hugging Face front matter with `model-index`, then the same for people.
 * `run` is the run that made it, where it is at hand.
 */
export function modelCard(record: ModelRecord, run?: RunRecord): string {
  const ref = `${record.name}@${record.version}`;
  return [
    `---\n${stringify(frontMatter(record)).trimEnd()}\n---`,
    `# ${ref}`,
    record.description ?? sentence(record),
    section('Results', metricsTable(record)),
    section('Made from', inputsTable(record)),
    section('Training', training(record, run)),
    section('Files', filesTable(record)),
    section('Use', `\`\`\`\n%eval ${ref} --data DATA\n%deploy ${ref}\n\`\`\``),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function sentence({ architecture, parameters, inputs, prompt }: ModelRecord): string {
  const base = inputs.find((input) => input.role === 'base');
  const origin = base === undefined ? 'trained from scratch' : `fine-tuned from ${base.name}`;
  const answers = prompt === undefined ? '' : ` It answers the prompt \`${prompt}\`.`;
  return `A causal language model (${architecture}, ${parameters.toLocaleString('en')} parameters), ${origin}.${answers}`;
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
    value === null || workFigures.test(type) ? [] : [{ type, value }],
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

function training({ run: id, prompt, createdAt, createdBy }: ModelRecord, run: RunRecord | undefined): string {
  const device = run?.environment.device ?? 'cpu';
  const machine = run?.environment.cpu ?? run?.environment.arch;
  return [
    ...(run === undefined ? [] : [`- Time: ${Math.round(run.seconds)} s on ${device} (${machine})`]),
    ...(id === undefined ? [] : [`- Run, with all settings: [${id}](../../runs/${id}.json)`]),
    ...(prompt === undefined ? [] : [`- Prompt: [${prompt}](../../prompts/${prompt}.prompt)`]),
    `- Made: ${createdAt}${createdBy === undefined ? '' : ` by ${createdBy.replace(/ <.*>$/, '')}`}`,
  ].join('\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}
