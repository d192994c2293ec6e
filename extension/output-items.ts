import type { CellError } from '../kernel/protocol.ts';
import { suiteReportMime } from '../magics/eval/suite/suite-report.ts';

/** One representation of an output: VS Code shows the first MIME type that it has a renderer for. */
export interface OutputItem {
  mime: string;
  data: Uint8Array;
}

const encoder = new TextEncoder();
const text = (mime: string, value: string): OutputItem => ({ mime, data: encoder.encode(value) });

/** Progress for clients that show it in a place of their own: `{text, fraction}`. It is no output by itself. */
const progressMime = 'application/vnd.llmops.progress+json';

/** Items of a MIME bundle: JSON types are encoded, binary ones decoded from base64. */
export function bundleItems(bundle: Readonly<Record<string, unknown>>): OutputItem[] {
  const shown = Object.entries(bundle).filter(([mime]) => mime !== progressMime && mime !== suiteReportMime);
  return shown.map(([mime, value]) => {
    if (isBinary(mime)) return { mime, data: Buffer.from(String(value), 'base64') };
    const isText = typeof value === 'string' && !isJson(mime);
    return text(mime, isText ? value : Array.isArray(value) && !isJson(mime) ? value.join('') : JSON.stringify(value));
  });
}

/** The progress that a bundle carries: one line, and the share that is done when that is known. */
export function progressOf(bundle: Readonly<Record<string, unknown>>): Progress | undefined {
  const progress = bundle[progressMime];
  const isProgress = typeof progress === 'object' && progress !== null && 'text' in progress;
  return isProgress ? (progress as Progress) : undefined;
}

/** `job` is the id of the job that makes the progress, where it is one that its cell can show again. */
interface Progress {
  text: string;
  fraction?: number;
  job?: string;
}

/** An item that VS Code joins with the one before it. */
export function streamItem(name: 'stdout' | 'stderr', value: string): OutputItem {
  return text(`application/vnd.code.notebook.${name}`, value);
}

/** An error as VS Code's own error renderer shows it: red headline, then the code frame and, for unexpected errors, the stack. */
export function errorItem(error: Pick<CellError, 'name' | 'message' | 'traceback' | 'user'>): OutputItem {
  const headline = error.user === true ? error.message : `${error.name}: ${error.message}`;
  const frame = error.traceback.map(clickable).join('\n');
  const stack = frame.includes(error.message.split('\n')[0]!) ? frame : [red(headline), frame].join('\n').trimEnd();
  return text(
    'application/vnd.code.notebook.error',
    JSON.stringify({ name: error.name, message: error.message, stack }),
  );
}

/** A frame of a cell or a file in the words that VS Code makes a link of. */
function clickable(line: string): string {
  const cell = /^ {4}at (?:(.*), )?cell (\d+), line (\d+)$/.exec(line);
  if (cell !== null) {
    const [, name, count, at] = cell;
    return `${name === undefined ? '' : `    at ${name}\n`}    Cell In[${count}], line ${at}`;
  }
  return line.replace(/^( {4}at .*\/.*), line (\d+)$/, '$1:$2:1');
}

function red(value: string): string {
  return `\u001b[1;31m${value}\u001b[0m`;
}

function isJson(mime: string): boolean {
  return mime === 'application/json' || mime.endsWith('+json');
}

function isBinary(mime: string): boolean {
  return /^(image|audio|video)\//.test(mime) && mime !== 'image/svg+xml';
}
