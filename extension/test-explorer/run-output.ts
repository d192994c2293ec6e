import type { ReplyEvent } from '../kernel-client.ts';
import { progressOf } from '../output-items.ts';

/** Writes the events of a cell to a terminal, charts left out; a progress line is replaced in place by the next one. */
export function createRunOutput(write: (text: string) => void): (event: ReplyEvent) => void {
  let hasProgress = false;
  const line = (text: string) => {
    write(`${hasProgress ? clearLine : ''}${toTerminal(text)}\r\n`);
    hasProgress = false;
  };
  return (event) => {
    if (event.type === 'stream') {
      write(`${hasProgress ? '\r\n' : ''}${toTerminal(event.text)}`);
      hasProgress = false;
    }
    if (event.type === 'error') line(red(event.user === true ? event.message : event.traceback.join('\n')));
    if (event.type !== 'display' && event.type !== 'update_display') return;
    const text = event.data['text/plain'];
    if (typeof text !== 'string' || isChart(event.data)) return;
    if (progressOf(event.data) === undefined) return line(text);
    write(`${hasProgress ? clearLine : ''}${text}`);
    hasProgress = true;
  };
}

const clearLine = '\r\u001b[2K';

function isChart(bundle: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(bundle).some((mime) => mime.startsWith('application/vnd.vegalite.'));
}

/** Terminals need both characters at a line's end. */
function toTerminal(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}

function red(text: string): string {
  return `\u001b[31m${text}\u001b[0m`;
}
