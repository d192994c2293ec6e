import type { Bucket } from './bucket.ts';
import type { ObjectUrl } from './remote-url.ts';

/** The bucket of a URL; the client of its store is loaded now. */
export async function openBucket({ scheme, bucket }: ObjectUrl): Promise<Bucket> {
  if (scheme === 'az') return (await import('./azure-bucket.ts')).createAzureBucket(bucket);
  return (await import('./s3-bucket.ts')).createS3Bucket(bucket);
}
