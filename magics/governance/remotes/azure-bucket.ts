import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { type Bucket, type PartPlan, type PartUpload, partCount, partSize } from './bucket.ts';
import { azureCredentialsMissing } from './remote-errors.ts';

/** A container of Azure Blob Storage; account and credentials come from the variables that Azure's own tools read. */
export function createAzureBucket(name: string): Bucket {
  const container = createService().getContainerClient(name);
  return {
    async stat(key) {
      try {
        const found = await container.getBlobClient(key).getProperties();
        return factsOf(found.contentLength, found.etag, found.lastModified);
      } catch (error) {
        if (isMissingBlob(error)) return undefined;
        throw error;
      }
    },
    async read(key, { start, end, etag }, signal) {
      const options = { abortSignal: signal, conditions: { ifMatch: etag } };
      const { readableStreamBody } = await container.getBlobClient(key).download(start, end - start, options);
      if (!(readableStreamBody instanceof Readable)) throw new Error(`Azure gave no body for ${key}`);
      return readableStreamBody;
    },
    async put(key, content) {
      await container.getBlockBlobClient(key).upload(content, content.length);
    },
    openUpload: (key, plan) => openUpload(container.getBlockBlobClient(key), plan),
    list: (prefix) => listAll(container, prefix),
    async remove(key) {
      await container.deleteBlob(key);
    },
  };
}

/** Without waiting for long: what failed in between is continued by the next run. */
const pipeline: StoragePipelineOptions = {
  retryOptions: { maxTries: 5, retryDelayInMs: 200, maxRetryDelayInMs: 4000 },
};

function createService(): BlobServiceClient {
  const { AZURE_STORAGE_CONNECTION_STRING: connection, AZURE_STORAGE_ACCOUNT: account } = process.env;
  const { AZURE_STORAGE_KEY: key, AZURE_STORAGE_SAS_TOKEN: token } = process.env;
  if (connection !== undefined) return BlobServiceClient.fromConnectionString(connection, pipeline);
  if (account === undefined) throw azureCredentialsMissing();
  const url = `https://${account}.blob.core.windows.net`;
  if (key !== undefined) return new BlobServiceClient(url, new StorageSharedKeyCredential(account, key), pipeline);
  if (token === undefined) throw azureCredentialsMissing();
  return new BlobServiceClient(`${url}?${token.replace(/^\?/, '')}`, undefined, pipeline);
}

/** HEAD has no body: some stores name no code then. */
function isMissingBlob(error: unknown): boolean {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  return statusCode === 404 && code !== 'ContainerNotFound';
}

function factsOf(size = 0, etag = '', modifiedAt = new Date(0)) {
  return { size, etag, modifiedAt };
}

async function* listAll(container: ContainerClient, prefix: string) {
  for await (const { name, properties } of container.listBlobsFlat({ prefix })) {
    yield { key: name, ...factsOf(properties.contentLength, properties.etag, properties.lastModified) };
  }
}

/** Blocks that were sent and not yet made a blob are kept by the store for a week, and it tells which. */
async function openUpload(blob: BlockBlobClient, plan: PartPlan): Promise<PartUpload> {
  const idOf = (part: number) => blockId(plan.partBytes, part);
  const sent = new Map((await uncommitted(blob)).map((block) => [block.name, block.size]));
  const has = (part: number) => sent.get(idOf(part)) === partSize(plan, part);
  return {
    has,
    async send(part, content, signal) {
      const checksum = createHash('md5').update(content).digest();
      const options = { transactionalContentMD5: checksum, abortSignal: signal };
      await blob.stageBlock(idOf(part), content, content.length, options);
      sent.set(idOf(part), content.length);
    },
    async complete() {
      await blob.commitBlockList(Array.from({ length: partCount(plan) }, (_, part) => idOf(part)));
    },
  };
}

async function uncommitted(blob: BlockBlobClient): Promise<{ name: string; size: number }[]> {
  try {
    return (await blob.getBlockList('uncommitted')).uncommittedBlocks ?? [];
  } catch (error) {
    if (isMissingBlob(error)) return [];
    throw error;
  }
}

/** Ids of one blob must have one length; the size of parts is in it, so that blocks of another cut are not taken. */
function blockId(partBytes: number, part: number): string {
  return Buffer.from(`${String(partBytes).padStart(12, '0')}-${String(part).padStart(6, '0')}`).toString('base64');
}
