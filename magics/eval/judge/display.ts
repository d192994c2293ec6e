import type { MimeBundle } from '../../context.ts';
import { block, details, html, table } from '../../html.ts';
import { formatInterval, formatValue } from '../format-figure.ts';
import type { Metric } from '../metrics/metric.ts';
import type { JudgedSample, Judgement, Verdicts } from './judge.ts';

const shownSamples = 20;

/** A judgement on screen: the figure, what could not be determined, agreement with people, the lowest graded answers. */
export function judgementBundle(
  judgement: Judgement,
  samples: readonly JudgedSample[],
  metric: Metric,
  { judge, answers }: Verdicts,
): MimeBundle {
  const figure = judgement.metrics[metric.name]!;
  const headline = `${judgement.model}: ${metric.title} ${formatValue(metric, figure.value)} ${formatInterval(metric, figure)} by ${judge}; committed ${judgement.commit.slice(0, 7)}`;
  const lines = [
    ...findings(judgement, samples.length),
    `${answers.length} calls, ${judgement.cached} of them answered before.`,
  ];
  const lowest = samples
    .filter(({ score }) => score !== null)
    .sort((a, b) => a.score! - b.score!)
    .slice(0, shownSamples);
  const columns = ['input', 'answer', 'grade', 'reasons'].map((name) => ({ name }));
  const rows = lowest.map(({ input, prediction, score, reasons }) => [input, prediction, score, reasons.join('\n\n')]);
  const parts = [
    html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
    details(`Lowest grades (${lowest.length})`, table(columns, rows)),
    details('How it was computed', html`<p><code>${figure.signature ?? ''}</code></p>`),
  ];
  return block(headline, parts, lines);
}

function findings({ undetermined, positionBound, agreement }: Judgement, samples: number): string[] {
  const lines: string[] = [];
  if (undetermined > 0)
    lines.push(
      `${undetermined} of ${samples} samples are undetermined: the judge gave no readable verdict. They are left out, not counted as 0.`,
    );
  if (positionBound !== undefined && positionBound > 0)
    lines.push(
      `${positionBound} of ${samples} comparisons followed the place of the answer, not the answer: they count as ties.`,
    );
  if (agreement !== undefined) {
    const kappa = agreement.kappa === null ? 'undetermined' : agreement.kappa.toFixed(2);
    lines.push(`Agreement with people: Cohen’s kappa ${kappa} on ${agreement.n} samples (${agreement.signature}).`);
  }
  return lines;
}
