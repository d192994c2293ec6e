/**
 * The module 'llmops' of the type check: what magics' values are to later cells. It says the same as the handles' own
 * interfaces (a test compares them), in types that load without zod or arquero's sources.
 */
export const llmopsModule = `
declare module 'llmops' {
  export type Row = Record<string, unknown>;
  export interface Figure {
    /** null where it could not be determined. */
    value: number | null;
    /** Confidence interval. */
    low?: number;
    high?: number;
    level?: number;
    n?: number;
    signature?: string;
  }
  export interface Dataset<Columns extends Row = Row> extends Iterable<Columns> {
    readonly name: string;
    /** sha256: of the rows in canonical JSON Lines. */
    readonly digest: string;
    readonly table: import('arquero').ColumnTable;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly rowCount: number;
    rows(): Columns[];
    readonly commit?: string;
  }
  export interface ChatMessage { role: 'system' | 'user' | 'assistant' | 'tool'; content: string }
  export interface Prompt<Inputs extends Row = Row> {
    readonly name: string;
    readonly source: string;
    readonly digest: string;
    readonly version?: string;
    readonly commit?: string;
    readonly inputs: readonly { readonly name: string }[];
    render(inputs: Inputs): ChatMessage[];
    renderRow(row: Readonly<Row>): ChatMessage[];
    run(inputs: Inputs, options: any): Promise<any>;
  }
  export interface ModelReference {
    readonly name: string;
    readonly version: string;
    /** name@v1.0.0 */
    readonly ref: string;
    /** Folder in Hugging Face layout. */
    readonly folder: string;
  }
  export interface Run {
    readonly id: string;
    readonly status: 'succeeded' | 'failed' | 'cancelled';
    readonly model: ModelReference;
    readonly metrics: Readonly<Record<string, Figure>>;
    readonly seconds: number;
    readonly commit: string;
  }
  export interface Evaluation {
    readonly id: string;
    readonly model: string;
    readonly metrics: Readonly<Record<string, Figure>>;
    readonly baselineMetrics?: Readonly<Record<string, Figure>>;
    readonly commit: string;
  }
  export interface Deployment {
    readonly name: string;
    readonly model: string;
    /** http://127.0.0.1:PORT/v1 */
    readonly url: string;
    readonly apiKey: string;
    /** The answer's text, to a text or to the prompt's inputs by name. */
    chat(input: string | Readonly<Row>): Promise<string>;
    stop(): Promise<void>;
  }
  export interface Percentiles { readonly p50: number; readonly p95: number; readonly p99: number }
  export interface Monitoring {
    readonly name: string;
    readonly model: string;
    readonly requests: number;
    readonly errors: number;
    readonly abandoned: number;
    readonly errorRate: number | null;
    readonly latencyMs: Percentiles | null;
    readonly timeToFirstTokenMs: Percentiles | null;
    readonly promptTokens: number;
    readonly completionTokens: number;
    readonly first?: string;
    readonly last?: string;
    readonly feedback: { readonly up: number; readonly down: number };
    readonly drift: readonly {
      readonly feature: 'length' | 'words' | 'vocabulary';
      readonly verdict: 'too few samples' | 'no drift' | 'some drift' | 'drift';
      readonly detail: string;
      readonly psi: number | null;
      readonly pValue: number | null;
    }[];
    readonly findings: readonly string[];
  }
}
`;
