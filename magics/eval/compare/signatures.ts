import { UserError } from '../../errors.ts';
import type { Figure } from '../../governance/record-parts.ts';

/** The part of a signature that says how a figure is computed, without how its interval is. */
export function metricSignature(signature: string | undefined): string {
  return (signature ?? '').replace(/\|(?:ci:wilson|bs:\d+\|seed:\d+)(?:\|paired)?$/, '');
}

/** Refuses figures of one metric that were computed in different ways. */
export function checkSignatures(metric: string, figures: Readonly<Record<string, Figure>>): void {
  const [first, ...others] = Object.entries(figures);
  const odd = others.find(([, figure]) => metricSignature(figure.signature) !== metricSignature(first?.[1].signature));
  if (first !== undefined && odd !== undefined) throw signaturesDiffer(metric, first, odd);
}

function signaturesDiffer(metric: string, [a, one]: [string, Figure], [b, other]: [string, Figure]): UserError {
  return new UserError(
    `${metric} of ${a} and of ${b} are not comparable: they were computed in different ways (${metricSignature(one.signature)} and ${metricSignature(other.signature)}). Evaluate both anew with the same --metrics.`,
    { offending: metric },
  );
}
