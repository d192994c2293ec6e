/** Something that is not as it should be. */
export interface Problem {
  /** What was violated: `record`, `history`, `version`, `stage`, `policy`, `signature`, `lineage`, `object`. */
  readonly rule: string;
  /** Path or tag. */
  readonly subject: string;
  readonly problem: string;
  /** Commit that shows it. */
  readonly commit?: string;
}
