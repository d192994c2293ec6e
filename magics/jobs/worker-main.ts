import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isUserError } from '../errors.ts';
import { type EnergyMeter, startEnergyMeter } from './energy.ts';
import { kindUnknown } from './errors.ts';
import { createEventWriter, type EventWriter, readEvents } from './events.ts';
import { readFinishedStatus } from './finished-status.ts';
import { startHeartbeat } from './heartbeat.ts';
import { jobFile, nextAttempt, readAttempt, readSpec } from './job-folder.ts';
import { listenForCancel } from './listen-for-cancel.ts';
import type { JobHandler, JobSpec, JobStatus, NewJobEvent } from './protocol.ts';
import { runHere } from './run-here.ts';
import { executorName, isStoppedByExecutor, stopMessage } from './stopped-by-executor.ts';
import { hasLimits, isSupervised, supervise } from './supervise.ts';

type Heartbeat = ReturnType<typeof startHeartbeat>;
type Finished = Extract<NewJobEvent, { type: 'finished' }>;
type Handlers = Partial<Record<JobSpec['kind'], () => Promise<JobHandler>>>;

/**
 * Does a job's work and writes its events; whatever happens short of SIGKILL, the last one is `finished`.
 * SIGTERM, SIGINT and the file `cancel` abort the handler's signal. On this machine the job waits for its slot first.
 */
export async function runJob(jobFolder: string, handlers: Handlers): Promise<JobStatus> {
  const spec = await readSpec(jobFolder);
  if (spec === undefined) throw new Error(`${jobFolder} has no ${jobFile.spec}`);
  const doWork = () => workOn(jobFolder, spec, handlers);
  if (isSupervised()) {
    dieWithSupervisor();
    return doWork();
  }
  const executor = executorName(spec);
  if (executor === 'local') return runHere(jobFolder, spec, doWork);
  const finished = executor === 'kubeflow' ? await readFinishedStatus(jobFolder) : undefined;
  if (finished !== undefined) return finished;
  // Slurm itself holds its jobs to their limits; the others do not.
  return executor !== 'slurm' && hasLimits(spec) ? supervise(jobFolder, spec) : doWork();
}

/** Does the same, for a process whose exit code tells of it: Kubernetes starts again what fails, and this would fail again. */
export async function runWorker(jobFolder: string, handlers: Handlers): Promise<number> {
  const status = await runJob(jobFolder, handlers);
  const spec = await readSpec(jobFolder);
  return status === 'failed' && !(spec !== undefined && executorName(spec) === 'kubeflow') ? 1 : 0;
}

async function workOn(jobFolder: string, spec: JobSpec, handlers: Handlers): Promise<JobStatus> {
  const attempt = (await wasRequeued(jobFolder, spec))
    ? await nextAttempt(jobFolder)
    : Math.max(1, await readAttempt(jobFolder));
  const events = createEventWriter(jobFolder);
  const heartbeat = startHeartbeat(jobFolder);
  const cancellation = listenForCancel(jobFolder);
  const meter = startEnergyMeter();
  const finish = finishOnce(jobFolder, events, { heartbeat, meter });
  process.once('uncaughtException', (error) => {
    console.error(error);
    finish(failure(error));
    process.exit(1);
  });
  process.once('exit', () => finish(failure(new Error('The worker ran out of work before the job was done.'))));

  events.append({ type: 'started', pid: process.pid, host: os.hostname(), device: spec.device, attempt });
  const { signal } = cancellation;
  const emit = (event: NewJobEvent) => events.append(event);
  const end = await work(handlers[spec.kind], { spec, jobFolder, attempt, emit, signal });
  if (end.status === 'cancelled' && (await isStoppedByExecutor(jobFolder, spec)) && !isSupervised())
    return stoppedByExecutor(events, heartbeat);
  finish(end);
  // Not before: a second signal would end the process with its end untold.
  cancellation.close();
  return end.status;
}

/** A worker whose supervisor was killed ends too: whoever resumes the job must be alone with it. */
function dieWithSupervisor(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

/** Slurm and Kubernetes start the same job again after its node has failed or it was preempted. */
async function wasRequeued(jobFolder: string, spec: JobSpec): Promise<boolean> {
  const executor = executorName(spec);
  if (executor === 'slurm') return Number(process.env.SLURM_RESTART_COUNT ?? 0) > 0;
  if (executor !== 'kubeflow') return false;
  const attempt = await readAttempt(jobFolder);
  return (await readEvents(jobFolder)).some((event) => event.type === 'started' && event.attempt === attempt);
}

/** There is no `finished` then: a requeued job goes on in its next attempt, and of another the executor says why it ended. */
function stoppedByExecutor(events: EventWriter, heartbeat: Heartbeat): never {
  events.append(stopMessage);
  events.close();
  heartbeat.stop();
  process.removeAllListeners('exit');
  process.exit(143);
}

async function work(
  load: (() => Promise<JobHandler>) | undefined,
  context: Parameters<JobHandler>[0],
): Promise<Finished> {
  try {
    if (load === undefined) throw kindUnknown(context.spec.kind);
    const result = toJson(await (await load())(context));
    return { type: 'finished', status: context.signal.aborted ? 'cancelled' : 'succeeded', result };
  } catch (error) {
    if (context.signal.aborted) return { type: 'finished', status: 'cancelled' };
    if (!isUserError(error)) console.error(error);
    return failure(error);
  }
}

function failure(error: unknown): Finished {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    type: 'finished',
    status: 'failed',
    error: { name, message, stack: isUserError(error) ? undefined : stack },
  };
}

/** A supervised worker tells its supervisor how it ended, who decides whether the job has. */
function finishOnce(
  jobFolder: string,
  events: EventWriter,
  { heartbeat, meter }: { heartbeat: Heartbeat; meter: EnergyMeter },
): (event: Finished) => void {
  let isFinished = false;
  return (end) => {
    if (isFinished) return;
    isFinished = true;
    const event: Finished = { ...end, energyJoules: meter.read() };
    meter.close();
    if (isSupervised()) writeFileSync(path.join(jobFolder, jobFile.end), JSON.stringify(event));
    else events.append(event);
    events.close();
    heartbeat.stop();
  };
}

function toJson(value: unknown): Finished['result'] {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Finished['result']);
}
