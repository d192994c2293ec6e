import { z } from 'zod';
import type { MagicContext } from '../../context.ts';
import { suggestion, UserError } from '../../errors.ts';
import { openStore } from '../../governance/open-store.ts';
import { block, html } from '../../html.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { asOption, datasetOption } from '../options.ts';
import { rowTableParts } from '../prepare/row-table.ts';
import { type ReplayedStep, type ReplayPlace, replayRecord } from './replay-record.ts';

export const replayOptions = z.strictObject({
  data: datasetOption.describe('recorded data set'),
  as: asOption,
});

/** What came of running a data set's recipe again. */
export interface Replay {
  readonly name: string;
  /** The digest that the record states. */
  readonly digest: string;
  /** True when every step, from the files on, arrived at its recorded digest. */
  readonly reproduced: boolean;
  /** In the order in which they were run; the last one is the one that differs, or the data set itself. */
  readonly steps: readonly ReplayedStep[];
}

/** Runs the recipe of a data set again from its files, and says whether it arrives at the same digest, or which step differs. */
export async function replay(options: z.output<typeof replayOptions>, context: MagicContext): Promise<Replay> {
  const name = typeof options.data === 'string' ? options.data : options.data.name;
  const result = await replayDataset(name, context);
  const { parts, text } = rowTableParts([stepsTable(result)]);
  const failed = result.steps.find((step) => !step.reproduced);
  const problem = failed === undefined ? [] : [`${failed.name} (${failed.verb}): ${failed.problem}`];
  context.display(
    block(replayHeadline(result), [...problem.map((line) => html`<p>${line}</p>`), ...parts], [...problem, ...text]),
  );
  return result;
}

/** The same without a cell. */
export async function replayDataset(name: string | Dataset['name'], place: ReplayPlace): Promise<Replay> {
  const store = await openStore(place.folder);
  const record = await store.read('dataset', name);
  if (record === undefined) throw notRecorded(name, await store.names('dataset'));
  const steps = await replayRecord(store, record, place);
  const reproduced = steps.every((step) => step.reproduced);
  return { name, digest: record.digest, reproduced, steps };
}

/** `clean: replayed 3 steps in 0.4 s; arrives at the same digest 1f3a9c02` */
export function replayHeadline({ name, digest, reproduced, steps }: Replay): string {
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  const outcome = reproduced
    ? `arrives at the same digest ${short(digest)}`
    : `does not arrive at ${short(digest)}: step ${steps.length}, ${steps.at(-1)!.verb} of ${steps.at(-1)!.name}, differs`;
  return `${name}: replayed ${count(steps.length, 'step')} in ${seconds.toFixed(1)} s; ${outcome}`;
}

/** The steps as a table. */
export function stepsTable({ steps }: Replay) {
  const rows = steps.map((step, i) => [
    i + 1,
    step.name,
    step.verb,
    JSON.stringify(step.options),
    step.rows ?? null,
    short(step.expected),
    step.reproduced ? 'same' : step.digest === undefined ? 'not run' : `differs: ${short(step.digest)}`,
  ]);
  const columns = ['step', 'data set', 'verb', 'options', 'rows', 'recorded', 'replayed'];
  return { title: 'steps', columns, rows, isOpen: true };
}

function short(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 8);
}

function notRecorded(name: string, names: readonly string[]): UserError {
  return new UserError(
    `There is no record of a data set "${name}", so there is no recipe to run.${suggestion(name, names, 'Data sets')}`,
    { offending: name },
  );
}
