import { chartBundle } from '../charts/index.ts';
import { type Display, type MagicContext, type MimeBundle, mime } from '../context.ts';
import { html } from '../html.ts';
import { progressBundle } from '../jobs/progress.ts';
import type { JobEvent } from '../jobs/protocol.ts';
import { type Curve, createCurve, lossChart } from './curve.ts';
import { readyPayload } from './payload.ts';

/** What a running training shows: one line of progress and, from the first step on, its loss chart; both in place. */
export interface View {
  readonly curve: Curve;
  /** What the worker had to say: rows left out, a resume. */
  readonly notes: readonly string[];
  /** Training time so far, earlier attempts included. */
  elapsedMs(): number;
  onEvent(event: JobEvent): void;
  /** Puts what happened in the line's place, and the whole curve with its still picture into the chart. */
  finish(outcome: MimeBundle, chartTitle?: string): Promise<void>;
}

/** At most ten updates a second. */
const refreshMs = 100;

export function createView(context: Pick<MagicContext, 'display'>): View {
  const curve = createCurve();
  const notes: string[] = [];
  const line = context.display(progressBundle({ phase: 'starting', step: 0 }, 0));
  let chart: Display | undefined;
  let timer: NodeJS.Timeout | undefined;
  let device: string | undefined;

  const elapsedMs = () => {
    const { earlierMs, startedAt } = curve.curve;
    return earlierMs + (startedAt === undefined ? 0 : Date.now() - startedAt);
  };
  const refresh = async () => {
    timer = undefined;
    const { progress, series } = curve.curve;
    if (progress !== undefined) line.update(withNote(progressBundle(progress, elapsedMs(), device), notes.at(-1)));
    if (series.size === 0) return;
    const bundle = await chartBundle(lossChart(curve.curve), { svg: false });
    chart ??= context.display(bundle);
    chart.update(bundle);
  };

  return {
    notes,
    elapsedMs,
    get curve() {
      return curve.curve;
    },
    onEvent(event) {
      curve.add(event);
      if (event.type === 'message') notes.push(event.text);
      if (event.type === 'ready') device = readyPayload.parse(event.payload).device;
      timer ??= setTimeout(() => void refresh(), refreshMs);
    },
    async finish(outcome, chartTitle) {
      clearTimeout(timer);
      line.update(outcome);
      if (curve.curve.series.size === 0) return;
      const bundle = await chartBundle(lossChart(curve.curve, chartTitle));
      if (chart === undefined) context.display(bundle);
      else chart.update(bundle);
    },
  };
}

function withNote(bundle: MimeBundle, note: string | undefined): MimeBundle {
  if (note === undefined) return bundle;
  return {
    [mime.html]: `${bundle[mime.html]}${html`<div><small>${note}</small></div>`.markup}`,
    [mime.text]: `${bundle[mime.text]} (${note})`,
  };
}
