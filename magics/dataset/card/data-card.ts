import { stringify } from 'yaml';
import { count } from '../display.ts';
import { percent } from '../finding.ts';
import type { ColumnProfile } from '../profile-column.ts';
import type { CardEvidence } from './evidence.ts';

/**
 * The data card (README.md): Hugging Face's front matter, then the same for people. Every statement ends with the number
 * of the record or rows that it is taken from; the list at the end pins each by its digest.
 */
export function dataCard(evidence: CardEvidence): string {
  const { record } = evidence;
  const cite = citer(evidence);
  const sections = [
    `---\n${stringify(frontMatter(evidence)).trimEnd()}\n---`,
    `# ${record.name}`,
    `${count(record.rows, 'row')} with ${count(record.columns.length, 'column')}, ${licence(evidence.license)}. ${cite(record.name)}`,
    section('Columns', `${columnsTable(evidence)}\n\n${cite()}`),
    section('How it was made', howMade(evidence, cite)),
    section('Quality', quality(evidence, cite)),
    section('Personal data', personalData(evidence, cite)),
    section('Use', `\`\`\`\n%dataset load ${record.name}.jsonl --as ${record.name}\n\`\`\``),
    section('Evidence', cite.list()),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Numbers for what is cited, in the order in which it is. */
function citer({ citations, rowsCitation }: CardEvidence) {
  const cited: string[] = [];
  const cite = (name?: string) => {
    const citation = name === undefined ? rowsCitation : (citations.get(name) ?? name);
    if (!cited.includes(citation)) cited.push(citation);
    return `[${cited.indexOf(citation) + 1}]`;
  };
  const list = () => cited.map((citation, i) => `${i + 1}. \`${citation}\``).join('\n');
  return Object.assign(cite, { list });
}
/** The number of the record of that name, or of the rows. */
type Cite = (name?: string) => string;

function frontMatter({ record, columns, license }: CardEvidence): Record<string, unknown> {
  const { name, rows, object } = record;
  return {
    ...(license === undefined ? {} : { license }),
    pretty_name: name,
    size_categories: [sizeCategory(rows)],
    ...taskCategories(columns),
    tags: ['llmops-notebook'],
    configs: [{ config_name: 'default', data_files: `${name}.jsonl` }],
    dataset_info: {
      ...features(columns),
      splits: [{ name: 'train', num_bytes: object.size, num_examples: rows }],
      dataset_size: object.size,
    },
  };
}

/** The hub's categories of size. */
function sizeCategory(rows: number): string {
  const limits: [number, string][] = [
    [1e3, 'n<1K'],
    [1e4, '1K<n<10K'],
    [1e5, '10K<n<100K'],
    [1e6, '100K<n<1M'],
    [1e7, '1M<n<10M'],
    [1e8, '10M<n<100M'],
  ];
  return limits.find(([limit]) => rows < limit)?.[1] ?? '100M<n<1B';
}

function taskCategories(columns: readonly ColumnProfile[]): { task_categories?: string[] } {
  const names = new Set(columns.map((column) => column.name));
  if (names.has('messages') || (names.has('prompt') && names.has('completion'))) {
    return { task_categories: ['text-generation'] };
  }
  const has = (kind: ColumnProfile['kind']) => columns.some((column) => column.kind === kind);
  return has('text') && has('category') ? { task_categories: ['text-classification'] } : {};
}

/** Left out where a column holds lists or objects, which the hub finds out by itself. */
function features(columns: readonly ColumnProfile[]): { features?: { name: string; dtype: string }[] } {
  const known: Record<string, string> = { string: 'string', number: 'float64', boolean: 'bool' };
  const dtypes = columns.map(({ name, type }) => ({ name, dtype: known[type.replace(' | null', '')] }));
  const isKnown = (feature: (typeof dtypes)[number]) => feature.dtype !== undefined;
  return dtypes.every(isKnown) ? { features: dtypes as { name: string; dtype: string }[] } : {};
}

function columnsTable({ record, columns }: CardEvidence): string {
  const rows = columns.map((column) => [
    `\`${column.name}\``,
    `\`${column.type.replaceAll('|', '\\|')}\``,
    `${column.missing} (${percent(column.missing, record.rows)})`,
    String(column.distinct),
    holds(column),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(['column', 'type', 'missing', 'distinct', 'holds']), '|---|---|---:|---:|---|', ...rows.map(line)].join(
    '\n',
  );
}

function holds({ kind, numbers, values, characters }: ColumnProfile): string {
  if (numbers !== undefined) return `numbers from ${numbers.min} to ${numbers.max}, median ${numbers.median}`;
  if (values !== undefined) {
    const [most, least] = [values[0]!, values.at(-1)!];
    return `labels; most frequent ${most.value} (${most.count}), rarest ${least.value} (${least.count})`;
  }
  if (characters === undefined) return kind;
  return `texts of ${characters.min} to ${characters.max} characters, median ${characters.median}`;
}

function howMade({ chain }: CardEvidence, cite: Cite): string {
  const lines = chain.flatMap((record) =>
    record.recipe.map((step) => {
      const inputs = record.inputs.map((input) => `${input.name} (\`${input.digest?.slice(7, 15) ?? 'no digest'}\`)`);
      return `- **${record.name}**: \`${step.verb}\` of ${inputs.join(', ')} with \`${JSON.stringify(step.options)}\` ${cite(record.name)}`;
    }),
  );
  return [...lines, '', `\`%dataset replay ${chain[0]!.name}\` runs these steps again and compares the digests.`].join(
    '\n',
  );
}

function quality({ record }: CardEvidence, cite: Cite): string {
  if (record.checks === undefined) return `It was held against no rules. ${cite(record.name)}`;
  return record.checks.results
    .map(
      ({ passed, rule, finding }) => `- ${passed ? 'Met' : '**Broken**'}: ${rule} (${finding}). ${cite(record.name)}`,
    )
    .join('\n');
}

function personalData({ chain, personalData: found }: CardEvidence, cite: Cite): string {
  const redacted = chain.filter(({ recipe }) => recipe.some((step) => step.verb === 'redact'));
  const steps = redacted.map(({ name, recipe }) => {
    const how =
      recipe.find((step) => step.verb === 'redact')?.options.how === 'pseudonym' ? 'by pseudonyms' : 'by masks';
    return `- What was found was replaced ${how} in ${name}. ${cite(name)}`;
  });
  const left = found.map(
    ({ column, rows, looked, kinds }) =>
      `- \`${column}\` holds ${kinds.map(({ kind, pieces }) => `${kind} (${pieces})`).join(', ')} in ${rows.length} of ${looked} rows looked at. ${cite()}`,
  );
  const none = found.length === 0 ? [`- None was found in a sample of the rows. ${cite()}`] : [];
  return [...steps, ...left, ...none].join('\n');
}

function licence(license: string | undefined): string {
  return license === undefined ? 'without a stated licence' : `under ${license}`;
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}
