import type { z } from 'zod';
import type { MagicContext } from '../../context.ts';
import { block } from '../../html.ts';
import { defineVerb } from '../../magic.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { handOver } from '../large/scratch-rows.ts';
import { datasetInput, recordDatasets } from '../record.ts';
import { recordedHeadline } from '../recorded-headline.ts';
import { resolveDataset } from '../resolve.ts';
import { rowProgress } from '../shown-progress.ts';
import { rowTableParts } from './row-table.ts';
import type { RecipeStep, Step } from './step.ts';

/** The options that every step has. */
interface CommonOptions {
  readonly data: string | Dataset;
  readonly against?: readonly (string | Dataset)[];
  readonly as?: string;
}

/** The verb of a step: resolves the data, applies the step, records the result with its recipe, shows what changed. */
export function stepVerb<Schema extends z.ZodObject>(step: Step<Schema>) {
  return defineVerb({
    summary: step.summary,
    positionals: ['data'],
    options: step.options,
    example: step.example,
    run: (options: z.output<Schema>, context: MagicContext) => prepare(step, options, context),
  });
}

async function prepare<Schema extends z.ZodObject>(
  step: Step<Schema>,
  options: z.output<Schema>,
  context: MagicContext,
): Promise<Dataset> {
  const { data, against = [], as } = options as CommonOptions;
  const source = await resolveDataset(data, context.folder);
  const references = await Promise.all(against.map((other) => resolveDataset(other, context.folder)));
  const { folder, signal } = context;
  const { finish, ...progress } = rowProgress(step.verb, context);
  const outcome = await step.apply({ source, references, folder, signal, ...progress }, options);
  const item = {
    name: as ?? `${source.name}.${step.suffix}`,
    table: outcome.table,
    inputs: [
      datasetInput(source),
      ...references.map((other) => datasetInput(other, 'reference')),
      ...(outcome.inputs ?? []),
    ],
    recipe: [recipeStep(step, options)],
  };
  const [recorded] = await handOver([outcome.table], () => recordDatasets([item], context));
  const { parts, text } = rowTableParts(outcome.shown);
  const note = `of ${source.name} (${count(source.rowCount, 'row')}) ${outcome.note}`;
  finish(block(recordedHeadline(recorded!, note), parts, text));
  return recorded!.dataset;
}

/** What the record says of the step: its own options, those left out not among them. */
function recipeStep<Schema extends z.ZodObject>(
  { verb, references }: Step<Schema>,
  options: z.output<Schema>,
): RecipeStep {
  const isOwn = ([key, value]: [string, unknown]) =>
    value !== undefined && key !== 'data' && key !== 'as' && key !== references;
  const own = Object.fromEntries(Object.entries(options).filter(isOwn));
  return { verb, options: own as RecipeStep['options'] };
}
