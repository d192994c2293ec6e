import { type MimeBundle, mime } from '../context.ts';
import { html } from '../html.ts';
import type { JobEvent } from './protocol.ts';

/** A `progress` event, or what a caller without a job has of one. */
export type Progress = Pick<Extract<JobEvent, { type: 'progress' }>, 'phase' | 'step' | 'steps' | 'figures'> & {
  /** What the steps are, where they are no steps of work. */
  readonly unit?: 'bytes';
  /** Time that is left, where the caller knows better than by the share that is done. */
  readonly leftMs?: number;
};

const barCells = 12;

/**
 * One line of progress: `training ███████░░░░░ 62% 371/600 · loss 0.0213 · 11.2k tokens/s · 0:41 elapsed · 0:25 left · cpu`.
 * `fraction` (0 to 1) is absent where the number of steps is not known.
 */
export function progressLine(
  progress: Progress,
  elapsedMs: number,
  device?: string,
): { text: string; fraction?: number } {
  const fraction = fractionOf(progress);
  const bar = fraction === undefined ? '' : ` ${textBar(fraction)} ${Math.floor(fraction * 100)}%`;
  const text = [
    `${progress.phase}${bar} ${steps(progress)}`.trimEnd(),
    ...facts(progress, elapsedMs, fraction, device),
  ];
  return { text: text.join(' · '), fraction };
}

/** The same line for cells: a bar in the client's own colours, with the text for clients without HTML. */
export function progressBundle(progress: Progress, elapsedMs: number, device?: string): MimeBundle {
  const { text, fraction } = progressLine(progress, elapsedMs, device);
  const percent = fraction === undefined ? undefined : Math.floor(fraction * 100);
  const bar =
    percent === undefined
      ? ''
      : html`<span role="progressbar" aria-label="${progress.phase}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${percent}" style="flex:1 1 8em;min-width:4em;max-width:20em;height:.45em;border-radius:.25em;overflow:hidden;background:var(--vscode-editorWidget-border,rgba(128,128,128,.35))"><span style="display:block;height:100%;width:${percent}%;background:var(--vscode-progressBar-background,#0e70c0)"></span></span><span>${percent}%</span>`;
  const rest = [steps(progress), ...facts(progress, elapsedMs, fraction, device)].filter(Boolean).join(' · ');
  const line = html`<div class="llmops" style="display:flex;flex-wrap:wrap;gap:0 .7em;align-items:center;font-variant-numeric:tabular-nums"><span>${progress.phase}</span>${bar}<span>${rest}</span></div>`;
  return { [mime.html]: line.markup, [mime.text]: text, [mime.progress]: { text: short(progress, percent), fraction } };
}

/** For places with little room: `training 62%`. */
function short(progress: Progress, percent: number | undefined): string {
  return `${progress.phase} ${percent === undefined ? steps(progress) : `${percent}%`}`.trimEnd();
}

/** `0:41`, `12:05`, `1:02:05`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60) % 60;
  const pad = (n: number) => String(n).padStart(2, '0');
  const tail = `${pad(seconds % 60)}`;
  return seconds < 3600 ? `${minutes}:${tail}` : `${Math.floor(seconds / 3600)}:${pad(minutes)}:${tail}`;
}

function fractionOf({ step, steps: total }: Progress): number | undefined {
  return total === undefined || total <= 0 ? undefined : Math.min(1, Math.max(0, step / total));
}

function textBar(fraction: number): string {
  const full = Math.floor(fraction * barCells);
  return '█'.repeat(full) + '░'.repeat(barCells - full);
}

function steps({ step, steps: total, unit }: Progress): string {
  if (unit === 'bytes') return `${total === undefined ? '' : `${megabytes(step)}/`}${megabytes(total ?? step)} MB`;
  return total === undefined ? (step === 0 ? '' : compact(step)) : `${step}/${total}`;
}

function facts(progress: Progress, elapsedMs: number, fraction?: number, device?: string): string[] {
  const left = progress.leftMs ?? (fraction ? (elapsedMs / fraction) * (1 - fraction) : undefined);
  return [
    ...Object.entries(progress.figures ?? {}).flatMap(([name, value]) => figureText(name, value)),
    `${formatDuration(elapsedMs)} elapsed`,
    ...(left === undefined || fraction === 1 ? [] : [`${formatDuration(left)} left`]),
    ...(device === undefined ? [] : [device]),
  ];
}

/** A figure in words. The learning rate is left to the chart. */
function figureText(name: string, value: number): string[] {
  if (name === 'learningRate') return [];
  if (name === 'tokensPerSecond') return [`${compact(value)} tokens/s`];
  if (name === 'bytesPerSecond') return [`${megabytes(value)} MB/s`];
  if (name === 'memoryBytes') return [`${(value / 2 ** 30).toFixed(1)} GiB`];
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return [`${words} ${Math.abs(value) < 1 && value !== 0 ? value.toPrecision(3) : compact(value)}`];
}

/** `0.8`, `12`, `1,340` */
function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

/** `950`, `11.2k`, `3.4M`. */
function compact(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4).replace(/\.?0+$/, '');
}
