import { suggestion, UserError } from '../errors.ts';
import type { Figure } from '../governance/record-parts.ts';
import type { RecordedSuiteTask } from '../governance/records.ts';

/** A condition that an evaluation must meet: `exact_match>=0.9`, or `exact_match>=baseline`. */
export interface Gate {
  metric: string;
  operator: '>=' | '>' | '<=' | '<';
  /** A number, or `baseline`: not significantly worse (`>`, `<`: significantly better) than what it is compared with. */
  threshold: number | 'baseline';
}

const compare: Record<Gate['operator'], (value: number, threshold: number) => boolean> = {
  '>=': (value, threshold) => value >= threshold,
  '>': (value, threshold) => value > threshold,
  '<=': (value, threshold) => value <= threshold,
  '<': (value, threshold) => value < threshold,
};

/** Reads gates as `readGates` does. Refuses metrics that are not computed. */
export function parseGates(text: string, metrics: readonly string[]): Gate[] {
  const gates = readGates(text);
  const missing = gates.find(({ metric }) => !metrics.includes(metric));
  if (missing !== undefined) throw gateMetricMissing(missing.metric, metrics);
  return gates;
}

/** Reads gates such as `exact_match>=0.9,bleu>30`, whatever is computed; `90%` means 0.9. */
export function readGates(text: string): Gate[] {
  return text.split(/,(?![^(]*\))/).map((part) => {
    const match = /^\s*([\w.+-]+(?:\([^()]*\))?)\s*(>=|<=|>|<)\s*(baseline|-?\d+(?:\.\d+)?(?:e-?\d+)?)(%?)\s*$/i.exec(
      part,
    );
    if (match === null) throw gateUnreadable(part.trim());
    const [, metric = '', operator, number, percent] = match;
    const threshold = number === 'baseline' ? number : Number(number) / (percent === '%' ? 100 : 1);
    return { metric, operator: operator as Gate['operator'], threshold };
  });
}

/** A gate as it is written: `exact_match>=0.9`. */
export function formatGate({ metric, operator, threshold }: Gate): string {
  return `${metric}${operator}${threshold}`;
}

/**
 * The gates that the figures fail. An undetermined figure fails its gate. A gate against the baseline holds where there is
 * none: the first version has nothing to be worse than.
 */
export function failedGates(
  gates: readonly Gate[],
  figures: Readonly<Record<string, Figure>>,
  differences?: Readonly<Record<string, Figure>>,
): Gate[] {
  return gates.filter(({ metric, operator, threshold }) => {
    if (threshold === 'baseline') return differences !== undefined && !holds(operator, differences[metric]);
    const value = figures[metric]?.value ?? null;
    return value === null || !compare[operator](value, threshold);
  });
}

/** What became of gates, for a suite's record. */
export function gateResults(gates: readonly Gate[], failed: readonly Gate[]): RecordedSuiteTask['gates'] {
  return gates.map((gate) => ({ gate: formatGate(gate), passed: !failed.includes(gate) }));
}

/** Whether a difference to the baseline, with its interval, lies on the side that the gate asks for. */
function holds(operator: Gate['operator'], difference: Figure | undefined): boolean {
  if (difference === undefined || difference.value === null) return false;
  const { value, low = value, high = value } = difference;
  if (operator === '>=' || operator === '<=') return operator === '>=' ? high >= 0 : low <= 0;
  return operator === '>' ? low > 0 : high < 0;
}

/** Thrown after the evaluation is recorded. */
export function gateFailed(
  model: string,
  gates: readonly Gate[],
  figures: Readonly<Record<string, Figure>>,
  commit: string,
): UserError {
  const reasons = gates.map(({ metric, operator, threshold }) => {
    if (threshold === 'baseline') return `${metric} is significantly off what ${operator} baseline asks for`;
    const value = figures[metric]?.value ?? null;
    return `${metric} is ${value === null ? 'undetermined' : Number(value.toFixed(4))}, the gate asks for ${operator} ${threshold}`;
  });
  return new UserError(
    `${model} fails its gate: ${reasons.join('; ')}. The evaluation is recorded in commit ${commit.slice(0, 7)}; see its worst examples above.`,
  );
}

function gateUnreadable(text: string): UserError {
  return new UserError(`"${text}" is not a gate. Write a metric, a comparison and a number: exact_match>=0.9`, {
    offending: text,
  });
}

function gateMetricMissing(name: string, metrics: readonly string[]): UserError {
  return new UserError(
    `The gate asks for "${name}", which is not computed.${suggestion(name, metrics, 'Computed')} Add it to --metrics.`,
    { offending: name },
  );
}
