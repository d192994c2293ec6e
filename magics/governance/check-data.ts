import type { Candidate, Check } from './check-policy.ts';
import type { StagePolicy } from './policy.ts';
import { type DatasetRecord, recordPath } from './records.ts';
import type { RecordStore } from './store.ts';

/** A data set that a model was made from, with all that it was made from in turn. */
interface Origin {
  readonly name: string;
  /** Undefined when there is no such record. */
  readonly record: DatasetRecord | undefined;
  readonly role: string;
}

/** Holds model and data sets against the rules on licences, personal data and quality. A part of a data set has that one's licence. */
export async function checkData(store: RecordStore, rules: StagePolicy, candidate: Candidate): Promise<Check[]> {
  if (rules.licenses === undefined && !rules.redacted && !rules.checked) return [];
  const { record, at } = candidate;
  const origins = await originsOf(store, record.inputs, at);
  const licenses = rules.licenses ?? [];
  const licensed = [
    licenseCheck(`model ${record.name}`, record.license, recordPath(record), licenses),
    ...origins
      .filter(statesOwn)
      .map(({ name, record: d }) => licenseCheck(`data set ${name}`, d?.license, pathOf(name), licenses)),
  ];
  const trained = origins.filter((origin) => origin.role === 'train');
  const redacted = await Promise.all(trained.map((origin) => redactionCheck(store, origin, at)));
  return [
    ...(rules.licenses === undefined ? [] : licensed),
    ...(rules.redacted ? redacted : []),
    ...(rules.checked ? trained.map(qualityCheck) : []),
  ];
}

const statesOwn = ({ record }: Origin) =>
  record === undefined || record.license !== undefined || record.inputs.every((input) => input.kind !== 'dataset');

const pathOf = (name: string) => `llmops/datasets/${name}.json`;

async function originsOf(store: RecordStore, inputs: DatasetRecord['inputs'], at?: string): Promise<Origin[]> {
  const roles = new Map<string, string>();
  const add = (more: DatasetRecord['inputs']) => {
    for (const { kind, name, role } of more) if (kind === 'dataset' && !roles.has(name)) roles.set(name, role);
  };
  add(inputs);
  const origins: Origin[] = [];
  for (const [name, role] of roles) {
    const record = await store.read('dataset', name, { at });
    origins.push({ name, record, role });
    add(record?.inputs ?? []);
  }
  return origins;
}

function licenseCheck(what: string, license: string | undefined, path: string, allowed: readonly string[]): Check {
  const passed = license !== undefined && allowed.some((id) => id.toLowerCase() === license.toLowerCase());
  const finding = license === undefined ? 'its record names no licence' : license;
  return { rule: `licence of ${what} is one of ${allowed.join(', ')}`, passed, finding, evidence: [path] };
}

async function redactionCheck(store: RecordStore, { name, record }: Origin, at?: string): Promise<Check> {
  const chain =
    record === undefined ? [] : [record, ...(await originsOf(store, record.inputs, at)).map((o) => o.record)];
  const redacted = chain.find((link) => link?.recipe.some((step) => step.verb === 'redact'));
  return {
    rule: `personal data in data set ${name} is redacted`,
    passed: redacted !== undefined,
    finding: redacted === undefined ? 'no step of its recipe redacts' : `redacted in ${redacted.name}`,
    evidence: [pathOf(name)],
  };
}

function qualityCheck({ name, record }: Origin): Check {
  const checks = record?.checks;
  const broken = checks?.results
    .filter((result) => !result.passed)
    .map((result) => `${result.rule}: ${result.finding}`);
  return {
    rule: `training data ${name} meets its rules`,
    passed: checks?.passed === true,
    finding:
      checks === undefined
        ? `it was held against none: %dataset check ${name} --rules FILE`
        : checks.passed
          ? `${checks.results.length} rules are met`
          : `broken: ${broken?.join('; ')}`,
    evidence: [pathOf(name)],
  };
}
