import type { AskOptions } from '../ask/ask-all.ts';
import type { MatrixPlan } from '../matrix/run-matrix.ts';

/** A suite of another program, as far as it could be read. */
export interface ImportedSuite {
  name: string;
  /** What is asked and how it is scored; `models` may be empty where the file names none that can be asked. */
  plan: Omit<MatrixPlan, 'seed' | 'prices'>;
  /** How models are asked, where they do not say themselves. */
  asking?: Pick<AskOptions, 'stop' | 'maxTokens' | 'temperature'>;
  /** Conditions on the plan's metrics. */
  gates: string[];
  /** What the file asks for that could not be imported, in words. */
  notImported: string[];
}
