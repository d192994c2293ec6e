/** A file of rows on this machine. */
export interface DataFile {
  /** Absolute. */
  readonly path: string;
  /** As the user wrote or would write it, for messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}
