import type { JobEvent, JobSpec } from './protocol.ts';
import { demandOf, readCapacity } from './queue/capacity.ts';
import { readJobSettings } from './settings.ts';

/** What an hour of a job costs. */
export type JobPrice = NonNullable<JobSpec['price']>;

/** What a job has cost until now. */
export interface JobCost extends JobPrice {
  readonly value: number;
}

/**
 * The price of a job's resources by the settings: its GPUs and, where it takes cores, those. Undefined where the settings
 * name none for the place where it runs.
 */
export async function priceOf(
  spec: Pick<JobSpec, 'kind' | 'device' | 'resources' | 'folder'>,
): Promise<JobPrice | undefined> {
  const settings = await readJobSettings(spec.folder);
  const { executor = 'local', gpus = 0, cpus = 1 } = spec.resources ?? {};
  const { currency, [executor]: price } = settings.prices;
  if (price === undefined) return undefined;
  const asked = executor === 'local' ? demandOf(spec, readCapacity(settings)) : undefined;
  const taken = asked ?? { gpus, cores: cpus };
  return { perHour: taken.gpus * price.gpuHour + taken.cores * price.coreHour, currency };
}

/** Price times the time that its workers have run; undefined for a job without a price. */
export function costOf(
  { price }: Pick<JobSpec, 'price'>,
  events: readonly JobEvent[],
  now?: number,
): JobCost | undefined {
  return price && costAfter(price, workedSeconds(events, now));
}

/** The cost of so many seconds. */
export function costAfter(price: JobPrice, seconds: number): JobCost {
  return { value: (price.perHour * seconds) / 3600, ...price };
}

/** Time from the start to the last event of each attempt, seconds in all; `now` (milliseconds) for one that still works. */
export function workedSeconds(events: readonly JobEvent[], now?: number): number {
  let [total, startedAt, lastAt] = [0, 0, 0];
  for (const event of events) {
    const time = Date.parse(event.time);
    if (event.type === 'started') [total, startedAt] = [total + lastAt - startedAt, time];
    if (startedAt > 0) lastAt = time;
  }
  const isAtWork = startedAt > 0 && events.at(-1)?.type !== 'finished';
  return (total + (isAtWork ? (now ?? lastAt) : lastAt) - startedAt) / 1000;
}

/** `0.42 EUR`, `0.0031 EUR` */
export function formatCost({ value, currency }: Pick<JobCost, 'value' | 'currency'>): string {
  const text = value === 0 || value >= 0.1 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
  return `${text} ${currency}`.trimEnd();
}

/** `2.40 EUR an hour` */
export function formatPrice({ perHour, currency }: JobPrice): string {
  return `${formatCost({ value: perHour, currency })} an hour`;
}
