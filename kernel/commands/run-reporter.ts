import { stripVTControlCharacters } from 'node:util';
import { mime } from '../../magics/context.ts';
import type { RequestEvent } from '../client.ts';
import type { RunListener } from '../notebook/run-cells.ts';
import type { CommandIo } from './command.ts';

export interface RunReporter extends RunListener {
  /** Says how the whole run went and where the notebook is. */
  end(succeeded: boolean, output: string): void;
}

/** Without a terminal, a progress that changes is printed this often. */
const plainIntervalMs = 5000;
/** On a terminal, the last line is drawn this often. */
const redrawMs = 120;
const maxLinesPerDisplay = 14;

/**
 * Tells a run's progress: cell number, title and time; what cells print passes through. Displays that are updated
 * redraw the last line of a terminal; elsewhere they print a line every few seconds.
 */
export function createRunReporter(io: CommandIo, notebook: string): RunReporter {
  const startedAt = performance.now();
  let cell = { number: 0, count: 0, title: '' };
  let cellStartedAt = 0;
  let progress = '';
  let lastPlainAt = 0;
  let atLineStart = true;
  let failed = 0;
  let updated = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  const label = () => `[${String(cell.number).padStart(String(cell.count).length)}/${cell.count}]`;
  const eraseLine = () => (io.terminal ? '\r\x1b[2K' : '');

  function print(text: string): void {
    if (text === '') return;
    io.stdout(`${eraseLine()}${text}`);
    atLineStart = text.endsWith('\n');
  }

  function startLine(): void {
    if (!atLineStart) print('\n');
  }

  function draw(): void {
    if (!atLineStart) return;
    const width = (process.stdout.columns ?? 100) - 1;
    const elapsed = seconds(performance.now() - cellStartedAt);
    const line = [label(), progress === '' ? cell.title : progress, elapsed].join('  ');
    io.stdout(`${eraseLine()}${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
  }

  function showProgress(text: string): void {
    progress = text;
    if (io.terminal || performance.now() - lastPlainAt < plainIntervalMs) return;
    lastPlainAt = performance.now();
    startLine();
    print(`  ${text}\n`);
  }

  function show(data: Record<string, unknown>): void {
    const text = textOf(data);
    if (text === '') return;
    startLine();
    print(indent(text));
  }

  return {
    cellStarts(next) {
      if (next.number === 1) print(`Running ${notebook}, ${next.count} cells\n`);
      cell = next;
      cellStartedAt = performance.now();
      lastPlainAt = cellStartedAt;
      progress = '';
      updated = new Map();
      if (io.terminal) timer = setInterval(draw, redrawMs);
      else print(`${label()}  ${cell.title}\n`);
    },
    event(event: RequestEvent) {
      if (event.type === 'stream') print(event.text);
      else if (event.type === 'result') show(event.data);
      else if (event.type === 'display') show(event.data);
      else if (event.type === 'update_display') {
        const text = textOf(event.data);
        updated.set(event.displayId, text);
        showProgress(text.split('\n')[0] ?? '');
      } else if (event.type === 'error') {
        startLine();
        print(eraseLine());
        io.stderr(`${[`${event.name}: ${event.message}`, ...event.traceback].join('\n')}\n`);
      }
    },
    cellEnds({ succeeded, durationMs }) {
      clearInterval(timer);
      startLine();
      for (const text of updated.values()) print(indent(text));
      const mark = succeeded ? 'done' : 'failed';
      if (!succeeded) failed++;
      print(
        io.terminal
          ? `${label()}  ${cell.title}  ${mark} in ${seconds(durationMs)}\n`
          : `  ${mark} in ${seconds(durationMs)}\n`,
      );
    },
    end(succeeded, output) {
      const total = seconds(performance.now() - startedAt);
      const failures = failed > 0 ? `, ${failed} of them failed,` : '';
      const what = succeeded ? `${cell.count} cells${failures}` : `Stopped at cell ${cell.number} of ${cell.count}`;
      print(`${what} in ${total}; written to ${output}\n`);
    },
  };
}

function textOf(data: Record<string, unknown>): string {
  const text = data[mime.text] ?? data[mime.markdown];
  return typeof text === 'string' ? stripVTControlCharacters(text).trimEnd() : '';
}

/** A few lines of a display, set off from the cells' titles. */
function indent(text: string): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, maxLinesPerDisplay).map((line) => `  ${line}\n`);
  const rest = lines.length - shown.length;
  return shown.join('') + (rest > 0 ? `  … ${rest} more lines\n` : '');
}

function seconds(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
