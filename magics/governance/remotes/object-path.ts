/** Where a remote keeps the object of a digest. */
export function objectPath(oid: string): string {
  return `sha256/${oid.slice(7, 9)}/${oid.slice(9)}`;
}

/** Digest of the object that lies at a path; undefined for other paths. */
export function oidAt(path: string): string | undefined {
  const [, start, rest] = /^sha256\/([0-9a-f]{2})\/([0-9a-f]{62})$/.exec(path) ?? [];
  return start === undefined ? undefined : `sha256:${start}${rest}`;
}
