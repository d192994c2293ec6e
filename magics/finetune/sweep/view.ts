import { type ChartSpec, chartBundle } from '../../charts/index.ts';
import { type Display, type MagicContext, type MimeBundle, mime } from '../../context.ts';
import { html } from '../../html.ts';
import { progressBundle, progressLine } from '../../jobs/progress.ts';
import { type Comparison, comparisonChart, metricWords, settingsChart } from './display.ts';
import { bestOf } from './pareto.ts';
import type { Trial } from './trial.ts';

/** What a running sweep shows: a line of progress, the comparison, and the settings; all in place. */
export interface SweepView {
  onChange(): void;
  /** Puts what came out in the line's place, and still pictures beside the charts. */
  finish(outcome: MimeBundle): Promise<void>;
}

/** Lines of trials at the same time. */
const shownTrials = 6;
/** At most four updates a second: trainings report faster. */
const refreshMs = 250;

/** `logarithmic` are the parameters that were drawn by their logarithm. */
export function createSweepView(
  context: Pick<MagicContext, 'display'>,
  trials: readonly Trial[],
  comparison: Comparison,
  logarithmic: readonly string[],
): SweepView {
  const startedAt = Date.now();
  const line = context.display(progressBundle({ phase: 'sweep', step: 0, steps: trials.length }, 0));
  const charts = [
    createChart(context, () => comparisonChart(trials, comparison)),
    createChart(context, () => settingsChart(trials, comparison, logarithmic)),
  ];
  let timer: NodeJS.Timeout | undefined;
  const refresh = async () => {
    timer = undefined;
    line.update(lineOf(trials, comparison, Date.now() - startedAt));
    for (const chart of charts) await chart.update(false);
  };
  return {
    onChange() {
      timer ??= setTimeout(() => void refresh(), refreshMs);
    },
    async finish(outcome) {
      clearTimeout(timer);
      timer = undefined;
      line.update(outcome);
      for (const chart of charts) await chart.update(true);
    },
  };
}

/** A chart that appears with its first point. It is drawn anew only when it has changed. */
function createChart(context: Pick<MagicContext, 'display'>, draw: () => ChartSpec | undefined) {
  let display: Display | undefined;
  let drawn = '';
  return {
    async update(svg: boolean): Promise<void> {
      const spec = draw();
      const text = JSON.stringify([spec, svg]);
      if (spec === undefined || text === drawn) return;
      drawn = text;
      const bundle = await chartBundle(spec, { svg });
      if (display === undefined) display = context.display(bundle);
      else display.update(bundle);
    },
  };
}

/** `sweep ████░░ 33% 4/12 · best validation loss 0.021 (trial 2)`, and below it the training that runs. */
function lineOf(trials: readonly Trial[], { metric, goal }: Comparison, elapsedMs: number): MimeBundle {
  const isOver = ({ status }: Trial) => !['waiting', 'running', 'paused'].includes(status);
  const done = trials.filter(isOver).length;
  const best = bestOf(trials, goal);
  const phase =
    best === undefined
      ? 'sweep'
      : `sweep, best ${metricWords(metric)} ${best.value!.toPrecision(3)} (trial ${best.number})`;
  const bundle = progressBundle({ phase, step: done, steps: trials.length }, elapsedMs);
  const atWork = trials.filter(({ status, progress }) => status === 'running' && progress !== undefined);
  const shown = [...atWork].sort((a, b) => Number(b.hasBegun) - Number(a.hasBegun)).slice(0, shownTrials);
  const running = shown.map(
    ({ number, progress, seconds }) => `trial ${number}: ${progressLine(progress!, seconds * 1000).text}`,
  );
  if (atWork.length > shown.length) running.push(`and ${atWork.length - shown.length} more trials`);
  return {
    ...bundle,
    [mime.html]: `${bundle[mime.html]}${running.map((text) => html`<div><small>${text}</small></div>`.markup).join('')}`,
    [mime.text]: [bundle[mime.text], ...running].join('; '),
  };
}
