/** One measured figure. */
export interface BenchRow {
  name: string;
  value: number;
  unit: string;
  /** What the figure is held against: a limit of this machine or another program, measured in the same run. */
  against?: string;
  /** The figure over what it is held against; above 1 is better than it for rates. */
  ratio?: number;
}
