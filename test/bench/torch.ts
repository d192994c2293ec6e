import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TrainingJob, TrainingRate } from './training.bench.ts';

const execute = promisify(execFile);

/** The same training with Transformers and PEFT on PyTorch, in a process of its own. */
export async function torchRate(python: string, job: TrainingJob): Promise<TrainingRate> {
  const script = path.resolve('test/bench/torch_rates.py');
  const { stdout } = await execute(python, [script, JSON.stringify(job)]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as TrainingRate;
}

/** Whether this Python's PyTorch can use the machine's graphics device. */
export async function hasAccelerator(python: string): Promise<boolean> {
  const { stdout } = await execute(python, ['-c', 'import torch; print(torch.accelerator.is_available())']);
  return stdout.trim() === 'True';
}
