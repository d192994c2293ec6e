import { formatNumber } from '../charts/chart.ts';
import { type ChartSpec, lineChart } from '../charts/index.ts';
import type { JobEvent } from '../jobs/protocol.ts';

/** What a training's events add up to: its curves and where it stands. */
export interface Curve {
  /** Name of a metric -> step -> value. */
  readonly series: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly checkpoints: readonly number[];
  readonly progress?: Extract<JobEvent, { type: 'progress' }>;
  /** Training time of earlier attempts and of this one until its last event, milliseconds. */
  readonly earlierMs: number;
  readonly startedAt?: number;
}

/** Collects events into a curve. Steps that an attempt repeats after a resume replace those of the attempt before. */
export function createCurve(): { add(event: JobEvent): void; readonly curve: Curve } {
  const series = new Map<string, Map<number, number>>();
  const curve = { series, checkpoints: [] as number[], progress: undefined as Curve['progress'] };
  let [earlierMs, startedAt, lastAt] = [0, undefined as number | undefined, 0];
  return {
    add(event) {
      const time = Date.parse(event.time);
      if (event.type === 'started') {
        if (startedAt !== undefined) earlierMs += lastAt - startedAt;
        startedAt = time;
      }
      lastAt = time;
      if (event.type === 'progress') curve.progress = event;
      if (event.type === 'checkpoint') curve.checkpoints.push(event.step);
      if (event.type === 'metric' && event.value !== null) {
        const points = series.get(event.name) ?? new Map<number, number>();
        series.set(event.name, points.set(event.step, event.value));
      }
    },
    get curve() {
      return { ...curve, earlierMs, startedAt };
    },
  };
}

/** Training and validation loss by step, with the checkpoints marked. `title` is the finding; made from the curve when absent. */
export function lossChart(curve: Curve, title = findingOf(curve)): ChartSpec {
  const named = (metric: string, name: string) => ({ name, points: pointsOf(curve, metric) });
  const validation = named('validation_loss', 'validation');
  return lineChart({
    title,
    x: { title: 'Step' },
    y: { title: 'Loss', unit: 'nats per token' },
    series: [named('train_loss', 'training'), ...(validation.points.length > 0 ? [validation] : [])],
    marks: [...new Set(curve.checkpoints)].map((x) => ({ x, label: 'checkpoint' })),
  });
}

export function learningRateChart(curve: Curve): ChartSpec {
  return lineChart({
    title: 'Learning rate',
    x: { title: 'Step' },
    y: { title: 'Learning rate', format: '.1e' },
    series: [{ name: 'learning rate', points: pointsOf(curve, 'learning_rate') }],
    height: 120,
  });
}

/** Metric series as JSON Lines, ordered by name and step. */
export function seriesLines(curve: Curve): string {
  return [...curve.series.keys()]
    .sort()
    .flatMap((name) => pointsOf(curve, name).map(({ x, y }) => `${JSON.stringify({ name, step: x, value: y })}\n`))
    .join('');
}

function pointsOf(curve: Curve, metric: string): { x: number; y: number }[] {
  const points = [...(curve.series.get(metric) ?? [])].map(([x, y]) => ({ x, y }));
  return points.sort((a, b) => a.x - b.x);
}

function findingOf(curve: Curve): string {
  const validation = pointsOf(curve, 'validation_loss');
  const training = pointsOf(curve, 'train_loss');
  const [name, points] = validation.length > 1 ? ['Validation', validation] : ['Training', training];
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return 'Waiting for the first step';
  const lowest = points.reduce((best, point) => (point.y < best.y ? point : best));
  if (name === 'Validation' && lowest.x < last.x && lowest.y < last.y * 0.98) {
    return `Validation loss is lowest at step ${lowest.x} (${formatNumber(lowest.y)}) and rises to ${formatNumber(last.y)}`;
  }
  return `${name} loss ${last.y < first.y ? 'falls' : 'goes'} from ${formatNumber(first.y)} to ${formatNumber(last.y)}`;
}
