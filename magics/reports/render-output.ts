import { stripVTControlCharacters } from 'node:util';
import { forClient, toSvg } from '../charts/index.ts';
import type { ChartSpec } from '../charts/spec.ts';
import { mime } from '../context.ts';
import { Html, html } from '../html.ts';
import { renderMarkdown } from './markdown.ts';
import { mimeText, type NotebookOutput } from './notebook.ts';
import { sanitizeMarkup } from './sanitize.ts';

const maxCharacters = 20_000;
const pageColors = { foreground: 'currentColor', grid: '#80808040' };

/** An output as the report shows it: charts as SVG in the page's colours, HTML made harmless, long text cut. */
export async function renderOutput(output: NotebookOutput): Promise<Html> {
  switch (output.output_type) {
    case 'stream':
      return preformatted(output.text, output.name === 'stderr' ? 'stderr' : 'stdout');
    case 'error': {
      const traceback = output.traceback.length > 0 ? output.traceback.join('\n') : output.evalue;
      return html`<div class="error"><strong>${output.ename}</strong>${preformatted(traceback, 'stderr')}</div>`;
    }
    default:
      return renderBundle(output.data);
  }
}

/** A chart as inline SVG that follows the page's light and dark colours. */
export async function renderChart(spec: ChartSpec): Promise<Html> {
  const svg = sanitizeMarkup(await toSvg(forClient(spec, pageColors)));
  return html`<figure class="chart" role="img" aria-label="${String(spec.description ?? spec.title ?? 'chart')}">${svg}</figure>`;
}

async function renderBundle(data: Readonly<Record<string, unknown>>): Promise<Html> {
  const chart = data[mime.vegaLite];
  if (chart !== undefined) {
    const drawn = await renderChart(chart as ChartSpec).catch(() => undefined);
    if (drawn !== undefined) return drawn;
  }
  if (data[mime.svg] !== undefined) {
    return html`<figure class="chart">${sanitizeMarkup(mimeText(data[mime.svg]))}</figure>`;
  }
  if (data[mime.html] !== undefined) return html`<div class="html">${sanitizeMarkup(mimeText(data[mime.html]))}</div>`;
  for (const type of ['image/png', 'image/jpeg'] as const) {
    const base64 = data[type] === undefined ? '' : mimeText(data[type]).replace(/\s/g, '');
    if (/^[A-Za-z0-9+/=]+$/.test(base64)) return html`<img alt="" src="data:${type};base64,${new Html(base64)}">`;
  }
  if (data[mime.markdown] !== undefined) return renderMarkdown(mimeText(data[mime.markdown]));
  return data[mime.text] === undefined ? html`` : preformatted(mimeText(data[mime.text]), 'stdout');
}

function preformatted(text: string, className: string): Html {
  const plain = stripVTControlCharacters(lastRedraws(text));
  const cut = plain.length - maxCharacters;
  const note =
    cut > 0 ? html`<p class="note">${cut.toLocaleString('en')} more characters are in the notebook.</p>` : '';
  return html`<pre class="${className}">${plain.slice(0, maxCharacters)}</pre>${note}`;
}

/** What a terminal would show of lines that were redrawn with carriage returns. */
function lastRedraws(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(/[^\n]*\r/g, '');
}
