import type { Figure } from './governance/record-parts.ts';

/** What `%finetune` gives: the run and, when it succeeded, the model that it made. `Metric`: names of its metrics. */
export interface Run<Metric extends string = string> {
  readonly id: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly model: ModelReference;
  readonly metrics: Readonly<Record<Metric, Figure>>;
  readonly seconds: number;
  readonly commit: string;
}

/** What `%finetune sweep` gives: its trials, and the best one as a run with its model. `Parameter`: names of what was swept. */
export interface Sweep<Metric extends string = string, Parameter extends string = string> {
  readonly id: string;
  readonly metric: { readonly name: string; readonly goal: 'minimize' | 'maximize' };
  readonly best: Run<Metric>;
  readonly trials: readonly SweepTrial<Parameter>[];
  readonly seconds: number;
  readonly commit: string;
}

/** A training of a sweep. */
export interface SweepTrial<Parameter extends string = string> {
  readonly parameters: Readonly<Record<Parameter, unknown>>;
  readonly status: 'succeeded' | 'stopped' | 'failed' | 'cancelled' | 'skipped';
  /** Of the sweep's metric; of a stopped trial, its last one. */
  readonly value: number | null;
  readonly seconds: number;
  /** Id of its run record. */
  readonly run?: string;
  /** No other trial is better at the same or a lower cost. */
  readonly isOnFront: boolean;
}

/** A version of a model: what `--model`, `%eval`, `%deploy` take, as a handle or as `name@v1.0.0`. */
export interface ModelReference {
  readonly name: string;
  readonly version: string;
  /** `name@v1.0.0` */
  readonly ref: string;
  /** Folder in Hugging Face layout. */
  readonly folder: string;
}

/** What `%eval` gives. `Metric`: names of its metrics. */
export interface Evaluation<Metric extends string = string> {
  readonly id: string;
  readonly model: string;
  readonly metrics: Readonly<Record<Metric, Figure>>;
  readonly baselineMetrics?: Readonly<Record<Metric, Figure>>;
  readonly commit: string;
}

/** What `%deploy` gives: a running OpenAI-compatible endpoint. */
export interface Deployment {
  readonly name: string;
  readonly model: string;
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  /** Bearer key; never written to a record or a log. */
  readonly apiKey: string;
  /**
   * Sends the text (or the prompt's inputs by name) as the deployment's prompt asks, or as one user message, and
   * returns the answer's text.
   */
  chat(input: string | Readonly<Record<string, unknown>>): Promise<string>;
  stop(): Promise<void>;
}

/** TypeScript text of a union of names, for the types that handles declare: `"loss" | "perplexity"`. */
export function unionOf(names: readonly string[]): string {
  return names.length === 0 ? 'never' : names.map((name) => JSON.stringify(name)).join(' | ');
}
