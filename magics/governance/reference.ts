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
