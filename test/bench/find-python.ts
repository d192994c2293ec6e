import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * The first Python that has these packages, of those that `LLMOPS_BENCH_PYTHON` names (several like in PATH), then python3;
 * undefined where none has.
 */
export async function findPython(...packages: readonly string[]): Promise<string | undefined> {
  const named = (process.env.LLMOPS_BENCH_PYTHON ?? '').split(path.delimiter).filter(Boolean);
  for (const python of [...named, 'python3']) {
    const hasAll = await execute(python, ['-c', `import ${packages.join(', ')}`]).then(
      () => true,
      () => false,
    );
    if (hasAll) return python;
  }
  return undefined;
}
