import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Tokens per second. */
export interface TorchRates {
  lora: number;
  full: number;
  decode: number;
}

/** The same training step and greedy decoding in PyTorch; undefined where no Python has it. */
export async function torchRates(options: object): Promise<TorchRates | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const hasTorch = await execute(python, ['-c', 'import torch']).then(
      () => true,
      () => false,
    );
    if (!hasTorch) continue;
    const script = fileURLToPath(new URL('torch_rates.py', import.meta.url));
    const { stdout } = await execute(python, [script, JSON.stringify(options)]);
    return JSON.parse(stdout) as TorchRates;
  }
  return undefined;
}
