import path from 'node:path';
import { toSvg } from '../charts/index.ts';
import type { MimeBundle } from '../context.ts';
import { Interrupted, UserError } from '../errors.ts';
import type { Run } from '../handles.ts';
import { block, details, Html, html, table } from '../html.ts';
import { type FinishedEvent, formatCost, formatPrice } from '../jobs/index.ts';
import { type Curve, learningRateChart } from './curve.ts';
import type { FinetuneResult } from './payload.ts';
import type { FinetunePlan } from './plan.ts';
import type { Recorded } from './record.ts';
import { headlineOf } from './run.ts';
import type { View } from './view.ts';

/** What a finished training shows in place of its progress line: the headline, notes, and folded details. */
export async function outcomeBundle(
  run: Run,
  { plan, result, recorded }: { plan: FinetunePlan; result: FinetuneResult; recorded: Recorded },
  view: View,
): Promise<MimeBundle> {
  const headline = headlineOf(run, result.device);
  const notes = result.stopped === undefined ? view.notes : [...view.notes, `Ended early: ${result.stopped}.`];
  const rows = factsOf(plan, result, recorded);
  const curve = new Html(await toSvg(learningRateChart(view.curve)));
  const facts = table([{ name: 'what' }, { name: 'value' }], rows);
  return block(
    headline,
    [noteList(notes), details('Details', facts), details('Learning rate', curve)],
    [...notes, ...rows.map(([name, value]) => `  ${name}: ${value}`)],
  );
}

/** What a training that was done before shows. */
export function earlierBundle(run: Run): MimeBundle {
  const note = 'The same training was done before: this is its result. Add "fresh: true" to train anew.';
  return block(headlineOf(run), [noteList([note])], [note]);
}

/** What a failed or cancelled training shows in place of its progress line. */
export function unfinishedBundle(message: string, { run, commit }: Recorded, view: View): MimeBundle {
  const recorded = `Recorded as ${run.id}; committed ${commit.slice(0, 7)}.`;
  return block(message, [noteList([...view.notes, recorded])], [...view.notes, recorded]);
}

/** Thrown to the cell after an interrupt. */
export function trainingCancelled(name: string, { progress }: Curve): Interrupted {
  const { step = 0, steps } = progress ?? {};
  const at = steps === undefined ? 'before its first step' : `at step ${step} of ${steps}`;
  return new Interrupted(
    `Training ${name} was stopped ${at}. Run the cell again to continue from there, or add "fresh: true" to start over.`,
  );
}

/** Thrown to the cell when the job failed. */
export function trainingFailed(name: string, finished: FinishedEvent, step: number, jobFolder: string): UserError {
  const log = path.join(jobFolder, 'log.txt');
  const more = finished.error?.name === 'UserError' ? '' : ` The worker's log: ${log}`;
  return new UserError(`Training ${name} failed at step ${step}: ${reasonOf(finished)}${more}`);
}

/** Why a job did not succeed, for its record. */
export function reasonOf({ status, error }: FinishedEvent): string {
  if (status === 'cancelled') return 'interrupted';
  if (error === undefined) return 'unknown';
  return ['UserError', 'WorkerLost'].includes(error.name) ? error.message : `${error.name}: ${error.message}`;
}

function factsOf(plan: FinetunePlan, result: FinetuneResult, { run }: Recorded): [string, string][] {
  const { base } = plan.payload;
  const { train, validation, tooLong } = result.examples;
  const million = (count: number) => `${(count / 1e6).toFixed(2)} M`;
  return [
    ['base', 'ref' in base ? base.ref : 'new model'],
    ['parameters', `${million(result.trainableParameters)} trained of ${million(result.totalParameters)}`],
    ['rows', `${train} trained on, ${validation} held out${tooLong > 0 ? `, ${tooLong} too long` : ''}`],
    ['tokens', `${result.tokens} (${Math.round(result.tokens / result.seconds)} tokens/s)`],
    ...(run.cost === undefined
      ? []
      : ([['cost', `${formatCost(run.cost)} (${formatPrice(run.cost)})`]] as [string, string][])),
    ...(run.energyJoules === undefined
      ? []
      : ([['energy', `${(run.energyJoules / 3.6e6).toPrecision(2)} kWh`]] as [string, string][])),
    ['model', `llmops/models/${run.name}/README.md`],
    ['run', `llmops/runs/${run.id}.json`],
  ];
}

function noteList(notes: readonly string[]): Html {
  return notes.length === 0 ? new Html('') : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}
