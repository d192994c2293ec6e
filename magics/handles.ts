import type { Figure } from './governance/records.ts';

/** What `%finetune` gives: the run and, when it succeeded, the model that it made. */
export interface Run {
  readonly id: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly model: ModelReference;
  readonly metrics: Readonly<Record<string, Figure>>;
  readonly seconds: number;
  readonly commit: string;
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

/** What `%eval` gives. */
export interface Evaluation {
  readonly id: string;
  readonly model: string;
  readonly metrics: Readonly<Record<string, Figure>>;
  readonly baselineMetrics?: Readonly<Record<string, Figure>>;
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
