/** What people type to name a record: `[kind/]name[@vX.Y.Z]`. */
export interface Reference {
  readonly kind?: string;
  readonly name: string;
  readonly version?: string;
}

/** Splits `model/triage@v1.2.0` into its parts; it does not say whether such a record exists. */
export function parseReference(text: string): Reference {
  const [, kind, name = text, version] = /^(?:([a-z]+)\/)?([^/@]+)(?:@(.+))?$/.exec(text) ?? [];
  return { kind, name, version };
}

/** Whether a model's version is one that a record of this repository has; folders and the hub's commits have none. */
export function isRecordedVersion(version: string): boolean {
  return /^v\d+\.\d+\.\d+$/.test(version);
}
