import { existsSync } from 'node:fs';
import path from 'node:path';
import { workerMissing } from '../errors.ts';

/** The program that works on a job folder. A UserError says when it is not built. */
export function workerProgram(distFolder: string): string {
  const program = path.join(distFolder, 'worker.js');
  if (!existsSync(program)) throw workerMissing(program);
  return program;
}
