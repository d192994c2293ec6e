import type { Readable } from 'node:stream';

/** What an object store says of an object. */
export interface ObjectFacts {
  /** Bytes. */
  readonly size: number;
  /** Changes with the content. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
  /** Fails when the object is another one by now. */
  readonly etag?: string;
}

/** A bucket of S3 or a container of Azure Blob Storage; keys are whole, as the store knows them. */
export interface Bucket {
  /** Undefined when there is no such object. */
  stat(key: string): Promise<ObjectFacts | undefined>;
  read(key: string, range: ByteRange, signal?: AbortSignal): Promise<Readable>;
  /** Stores a whole object, in one request. */
  put(key: string, content: Buffer): Promise<void>;
  /** An upload in parts; one that was interrupted is continued. */
  openUpload(key: string, plan: PartPlan): Promise<PartUpload>;
  list(prefix: string): AsyncIterable<ObjectFacts & { readonly key: string }>;
  remove(key: string): Promise<void>;
}

/** How a file is cut. All parts but the last have the same size. */
export interface PartPlan {
  readonly size: number;
  readonly partBytes: number;
  /** File that may keep notes on the upload until it is complete. */
  readonly notes: string;
}

/** An upload whose parts may be sent in any order. Parts count from 0. */
export interface PartUpload {
  /** Whether the store has this part, from now or from before an interruption. */
  has(part: number): boolean;
  send(part: number, content: Buffer, signal?: AbortSignal): Promise<void>;
  complete(): Promise<void>;
}

/** Number of parts of a plan. */
export function partCount({ size, partBytes }: PartPlan): number {
  return Math.ceil(size / partBytes);
}

/** Bytes of one part of a plan. */
export function partSize({ size, partBytes }: PartPlan, part: number): number {
  return Math.min(partBytes, size - part * partBytes);
}
