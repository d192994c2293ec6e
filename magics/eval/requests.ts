import type { Dataset, Row } from '../dataset/dataset.ts';
import { checkColumn } from '../dataset/options.ts';
import { UserError } from '../errors.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type { EvalRequest } from './payload.ts';

/** The rows that are asked, and what each of them asks. */
export interface PreparedRows {
  rows: Row[];
  requests: EvalRequest[];
  /** Rows left out because they have no answer to compare with. */
  withoutReference: number;
}

/** Renders each row by the prompt; `target` is the column of the right answer. `limit` takes the first rows only. */
export function prepareRows(data: Dataset, prompt: Prompt, target: string, limit?: number): PreparedRows {
  checkColumn(data, target);
  const taken = data.rows().slice(0, limit);
  const rows = taken.filter((row) => row[target] !== null && row[target] !== undefined);
  if (rows.length === 0) throw noRows(data.name, target);
  const requests = rows.map((row) => ({ messages: prompt.renderRow(row), reference: String(row[target]) }));
  return { rows, requests, withoutReference: taken.length - rows.length };
}

/** Column of the right answer: as asked, as trained, or the one column that the prompt does not read. */
export function chooseTarget(data: Dataset, prompt: Prompt, asked: string | undefined, trained?: string): string {
  if (asked !== undefined) return asked;
  const names = data.columns.map((column) => column.name);
  if (trained !== undefined && names.includes(trained)) return trained;
  const inputs = new Set(prompt.inputs.map((input) => input.name));
  const others = names.filter((name) => !inputs.has(name));
  if (others.length !== 1) throw targetUnclear(data.name, others);
  return others[0]!;
}

function targetUnclear(data: string, columns: readonly string[]): UserError {
  return new UserError(
    `Which column of "${data}" holds the right answer? Name it with --target. Columns: ${columns.join(', ')}.`,
  );
}

function noRows(data: string, target: string): UserError {
  return new UserError(`No row of "${data}" has a value in "${target}": there is nothing to evaluate on.`, {
    offending: target,
  });
}
