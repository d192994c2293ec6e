import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { suggestion } from '../../magics/errors.ts';
import { findRepository } from '../../magics/governance/repository.ts';
import { type Job, listJobs, openJob, resumeJob } from '../../magics/jobs/index.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { followOnTerminal } from './follow-on-terminal.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime, textTable } from './text-table.ts';

const verbs: Record<string, (args: readonly string[], folder: string, io: CommandIo) => Promise<number>> = {
  list: listVerb,
  logs: withJob(printLog),
  attach: withJob((job, io) => followOnTerminal(job, io)),
  cancel: withJob(cancelVerb),
  resume: withJob(async (job, io, folder) => followOnTerminal(await resumeJob(folder, job.id, io.distFolder), io)),
};

/** `llmops jobs`: what runs in the background, and what can be done about it. */
export const jobs: Command = {
  summary: 'List, follow, cancel and resume background jobs',
  help: [
    'Usage: llmops jobs [list] [--json]',
    '       llmops jobs logs ID      what the worker printed',
    '       llmops jobs attach ID    follow its progress until it ends; Ctrl+C leaves it running',
    '       llmops jobs cancel ID    stop it; what it saved stays',
    '       llmops jobs resume ID    start a failed, cancelled or lost job from its last checkpoint',
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
  const list = await Promise.all((await listJobs(folder)).map(async (job) => ({ job, status: await job.status() })));
  if (values.json) {
    const plain = list.map(({ job: { id, spec, folder: jobFolder }, status }) => ({
      id,
      kind: spec.kind,
      title: spec.title,
      status,
      createdAt: spec.createdAt,
      folder: jobFolder,
    }));
    io.stdout(`${JSON.stringify(plain, null, 2)}\n`);
  } else if (list.length === 0) io.stdout('No jobs yet. %finetune and %eval start them.\n');
  else {
    const rows = list.map(({ job, status }) => [job.id, status, shortTime(job.spec.createdAt), job.spec.title]);
    io.stdout(textTable(['job', 'status', 'created', 'title'], rows));
  }
  return 0;
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
  io.stdout(before === 'running' ? `Cancelled ${job.id}.\n` : `${job.id} was not running: it is ${before}.\n`);
  return 0;
}
