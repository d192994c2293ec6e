import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';
import { hasHeartbeat } from '../heartbeat.ts';
import { jobFile, readAttempt } from '../job-folder.ts';
import type { Executor, ExecutorState } from './executor.ts';
import { askRay, type RayAnswer } from './ray-client.ts';
import { rayJob, rayRequest, stateOf, withdrawnFile } from './ray-job.ts';
import { rayServer } from './ray-server.ts';
import { recentStates } from './recent-states.ts';
import { workerProgram } from './worker-program.ts';

const executorFile = z.object({ rayJob: z.string(), server: z.string() });
type Submission = z.output<typeof executorFile>;

/**
 * A Ray cluster that shares the repository's file system, by its Jobs API. Ray runs a job once: what crashes is started
 * again by its supervisor (`retry`) or by whoever resumes it. What Ray has forgotten, the job folder still knows.
 */
export const ray: Executor = {
  name: 'ray',
  async start(jobFolder, spec, distFolder) {
    const worker = workerProgram(distFolder);
    const server = await rayServer(spec.folder);
    // One name for each attempt: however often it is submitted, Ray takes it once.
    const submission = `llmops-${spec.id}-${await readAttempt(jobFolder)}`;
    await keepSubmission(jobFolder, { rayJob: submission, server });
    const body = rayRequest(spec, { submission, jobFolder, node: process.execPath, worker });
    const answer = await askRay(server, 'POST', '', { body, limitMs: 60_000 });
    const problem = await whyNotTaken(server, submission, answer);
    if (problem === undefined) return;
    await rm(path.join(jobFolder, jobFile.executor), { force: true });
    throw notSubmitted(server, problem);
  },
  state: (jobFolder) => states.of(jobFolder),
  async stop(jobFolder) {
    const submission = await submissionOf(jobFolder);
    if (submission === undefined) return;
    // Ray stops a job that waits only once it has started, and kills one that does not stop by itself.
    await withdraw(jobFolder, submission.rayJob);
    await askRay(submission.server, 'POST', `${submission.rayJob}/stop`);
    states.forget(jobFolder);
  },
};

const states = recentStates(1_000, askState);

/** Undefined when Ray has the job, or may have it: then its state tells. */
async function whyNotTaken(server: string, submission: string, answer: RayAnswer): Promise<string | undefined> {
  if ('answer' in answer) return undefined;
  if ('unreachable' in answer) return answer.unsent ? `it does not answer (${answer.unreachable})` : undefined;
  // An earlier try may have reached it.
  const known = await askRay(server, 'GET', submission);
  return 'refused' in known ? refusal(answer) : undefined;
}

async function askState(jobFolder: string): Promise<ExecutorState> {
  const submission = await submissionOf(jobFolder);
  if (submission === undefined) return { state: 'gone', reason: 'it was never given to Ray' };
  const { rayJob: name, server } = submission;
  // Looked at before Ray is asked: what waits after that will not start.
  const isWithdrawn = existsSync(path.join(jobFolder, withdrawnFile(name)));
  const answer = await askRay(server, 'GET', name);
  if ('unreachable' in answer)
    return { state: 'unknown', reason: `Ray does not answer at ${server}: ${answer.unreachable}` };
  if ('refused' in answer) {
    if (answer.status !== 404)
      return { state: 'unknown', reason: `Ray does not tell at ${server}: ${refusal(answer)}` };
    if (hasHeartbeat(jobFolder)) return { state: 'running' };
    // Should it still be on its way to Ray: told as gone, it may be run again, and must not start beside that.
    await withdraw(jobFolder, name);
    return { state: 'gone', reason: `Ray does not know job ${name}: it was started anew since, or never took it` };
  }
  const job = rayJob.safeParse(answer.answer);
  if (!job.success) return { state: 'unknown', reason: `${server} answers, but not as Ray’s Jobs API does` };
  if (isWithdrawn && job.data.status === 'PENDING')
    return { state: 'gone', reason: 'it was cancelled while it waited' };
  return stateOf(name, job.data);
}

function withdraw(jobFolder: string, submission: string): Promise<void> {
  return writeFile(path.join(jobFolder, withdrawnFile(submission)), '');
}

async function keepSubmission(jobFolder: string, submission: Submission): Promise<void> {
  states.forget(jobFolder);
  await writeFileAtomic(path.join(jobFolder, jobFile.executor), JSON.stringify(submission));
}

async function submissionOf(jobFolder: string): Promise<Submission | undefined> {
  const text = await readFile(path.join(jobFolder, jobFile.executor), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : executorFile.parse(JSON.parse(text));
}

function refusal({ refused, status }: Extract<RayAnswer, { refused: string }>): string {
  if (status !== 401 && status !== 403) return refused;
  return `${refused}; set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, or RAY_JOB_HEADERS`;
}

function notSubmitted(server: string, problem: string): UserError {
  return new UserError(
    `Ray at ${server} did not take the job: ${problem}. Its address is RAY_API_SERVER_ADDRESS, or "ray": { "address" } in llmops/jobs.json.`,
    { offending: 'ray' },
  );
}
