import type { DatasetRecord } from '../../governance/records.ts';
import { details, type Html, html, table } from '../../html.ts';
import type { PromptText } from '../gather.ts';

/** Data cards: size, columns, origin, the steps that made each data set, its digest. */
export function datasetSections(records: readonly DatasetRecord[]): Html[] {
  return records.map((record) => {
    const origins = record.inputs.map((input) => `${input.kind} ${input.name}`).join(', ') || 'nothing recorded';
    const steps = record.recipe.map(({ verb, options }) => [verb, JSON.stringify(options)]);
    const columns = record.columns.map(({ name, type }) => [name, type]);
    return html`<article><h3>${record.name}</h3><p>${record.rows.toLocaleString('en')} rows, ${record.columns.length} columns; from ${origins}. Digest <code>${record.digest}</code>.</p>${details('Columns', table([{ name: 'column' }, { name: 'type' }], columns))}${steps.length === 0 ? '' : details('How it was made', table([{ name: 'step' }, { name: 'options' }], steps))}</article>`;
  });
}

/** Prompts, word for word. */
export function promptSections(prompts: readonly PromptText[]): Html[] {
  return prompts.map(({ name, text }) => html`<article><h3>${name}</h3><pre>${text}</pre></article>`);
}
