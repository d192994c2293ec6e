import { type Gate, readGates } from '../../magics/eval/gate.ts';
import type { EvalRecord } from '../../magics/governance/records.ts';
import { formatDate, formatDifference, formatFigure, formatInterval, headline, metricTitle } from '../views/figures.ts';

/** What became of one gate, in words for people. */
export interface GateOutcome {
  passed: boolean;
  /** The figure: `84.2% [82.3, 85.9]`. */
  figure: string;
  /** What the gate asks for and what came out, to be shown side by side. */
  expected: string;
  actual: string;
  message: string;
}

/** What a recorded evaluation says of a task. */
export interface TaskOutcome {
  /** Id of the evaluation, and when it was recorded. */
  evaluation: string;
  recordedAt: string;
  /** `84.2% exact match · triage@v1.1.0 · yesterday` */
  description: string;
  seconds: number;
  /** By gate, as records have it: `exact_match>=0.9`. */
  gates: Map<string, GateOutcome>;
}

/** The newest evaluation of each task, by the suite's file and the task's name. */
export type NewestByTask = ReadonlyMap<string, ReadonlyMap<string, EvalRecord>>;

/** Sorts the evaluations of suites; others are left out. */
export function newestByTask(evaluations: readonly EvalRecord[]): NewestByTask {
  const files = new Map<string, Map<string, EvalRecord>>();
  for (const evaluation of [...evaluations].sort((a, b) => a.createdAt.localeCompare(b.createdAt))) {
    const { suite } = evaluation;
    if (suite === undefined) continue;
    files.set(suite.file, (files.get(suite.file) ?? new Map<string, EvalRecord>()).set(suite.task, evaluation));
  }
  return files;
}

/** Tells an evaluation's outcome. */
export function taskOutcome(evaluation: EvalRecord, now = new Date()): TaskOutcome {
  const { id, createdAt, metrics, model, seconds, suite } = evaluation;
  const facts = [headline(metrics), model, formatDate(createdAt, now)];
  return {
    evaluation: id,
    recordedAt: createdAt,
    description: facts.filter((fact) => fact !== undefined).join(' · '),
    seconds,
    gates: new Map(
      (suite?.gates ?? []).map(({ gate, passed }) => [gate, gateOutcome(readGates(gate)[0]!, passed, evaluation)]),
    ),
  };
}

/** VS Code writes `actual != expected` at the line: signs there would be read wrongly. */
const inWords: Record<Gate['operator'], string> = {
  '>=': 'at least',
  '>': 'more than',
  '<=': 'at most',
  '<': 'less than',
};

function gateOutcome(gate: Gate, passed: boolean, evaluation: EvalRecord): GateOutcome {
  const { metric, operator, threshold } = gate;
  const title = metricTitle(metric);
  if (threshold === 'baseline') return againstBaseline(gate, passed, evaluation);
  const figure = formatInterval(metric, evaluation.metrics[metric] ?? { value: null });
  const limit = `${inWords[operator]} ${formatFigure(metric, threshold)}`;
  const message = `${title} is ${figure}; the gate asks for ${limit}`;
  return { passed, figure, expected: limit, actual: figure, message };
}

/** Gates against another model hold where the difference, with its interval, is on the right side of zero. */
function againstBaseline(
  { metric, operator }: Gate,
  passed: boolean,
  { metrics, baseline, baselineMetrics, differences }: EvalRecord,
): GateOutcome {
  const title = metricTitle(metric);
  const asked = operator.endsWith('=') ? 'not significantly worse' : 'significantly better';
  const figure = formatInterval(metric, metrics[metric] ?? { value: null });
  if (baseline === undefined) {
    const nothing = 'there was nothing to compare with';
    return { passed, figure, expected: asked, actual: nothing, message: `${title} is ${figure}; ${nothing}` };
  }
  const was = formatInterval(metric, baselineMetrics?.[metric] ?? { value: null });
  const difference = formatDifference(metric, differences?.[metric] ?? { value: null });
  return {
    passed,
    figure,
    expected: `${asked} than ${was} of ${baseline}`,
    actual: `${figure}, a difference of ${difference}`,
    message: `${title} is ${figure}, ${baseline}'s is ${was}: a difference of ${difference}; the gate asks for ${asked}`,
  };
}
