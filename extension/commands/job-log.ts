import { open } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { openJob } from '../../magics/jobs/index.ts';
import { jobFile } from '../../magics/jobs/job-folder.ts';

const pollMs = 500;

/** Shows a job's log in an output channel of its own and follows it while the job lives. */
export async function followLog(folder: string, id: string): Promise<void> {
  const job = await openJob(folder, id);
  const name = `LLMOps: ${job.spec.title}`;
  const channel = vscode.window.createOutputChannel(name);
  channel.show(true);
  let offset = 0;
  const append = async () => {
    const text = await readFrom(path.join(job.folder, jobFile.log), offset);
    offset += text.length;
    channel.append(text.toString('utf8'));
  };
  await append();
  if (offset === 0) channel.appendLine('The worker has written nothing yet.');
  for (let status = await job.status(); status === 'running' || status === 'queued'; status = await job.status()) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    await append();
  }
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - offset)), 0, undefined, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
