import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Bucket } from '../../magics/governance/remotes/bucket.ts';
import { openBucket } from '../../magics/governance/remotes/open-bucket.ts';
import { azureConnection, type Emulator, s3Key, startAzure, startS3 } from './emulators.ts';
import { openWire, type Wire } from './proxy.ts';

/** An emulated store behind a wire that counts and can be cut; the environment's credentials are its own. */
export interface Store {
  readonly scheme: 's3' | 'az';
  readonly wire: Wire;
  readonly bucket: Bucket;
  /** A prefix that nothing is below yet, as a URL. */
  freshUrl(): string;
  stop(): Promise<void>;
}

/** Starts one of the emulators and points the environment at it. */
export async function startStore(scheme: Store['scheme']): Promise<Store> {
  const emulator = await (scheme === 's3' ? startS3() : startAzure());
  const wire = await openWire(emulator.port);
  await (scheme === 's3' ? useS3(wire.port) : useAzure(wire.port));
  return {
    scheme,
    wire,
    bucket: await openBucket({ scheme, bucket: 'weights', path: '' }),
    freshUrl: () => `${scheme}://weights/${randomUUID()}`,
    stop: () => stop(emulator, wire),
  };
}

function useS3(port: number): void {
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
  process.env.AWS_ACCESS_KEY_ID = s3Key.id;
  process.env.AWS_SECRET_ACCESS_KEY = s3Key.secret;
}

async function useAzure(port: number): Promise<void> {
  process.env.AZURE_STORAGE_CONNECTION_STRING = azureConnection(port);
  await BlobServiceClient.fromConnectionString(azureConnection(port)).createContainer('weights');
}

async function stop(emulator: Emulator, wire: Wire): Promise<void> {
  await wire.close();
  await emulator.stop();
}
