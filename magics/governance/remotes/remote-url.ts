import { credentialsInUrl, remoteUnknown } from './remote-errors.ts';

/** A place in an object store: `s3://bucket/prefix` or `az://container/prefix`. */
export interface ObjectUrl {
  readonly scheme: 's3' | 'az';
  readonly bucket: string;
  /** Without slashes around it; empty for the whole bucket. */
  readonly path: string;
}

/** Whether a text names a place in an object store. */
export function isObjectUrl(text: string): boolean {
  return /^(s3|az):\/\//.test(text);
}

/** Splits the URL; a UserError says what is wrong with it, without repeating credentials. */
export function parseObjectUrl(url: string): ObjectUrl {
  if (/^[a-z0-9]+:\/\/[^/]*@|[?&](sig|X-Amz-Signature)=/i.test(url)) throw credentialsInUrl();
  const [, scheme, bucket, path = ''] = /^(s3|az):\/\/([A-Za-z0-9$][A-Za-z0-9._-]+)(?:\/(.*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw remoteUnknown(url);
  return { scheme: scheme === 's3' ? 's3' : 'az', bucket, path: path.replace(/^\/+|\/+$/g, '') };
}
