import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Gives this process and those it starts one folder for temporary files.
 * @returns what removes it, with everything that tests left there
 */
export function useTemporaryFolder(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops-tests-'));
  // `os.tmpdir()` reads the second one on Windows.
  process.env.TMPDIR = folder;
  process.env.TEMP = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
