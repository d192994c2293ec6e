import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Longer than this, and its rows are left out. */
const timeoutMs = 300_000;

/** Tokens per second. */
export interface TorchRates {
  lora: number;
  full: number;
  decode: number;
}

/** The same training step and greedy decoding in PyTorch; undefined where no Python has it, or it takes too long. */
export async function torchRates(options: object): Promise<TorchRates | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const hasTorch = await execute(python, ['-c', 'import torch']).then(
      () => true,
      () => false,
    );
    if (!hasTorch) continue;
    const script = path.resolve('test/bench/torch_rates.py');
    const run = execute(python, [script, JSON.stringify(options)], { timeout: timeoutMs });
    return run.then(
      ({ stdout }) => JSON.parse(stdout) as TorchRates,
      (error: { killed?: boolean }) => {
        if (error.killed === true) return undefined;
        throw error;
      },
    );
  }
  return undefined;
}
