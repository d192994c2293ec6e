import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { suggestion } from '../../magics/errors.ts';
import { findRepository } from '../../magics/governance/repository.ts';
import { formatCost, type Job, listJobs, openJob, resumeJob } from '../../magics/jobs/index.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { followOnTerminal } from './follow-on-terminal.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime, textTable } from './text-table.ts';

const verbs: Record<string, (args: readonly string[], folder: string, io: CommandIo) => Promise<number>> = {
  list: listVerb,
  logs: withJob(printLog),
  attach: withJob((job, io) => followOnTerminal(job, io)),
  cancel: withJob(cancelVerb),
  resume: resumeVerb,
};

/** `llmops jobs`: what runs in the background, and what can be done about it. */
export const jobs: Command = {
  summary: 'List, follow, cancel and resume background jobs',
  help: [
    'Usage: llmops jobs [list] [--json]',
    '       llmops jobs logs ID      what the worker printed',
    '       llmops jobs attach ID    follow its progress until it ends; Ctrl+C leaves it running',
    '       llmops jobs cancel ID    stop it; what it saved stays',
    '       llmops jobs resume ID    start a failed, cancelled or lost job from its last checkpoint (--detach: do not follow it)',
  ].join('\n'),
  async run(args, io) {
    const [first = 'list', ...rest] = args;
    const [name, options] = first.startsWith('--') ? ['list', args] : [first, rest];
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined)
      throw new UsageError(`there is no "${name}".${suggestion(name, Object.keys(verbs), 'Verbs')}`);
    return verb(options, (await findRepository(io.folder)).folder, io);
  },
};

async function listVerb(args: readonly string[], folder: string, io: CommandIo): Promise<number> {
  const { values } = parseArguments(args, { json: { type: 'boolean' } });
  const list = await Promise.all((await listJobs(folder)).map(describe));
  if (values.json) {
    const plain = list.map(({ job: { id, spec, folder: jobFolder }, status, waiting, cost }) => ({
      id,
      kind: spec.kind,
      title: spec.title,
      status,
      waiting,
      cost,
      createdAt: spec.createdAt,
      folder: jobFolder,
    }));
    io.stdout(`${JSON.stringify(plain, null, 2)}\n`);
  } else if (list.length === 0) io.stdout('No jobs yet. %finetune and %eval start them.\n');
  else {
    const hasCosts = list.some(({ cost }) => cost !== undefined);
    const rows = list.map(({ job, status, waiting, cost }) => [
      job.id,
      waiting ?? status,
      ...(hasCosts ? [cost === undefined ? '' : formatCost(cost)] : []),
      shortTime(job.spec.createdAt),
      job.spec.title,
    ]);
    io.stdout(textTable(['job', 'status', ...(hasCosts ? ['cost'] : []), 'created', 'title'], rows));
  }
  return 0;
}

/** What is listed of a job; `waiting` says what a queued one waits for, and when nobody knows how a running one does. */
async function describe(job: Job) {
  const status = await job.status();
  const waiting = status === 'queued' || status === 'running' ? await job.waiting() : undefined;
  return { job, status, waiting, cost: await job.cost() };
}

function withJob(work: (job: Job, io: CommandIo, folder: string) => Promise<number>) {
  return async (args: readonly string[], folder: string, io: CommandIo) => {
    const { positionals } = parseArguments(args, {}, { min: 1, max: 1 });
    return work(await openJob(folder, positionals[0]!), io, folder);
  };
}

async function printLog(job: Job, io: CommandIo): Promise<number> {
  const file = path.join(job.folder, 'log.txt');
  if (existsSync(file)) for await (const text of createReadStream(file, 'utf8')) io.stdout(String(text));
  return 0;
}

async function cancelVerb(job: Job, io: CommandIo): Promise<number> {
  const before = await job.status();
  await job.cancel();
  io.stdout(
    before === 'running' || before === 'queued'
      ? `Cancelled ${job.id}.\n`
      : `${job.id} was not running: it is ${before}.\n`,
  );
  return 0;
}

async function resumeVerb(args: readonly string[], folder: string, io: CommandIo): Promise<number> {
  const { positionals, values } = parseArguments(args, { detach: { type: 'boolean' } }, { min: 1, max: 1 });
  const job = await resumeJob(folder, positionals[0]!, io.distFolder);
  if (values.detach !== true) return followOnTerminal(job, io);
  io.stdout(`Started ${job.id} again. Follow it with: llmops jobs attach ${job.id}\n`);
  return 0;
}
