import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findPython } from './find-python.ts';

const execute = promisify(execFile);

/** What MLflow does on SQLite with as many versions as were asked for. */
const rates = z.object({ commitMs: z.number(), perSecond: z.number(), listMs: z.number(), showMs: z.number() });

/** Measures MLflow; undefined where no Python has it. */
export async function mlflowRates(count: number): Promise<z.output<typeof rates> | undefined> {
  const python = await findPython('mlflow', 'sqlalchemy');
  if (python === undefined) return undefined;
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' };
  const { stdout } = await execute(python, [path.resolve('test/bench/mlflow_rates.py'), String(count)], { env });
  return rates.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
}
