import { approvalFindings } from './approvals.ts';
import { checkData } from './check-data.ts';
import { formatFigure } from './format-figure.ts';
import { type Policy, readPolicy, type StagePolicy } from './policy.ts';
import type { Figure } from './record-parts.ts';
import { type EvalRecord, type ModelRecord, recordPath } from './records.ts';
import { stagePeriods } from './stages.ts';
import type { RecordStore } from './store.ts';
import type { RegistryTag } from './tags.ts';

/** One rule of the policy held against the evidence. */
export interface Check {
  readonly rule: string;
  readonly passed: boolean;
  /** What was found, in words. */
  readonly finding: string;
  /** Paths of the records that show it. */
  readonly evidence: readonly string[];
}

/** What is to be checked: a version going to a stage, with the records as they were at a commit and moment. */
export interface Candidate {
  readonly record: ModelRecord;
  /** Commit of the version tag. */
  readonly commit: string;
  readonly stage: string;
  /** The records' commit: `HEAD`, or the one of back then. */
  readonly at?: string;
  readonly now: Date;
  /** The registry's tags of the model until then. */
  readonly tags: readonly RegistryTag[];
}

/** Holds a candidate against the stage's policy, rule by rule; no checks when there is no policy for the stage. */
export async function checkPolicy(store: RecordStore, candidate: Candidate): Promise<Check[]> {
  const policy = await readPolicy(store, candidate.at);
  const rules = policy?.stages[candidate.stage];
  if (policy === undefined || rules === undefined) return [];
  const evaluations = await evaluationsOf(store, candidate);
  return [
    ...rules.after.map((stage) => checkAfter(stage, candidate)),
    ...rules.evaluations.map((rule) => checkEvaluation(rule, evaluations, candidate.now)),
    ...rules.fairness.map((rule) => checkFairness(rule, evaluations)),
    ...(await checkData(store, rules, candidate)),
    ...(await checkApprovals(store, policy, rules, candidate)),
  ];
}

/** Evaluations of the version, newest first. */
async function evaluationsOf(store: RecordStore, { record, at }: Candidate): Promise<EvalRecord[]> {
  const ref = `${record.name}@${record.version}`;
  const evaluations = (await store.list('eval', { at })).filter((evaluation) => evaluation.model === ref);
  return evaluations.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function checkAfter(stage: string, { commit, tags }: Candidate): Check {
  const period = stagePeriods(tags).find((candidate) => candidate.stage === stage && candidate.commit === commit);
  return {
    rule: `was in ${stage} before`,
    passed: period !== undefined,
    finding: period === undefined ? `it never was in ${stage}` : `in ${stage} since ${period.since} (${period.tag})`,
    evidence: period === undefined ? [] : [period.tag],
  };
}

function checkEvaluation(
  rule: StagePolicy['evaluations'][number],
  evaluations: readonly EvalRecord[],
  now: Date,
): Check {
  const { metric, min, max, bound, task, data, maxAgeDays } = rule;
  const limits = [min === undefined ? '' : `>= ${min}`, max === undefined ? '' : `<= ${max}`].filter(Boolean);
  const conditions = [
    limits.join(' and '),
    bound === 'value' ? '' : `(${bound} end of the interval)`,
    task === undefined ? '' : `for task ${task}`,
    data === undefined ? '' : `on ${data}`,
    maxAgeDays === undefined ? '' : `within ${maxAgeDays} days`,
  ];
  const title = ['evaluation', metric, ...conditions].filter(Boolean).join(' ');
  const found = evaluations.find(
    (evaluation) =>
      metric in evaluation.metrics &&
      (task === undefined || evaluation.task === task) &&
      (data === undefined || evaluation.inputs.some((input) => input.kind === 'dataset' && input.name === data)),
  );
  if (found === undefined) return { rule: title, passed: false, finding: 'there is no such evaluation', evidence: [] };
  const evidence = [recordPath(found)];
  const ageDays = (now.getTime() - Date.parse(found.createdAt)) / 86_400_000;
  if (maxAgeDays !== undefined && ageDays > maxAgeDays) {
    return { rule: title, passed: false, finding: `the newest is ${Math.floor(ageDays)} days old`, evidence };
  }
  return { rule: title, ...withinLimits(found.metrics[metric]!, rule), evidence };
}

function withinLimits(
  figure: Figure,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, bound }: StagePolicy['evaluations'][number],
): Pick<Check, 'passed' | 'finding'> {
  const value = figure[bound];
  if (value === null) return { passed: false, finding: 'it could not be determined' };
  if (value === undefined) return { passed: false, finding: `${formatFigure(figure)}, without an interval` };
  return { passed: value >= min && value <= max, finding: formatFigure(figure) };
}

function checkFairness(
  { metric, column, maxDifference }: StagePolicy['fairness'][number],
  evaluations: readonly EvalRecord[],
): Check {
  const rule = `fairness: ${metric} differs by at most ${maxDifference} between the groups of ${column}`;
  const slicesOf = (evaluation: EvalRecord) =>
    (evaluation.slices ?? []).filter((slice) => slice.column === column && metric in slice.metrics);
  const found = evaluations.find((evaluation) => slicesOf(evaluation).length > 1);
  if (found === undefined) return { rule, passed: false, finding: 'no evaluation has such groups', evidence: [] };
  const values = slicesOf(found).map((slice) => ({ group: slice.value, value: slice.metrics[metric]!.value }));
  const evidence = [recordPath(found)];
  const unknown = values.find(({ value }) => value === null);
  if (unknown !== undefined) return { rule, passed: false, finding: `not determined for ${unknown.group}`, evidence };
  const sorted = values.map(({ group, value }) => ({ group, value: value ?? 0 })).sort((a, b) => a.value - b.value);
  const [worst, best] = [sorted[0]!, sorted.at(-1)!];
  const difference = Number((best.value - worst.value).toPrecision(4));
  const finding = `${difference} between ${best.group} (${best.value}) and ${worst.group} (${worst.value})`;
  return { rule, passed: difference <= maxDifference, finding, evidence };
}

async function checkApprovals(
  store: RecordStore,
  { roles }: Policy,
  { approvals }: StagePolicy,
  candidate: Candidate,
): Promise<Check[]> {
  const asked = Object.entries(approvals.roles);
  if (approvals.count === 0 && asked.length === 0) return [];
  const findings = await approvalFindings(store, candidate);
  const good = findings.filter((finding) => finding.counts);
  const refused = findings.filter((finding) => !finding.counts).map(({ by, why }) => `${by} ${why}`);
  const check = (rule: string, needed: number, counted: typeof good): Check => {
    const people = [...new Set(counted.map((finding) => finding.by))];
    const words = [people.length === 0 ? 'nobody' : people.join(', '), ...refused];
    return { rule, passed: people.length >= needed, finding: words.join('; '), evidence: findings.map((f) => f.path) };
  };
  const total = approvals.count === 0 ? [] : [check(`approvals by ${approvals.count}`, approvals.count, good)];
  const byRole = asked.map(([role, needed]) => {
    const people = new Set((roles[role] ?? []).map((person) => person.toLowerCase()));
    const counted = good.filter((finding) => people.has(finding.by));
    return check(`approvals by ${needed} of role ${role}`, needed, counted);
  });
  return [...total, ...byRole];
}
