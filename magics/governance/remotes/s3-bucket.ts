import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Bucket, ObjectFacts } from './bucket.ts';
import { objectChanged } from './remote-errors.ts';
import { openS3Upload } from './s3-upload.ts';

/**
 * A bucket of S3 or of a store that speaks its protocol (`AWS_ENDPOINT_URL`). Region and credentials come from where
 * AWS's own tools look: environment variables, `~/.aws`, the role of the machine.
 */
export async function createS3Bucket(bucket: string): Promise<Bucket> {
  const client = await createClient();
  return {
    async stat(key) {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return factsOf(found.ContentLength, found.ETag, found.LastModified);
      } catch (error) {
        // HEAD has no body that could tell a missing bucket from a missing object.
        if ((error as { name?: string }).name === 'NotFound') return undefined;
        throw error;
      }
    },
    async read(key, { start, end, etag }, signal) {
      const range = { Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}`, IfMatch: etag };
      const { Body, ETag } = await client.send(new GetObjectCommand(range), { abortSignal: signal });
      if (!(Body instanceof Readable)) throw new Error(`S3 gave no body for ${key}`);
      if (etag !== undefined && ETag !== etag) {
        // Not every store that speaks S3 minds If-Match.
        Body.destroy();
        throw objectChanged(key);
      }
      return Body;
    },
    async put(key, content) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ContentMD5: md5(content) }));
    },
    openUpload: (key, plan) => openS3Upload(client, { Bucket: bucket, Key: key }, plan),
    list: (prefix) => listAll(client, bucket, prefix),
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}

/** The checksum of a request's content as the store compares it: MD5 in base 64. */
export function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('base64');
}

async function createClient(): Promise<S3Client> {
  // Its warning about coming versions of Node is for us, not for whoever pushes a file.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const isOther = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) !== undefined;
  const settings = {
    // Other stores seldom know the newer checksums; each part carries its MD5 instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: isOther,
    followRegionRedirects: true,
    maxAttempts: 5,
  } as const;
  const client = new S3Client(settings);
  try {
    await client.config.region();
    return client;
  } catch {
    // No region is set: stores other than Amazon's have none, and Amazon's answers where the bucket is.
    return new S3Client({ ...settings, region: 'us-east-1' });
  }
}

function factsOf(size = 0, etag = '', modifiedAt = new Date(0)): ObjectFacts {
  return { size, etag, modifiedAt };
}

async function* listAll(client: S3Client, bucket: string, prefix: string) {
  let token: string | undefined;
  do {
    const asked = { Bucket: bucket, Prefix: prefix, ContinuationToken: token };
    const { Contents = [], NextContinuationToken } = await client.send(new ListObjectsV2Command(asked));
    for (const { Key = '', Size, ETag, LastModified } of Contents) {
      yield { key: Key, ...factsOf(Size, ETag, LastModified) };
    }
    token = NextContinuationToken;
  } while (token !== undefined);
}
