import { setTimeout as sleep } from 'node:timers/promises';
import { askSlurm, type SlurmAnswer } from './slurm-client.ts';

/** What the controller knows of a job; `known` is absent when it has forgotten it. */
export type QueueAnswer =
  | { readonly known?: { readonly name: string; readonly reason?: string; readonly startedAtMs: number } }
  | { readonly unreachable: string };

/** Whoever asks within this time shares one question: the controller serves a whole cluster. */
const gatherMs = 50;
let gathering: { jobs: Set<string>; answer: Promise<SlurmAnswer> } | undefined;

/** State, reason and start (0 when unknown) of a job (`12`, or `12_3` in an array), by Slurm's words. Source: squeue(1). */
export async function askQueue(job: string): Promise<QueueAnswer> {
  gathering ??= gather();
  gathering.jobs.add(job);
  const answer = await gathering.answer;
  if ('unreachable' in answer) return answer;
  // A question for one job alone that is forgotten is refused: an invalid job id.
  const lines = 'refused' in answer ? [] : answer.output.split('\n').map((line) => line.split('|'));
  const [, name, reason, start = ''] = lines.find(([id]) => id === job) ?? [];
  return name === undefined ? {} : { known: { name, reason, startedAtMs: Date.parse(start) || 0 } };
}

function gather(): NonNullable<typeof gathering> {
  const jobs = new Set<string>();
  return { jobs, answer: ask(jobs) };
}

async function ask(jobs: ReadonlySet<string>): Promise<SlurmAnswer> {
  await sleep(gatherMs);
  gathering = undefined;
  const options = ['--noheader', '--array', '--states=all', '--format=%i|%T|%r|%S'];
  return askSlurm('squeue', [...options, `--jobs=${[...jobs].join(',')}`]);
}
