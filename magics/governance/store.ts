import type { NewTag } from './commit-files.ts';
import type { ObjectPointer } from './record-parts.ts';
import type { AnyRecord, RecordKind, RecordOf } from './records.ts';
import type { Repository } from './repository.ts';
import type { RegistryTag } from './tags.ts';

/** A commit made for one or more records. */
export interface RecordCommit {
  /** Full object id. */
  commit: string;
  /** Tags that now point to it. */
  tags: string[];
}

/** A commit as `git log` tells it. */
export interface RecordCommitInfo {
  /** Full object id. */
  commit: string;
  author: string;
  /** ISO 8601 */
  time: string;
  subject: string;
  /** Files that it changed, among those asked for. */
  paths: string[];
}

export interface ModelVersion {
  name: string;
  /** `v1.0.0` */
  version: string;
  /** `name@v1.0.0` */
  ref: string;
  commit: string;
  createdAt: string;
  stages: string[];
}

/**
 * The records of one repository. Every write is validated and committed without touching the user's index or work
 * tree beyond the record's own path; concurrent writers retry on the ref's compare-and-swap.
 */
export interface RecordStore {
  /** Top folder of the work tree, absolute. */
  readonly folder: string;
  readonly repository: Repository;
  /**
   * Commits records and other small files (prompts; path within the repository -> text).
   * A model record brings its model card (README.md) along, unless `files` has one.
   */
  commit(changes: {
    records?: readonly AnyRecord[];
    files?: Readonly<Record<string, string>>;
    message: string;
    /** Annotated tags to make on the commit, name -> message. A tag that exists is an error. */
    tags?: Readonly<Record<string, string>>;
    /** Commits on this branch instead, made from the records' own when it is missing; the work tree stays as it is. */
    branch?: string;
    /** Options of `git commit-tree` for a signed commit: `-S<key>`. */
    signing?: readonly string[];
  }): Promise<RecordCommit>;
  /** Makes annotated tags on commits that exist, all or none; `plan` is asked again when another writer was faster. */
  tag(plan: () => Promise<readonly NewTag[]>): Promise<readonly NewTag[]>;
  /** The registry's tags of an artifact, or all. */
  tags(name?: string): Promise<RegistryTag[]>;
  /** `Name <e-mail>` of whoever commits here. */
  person(): Promise<string>;
  /** The record at HEAD's state, or at `at` (tag, branch, commit); undefined when there is none. */
  read<K extends RecordKind>(kind: K, name: string, options?: { at?: string }): Promise<RecordOf<K> | undefined>;
  /** Many records at once, in order: one git process for all. */
  readMany<K extends RecordKind>(
    kind: K,
    asked: readonly { name: string; at?: string }[],
  ): Promise<(RecordOf<K> | undefined)[]>;
  /** Text of any committed file under `llmops/`. */
  readFile(path: string, options?: { at?: string }): Promise<string | undefined>;
  list<K extends RecordKind>(kind: K, options?: { at?: string }): Promise<RecordOf<K>[]>;
  names(kind: RecordKind | 'prompt'): Promise<string[]>;
  /** Versions of a model or prompt, newest first, from the tags; of everything when no name is given. */
  versions(name?: string): Promise<ModelVersion[]>;
  /** The version after the newest one: `v1.0.0` when there is none. */
  nextVersion(name: string, part?: 'major' | 'minor' | 'patch'): Promise<string>;
  /** Commits that changed any of the paths (records, or `llmops` for all), newest first. */
  log(paths: string | readonly string[], options?: { at?: string; limit?: number }): Promise<RecordCommitInfo[]>;
  /** Content-addressed large files under `.llmops/objects/`. */
  readonly objects: ObjectStore;
  /** Folder that holds a model version's files (hard links to the objects), made when it is missing. `ref`: `name` or `name@vX.Y.Z`. */
  modelFolder(ref: string): Promise<string>;
}

export interface ObjectStore {
  /** Stores a file's bytes; `path` becomes the pointer's `path`. */
  putFile(file: string, path: string): Promise<ObjectPointer>;
  putText(text: string, path: string): Promise<ObjectPointer>;
  /** Absolute path of the object, digest verified on first use. Throws a UserError when missing or damaged. */
  file(pointer: ObjectPointer): Promise<string>;
}
