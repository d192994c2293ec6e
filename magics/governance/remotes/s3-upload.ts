import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { type PartPlan, type PartUpload, partSize } from './bucket.ts';
import { md5 } from './s3-bucket.ts';

interface Place {
  Bucket: string;
  Key: string;
}

const headSchema = z.object({ uploadId: z.string(), partBytes: z.int() });
const partSchema = z.object({ part: z.int(), etag: z.string() });

/**
 * A multi-part upload. Which parts have arrived is kept in the plan's notes, one line each, because not every store
 * that speaks S3 can list them; notes on an upload that the store has forgotten are thrown away and it begins anew.
 */
export async function openS3Upload(client: S3Client, place: Place, plan: PartPlan): Promise<PartUpload> {
  const noted = await readNotes(plan);
  const uploadId = noted?.uploadId ?? (await begin(client, place, plan));
  const parts = noted?.parts ?? new Map<number, string>();
  const orForgotten = async (error: unknown): Promise<never> => {
    if ((error as { name?: string }).name === 'NoSuchUpload') await rm(plan.notes, { force: true });
    throw error;
  };
  return {
    has: (part) => parts.has(part),
    async send(part, content, signal) {
      if (content.length !== partSize(plan, part)) throw new Error(`Part ${part} has ${content.length} bytes`);
      const numbered = { ...place, UploadId: uploadId, PartNumber: part + 1 };
      const command = new UploadPartCommand({ ...numbered, Body: content, ContentMD5: md5(content) });
      const { ETag: etag = '' } = await client.send(command, { abortSignal: signal }).catch(orForgotten);
      await appendFile(plan.notes, `${JSON.stringify({ part, etag })}\n`);
      parts.set(part, etag);
    },
    async complete() {
      const ordered = [...parts].sort(([a], [b]) => a - b);
      const Parts = ordered.map(([part, ETag]) => ({ PartNumber: part + 1, ETag }));
      const whole = { ...place, UploadId: uploadId, MultipartUpload: { Parts } };
      await client.send(new CompleteMultipartUploadCommand(whole)).catch(orForgotten);
      await rm(plan.notes, { force: true });
    },
  };
}

async function begin(client: S3Client, place: Place, { notes, partBytes }: PartPlan): Promise<string> {
  const { UploadId: uploadId } = await client.send(new CreateMultipartUploadCommand(place));
  if (uploadId === undefined) throw new Error('S3 gave no id for the upload');
  await mkdir(path.dirname(notes), { recursive: true });
  await writeFile(notes, `${JSON.stringify({ uploadId, partBytes })}\n`);
  return uploadId;
}

/** What an interrupted upload has noted; undefined where there is none, or where it was cut into other parts. */
async function readNotes(plan: PartPlan): Promise<{ uploadId: string; parts: Map<number, string> } | undefined> {
  const text = await readFile(plan.notes, 'utf8').catch(() => '');
  const [first = '', ...lines] = text.split('\n').slice(0, -1);
  const head = headSchema.safeParse(parseLine(first));
  if (!head.success || head.data.partBytes !== plan.partBytes) return undefined;
  const parts = lines.flatMap((line) => {
    const { data } = partSchema.safeParse(parseLine(line));
    return data === undefined ? [] : [[data.part, data.etag] as const];
  });
  return { uploadId: head.data.uploadId, parts: new Map(parts) };
}

/** Undefined for a line that was torn when its writer was killed. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
