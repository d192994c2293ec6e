import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../../magics/errors.ts';
import type { JobContext } from '../../../magics/jobs/protocol.ts';
import { runWorker } from '../../../magics/jobs/worker-main.ts';

/** What the tests ask of their worker. */
export type TestPayload =
  | 'succeed'
  | 'fail'
  | 'crash'
  | 'hang'
  | 'stop'
  | 'stubborn'
  | 'stall'
  | 'where'
  | 'greedy'
  | 'die once'
  | 'die';

async function work({ spec, emit, signal, attempt }: JobContext): Promise<unknown> {
  for (let step = 1; step <= 3; step++)
    emit({ type: 'progress', phase: 'testing', step, steps: 3, figures: { loss: NaN } });
  switch (spec.payload as TestPayload) {
    case 'succeed':
      await sleep(200);
      return { attempt };
    case 'where':
      return {
        gpus: process.env.CUDA_VISIBLE_DEVICES,
        node: process.env.SLURMD_NODENAME,
        cores: availableParallelism(),
      };
    case 'fail':
      throw new UserError('The column "txt" does not exist.');
    case 'crash':
      setTimeout(() => {
        throw new TypeError('deep inside');
      }, 20);
      return sleep(10_000);
    case 'stop':
      await sleep(600_000, undefined, { signal });
      return undefined;
    case 'stubborn':
      for (;;) await sleep(1000);
    case 'stall':
      return new Promise(() => setTimeout(() => {}, 20));
    case 'greedy': {
      const kept: Buffer[] = [];
      for (;;) {
        kept.push(Buffer.alloc(20_000_000, 1));
        await sleep(20);
      }
    }
    case 'die once':
      if (attempt === 1) process.kill(process.pid, 'SIGKILL');
      return { attempt };
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return undefined;
    case 'hang':
      return sleep(attempt > 1 ? 100 : 600_000, { attempt });
  }
}

process.exit(await runWorker(process.argv[2]!, { eval: async () => work, finetune: async () => work }));
