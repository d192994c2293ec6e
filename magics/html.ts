import { type MimeBundle, mime } from './context.ts';

/** Markup that is already safe to insert. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
  toString(): string {
    return this.markup;
  }
}

type HtmlValue = Html | string | number | null | undefined | readonly HtmlValue[];

/** Template tag: interpolated text is escaped, `Html` and lists of it are inserted as they are. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(
    strings.reduce((markup, part, i) => markup + part + (i < values.length ? render(values[i]) : ''), ''),
  );
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(render).join('');
  return escapeHtml(String(value));
}

/** Folded detail under an output block. */
export function details(summary: string, body: Html): Html {
  return html`<details><summary>${summary}</summary>${body}</details>`;
}

/**
 * One calm block of output: what happened on the first line, then its parts.
 * `text` is the same in plain text, for terminals and logs. Style comes from the client's own colours.
 */
export function block(headline: string, parts: readonly Html[] = [], text: readonly string[] = []): MimeBundle {
  return {
    [mime.html]: html`<div class="llmops"><p><strong>${headline}</strong></p>${parts}</div>`.markup,
    [mime.text]: [headline, ...text].join('\n'),
  };
}

/** A plain table. Numbers are right-aligned, missing values shown as such. */
export function table(
  columns: readonly { name: string; type?: string }[],
  rows: readonly (readonly unknown[])[],
): Html {
  const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const align = (i: number) => new Html(` style="text-align:${numeric[i] ? 'right' : 'left'};padding:2px 8px"`);
  const head = columns.map(
    (c, i) => html`<th${align(i)}>${c.name}${c.type === undefined ? '' : html`<br><small>${c.type}</small>`}</th>`,
  );
  const body = rows.map((row) => html`<tr>${columns.map((_, i) => html`<td${align(i)}>${cell(row[i])}</td>`)}</tr>`);
  return html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function cell(value: unknown): HtmlValue {
  if (value === null || value === undefined) return html`<em style="opacity:.6">missing</em>`;
  if (value instanceof Html || typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
}
