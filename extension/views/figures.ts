import type { Figure } from '../../magics/governance/record-parts.ts';

/** Metrics that say most about a model, the most telling first. */
const headlines = ['exact_match', 'accuracy', 'f1', 'token_f1', 'bleu', 'rougeL', 'perplexity'];
/** Metrics between 0 and 1 that people read as percentages. */
const shares = /^(exact_match|accuracy|f1|token_f1|.*_(accuracy|rate|share))$/;

/** `93.1% exact match`; undefined when there are no metrics. */
export function headline(metrics: Readonly<Record<string, Figure>>): string | undefined {
  const names = Object.keys(metrics).filter((name) => metrics[name]!.value !== null);
  const losses = names.filter((name) => /loss/i.test(name)).reverse();
  const name = headlines.find((candidate) => names.includes(candidate)) ?? losses[0] ?? names[0];
  return name === undefined ? undefined : `${formatFigure(name, metrics[name]!.value)} ${metricTitle(name)}`;
}

/** `exact_match` -> `exact match`, `validationLoss` -> `validation loss`. */
export function metricTitle(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/_/g, ' ')
    .replace(/^[A-Z]?[a-z]+( [A-Z][a-z]+)*$/, (words) => words.toLowerCase());
}

/** `93.1%` for shares, four significant digits for the rest; a figure that could not be determined says so. */
export function formatFigure(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return 'not determined';
  if (shares.test(name) && value >= 0 && value <= 1) return `${(value * 100).toFixed(1)}%`;
  return value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) >= 1000 ? 8 : 4 });
}

/** `93.1% [91.2, 94.8]`: the figure with its interval when it has one. */
export function formatInterval(name: string, { value, low, high }: Figure): string {
  const text = formatFigure(name, value);
  if (low === undefined || high === undefined) return text;
  return `${text} [${[low, high].map((end) => formatFigure(name, end).replace('%', '')).join(', ')}]`;
}

/** `-5.8 points [-8.0, -2.0]` for shares: a difference of percentages is none itself. */
export function formatDifference(name: string, { value, low, high }: Figure): string {
  if (value === null || !shares.test(name)) return formatInterval(name, { value, low, high });
  const ends = low === undefined || high === undefined ? '' : ` [${[low, high].map(inPoints).join(', ')}]`;
  return `${inPoints(value)} points${ends}`;
}

function inPoints(share: number): string {
  return (share * 100).toFixed(1);
}

/** `3.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

/** `just now`, `5 min ago`, `yesterday`, `3 March`, `3 March 2025`. */
export function formatDate(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (date.toDateString() === now.toDateString()) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 48 * 60 && new Date(now.getTime() - 86_400_000).toDateString() === date.toDateString())
    return 'yesterday';
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year });
}

/** `41 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
