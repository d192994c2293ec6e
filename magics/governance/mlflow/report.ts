/** What a synchronisation did, one line for each thing. */
export interface SyncReport {
  /** Told to the server. */
  readonly sent: string[];
  /** Recorded here. */
  readonly received: string[];
  /** Changed on both sides, or refused here; says what became of it. */
  readonly conflicts: string[];
}

export function emptyReport(): SyncReport {
  return { sent: [], received: [], conflicts: [] };
}
