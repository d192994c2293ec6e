import { displaySymbol, typeSymbol } from '../context.ts';
import type { RecordStore } from '../governance/store.ts';
import { type Run, unionOf } from '../handles.ts';
import { block } from '../html.ts';
import type { Recorded } from './record.ts';

/** The handle of a succeeded run; its model's files are laid out under `.llmops/models/`. */
export async function createRun(store: RecordStore, { run: record, commit }: Recorded): Promise<Run> {
  const { id, status, model: ref = '', metrics, seconds } = record;
  const [name = '', version = ''] = ref.split('@');
  const run: Run = {
    id,
    status,
    model: { name, version, ref, folder: await store.modelFolder(ref) },
    metrics,
    seconds,
    commit,
  };
  return Object.defineProperties(run, {
    [displaySymbol]: { value: () => block(headlineOf(run)) },
    [typeSymbol]: { value: `import('llmops').Run<${unionOf(Object.keys(metrics))}>` },
  });
}

/** `cron-lora@v1.0.0: validation loss 0.031, exact match 93.1% after 600 steps; 61 s; committed 4f2a9c1` */
export function headlineOf({ model, metrics, seconds, commit }: Run, device?: string): string {
  const on = device === undefined ? '' : ` on ${device}`;
  return `${model.ref}: ${summaryOf(metrics)}; ${Math.round(seconds)} s${on}; committed ${commit.slice(0, 7)}`;
}

/** `validation loss 0.031, exact match 93.1% after 600 steps` */
export function summaryOf(metrics: Run['metrics']): string {
  const value = (name: string) => metrics[name]?.value ?? undefined;
  const [validation, training, exact] = [
    value('validation_loss'),
    value('train_loss'),
    value('validation_exact_match'),
  ];
  const loss =
    validation !== undefined
      ? `validation loss ${validation.toPrecision(3)}`
      : `training loss ${training?.toPrecision(3) ?? 'unknown'}`;
  const match = exact === undefined ? '' : `, exact match ${(exact * 100).toFixed(1)}%`;
  return `${loss}${match} after ${value('steps') ?? 0} steps`;
}
