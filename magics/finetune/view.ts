import { chartBundle, loadVega } from '../charts/index.ts';
import { type Display, type MagicContext, type MimeBundle, mime } from '../context.ts';
import { html } from '../html.ts';
import { formatPrice, type Job } from '../jobs/index.ts';
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

/** The job is told to clients with the progress, so that they can show the job in the same cell again. */
export function createView(context: Pick<MagicContext, 'display'>, { id, spec }: Pick<Job, 'id' | 'spec'>): View {
  // Now, while the worker starts: an interrupt of a busy kernel ends what it runs, and a module ended so is lost to it.
  void loadVega();
  const curve = createCurve();
  const notes: string[] = [];
  const price = spec.price && `It costs ${formatPrice(spec.price)}.`;
  const line = context.display(withNote(withJob(progressBundle({ phase: 'starting', step: 0 }, 0), id), price));
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
    if (progress !== undefined) {
      const bundle = withJob(progressBundle(progress, elapsedMs(), device), id);
      line.update(withNote(bundle, notes.at(-1) ?? price));
    }
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

function withJob(bundle: MimeBundle, job: string): MimeBundle {
  return { ...bundle, [mime.progress]: { ...(bundle[mime.progress] as object), job } };
}

function withNote(bundle: MimeBundle, note: string | undefined): MimeBundle {
  if (note === undefined) return bundle;
  return {
    ...bundle,
    [mime.html]: `${bundle[mime.html]}${html`<div><small>${note}</small></div>`.markup}`,
    [mime.text]: `${bundle[mime.text]} (${note})`,
  };
}
