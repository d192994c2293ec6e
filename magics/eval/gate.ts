import { suggestion, UserError } from '../errors.ts';
import type { Figure } from '../governance/records.ts';

/** A condition that an evaluation must meet: `exact_match>=0.9`. */
export interface Gate {
  metric: string;
  operator: '>=' | '>' | '<=' | '<';
  threshold: number;
}

const compare: Record<Gate['operator'], (value: number, threshold: number) => boolean> = {
  '>=': (value, threshold) => value >= threshold,
  '>': (value, threshold) => value > threshold,
  '<=': (value, threshold) => value <= threshold,
  '<': (value, threshold) => value < threshold,
};

/** Reads gates such as `exact_match>=0.9,bleu>30`; `90%` means 0.9. Refuses metrics that are not computed. */
export function parseGates(text: string, metrics: readonly string[]): Gate[] {
  return text.split(',').map((part) => {
    const match = /^\s*([\w.-]+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)(%?)\s*$/i.exec(part);
    if (match === null) throw gateUnreadable(part.trim());
    const [, metric = '', operator, number, percent] = match;
    if (!metrics.includes(metric)) throw gateMetricMissing(metric, metrics);
    return { metric, operator: operator as Gate['operator'], threshold: Number(number) / (percent === '%' ? 100 : 1) };
  });
}

/** The gates that the figures fail. An undetermined figure fails its gate. */
export function failedGates(gates: readonly Gate[], figures: Readonly<Record<string, Figure>>): Gate[] {
  return gates.filter(({ metric, operator, threshold }) => {
    const value = figures[metric]?.value ?? null;
    return value === null || !compare[operator](value, threshold);
  });
}

/** Thrown after the evaluation is recorded. */
export function gateFailed(
  model: string,
  gates: readonly Gate[],
  figures: Readonly<Record<string, Figure>>,
  commit: string,
): UserError {
  const reasons = gates.map(({ metric, operator, threshold }) => {
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
