import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const module = 'llmops_papermill';
const version = '0.1.0';
const metadataFolder = `${module}-${version}.dist-info`;

/**
 * Papermill writes parameters only in languages that it was taught. This puts a module and its entry point beside the
 * papermill of a Python environment; false when the environment has none. `dist`: where the built module lies.
 */
export function teachPapermill(python: string, dist: string): boolean {
  const packages = packagesWithPapermill(python);
  if (packages === undefined) return false;
  const metadata = path.join(packages, metadataFolder);
  mkdirSync(metadata, { recursive: true });
  copyFileSync(path.join(dist, 'papermill', `${module}.py`), path.join(packages, `${module}.py`));
  const files = {
    METADATA: `Metadata-Version: 2.1\nName: ${module.replace('_', '-')}\nVersion: ${version}\n`,
    'entry_points.txt': `[papermill.engine]\nllmops = ${module}:Engine\n`,
    INSTALLER: 'llmops\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(metadata, name), text);
  const names = [`${module}.py`, ...[...Object.keys(files), 'RECORD'].map((name) => `${metadataFolder}/${name}`)];
  writeFileSync(path.join(metadata, 'RECORD'), names.map((name) => `${name},,\n`).join(''));
  return true;
}

/** Takes the module away again, if it is there. */
export function forgetPapermill(python: string): void {
  const packages = packagesWithPapermill(python);
  if (packages === undefined || !existsSync(path.join(packages, metadataFolder))) return;
  rmSync(path.join(packages, metadataFolder), { recursive: true });
  rmSync(path.join(packages, `${module}.py`), { force: true });
}

/** The environment's folder of packages, when papermill is in the environment. */
function packagesWithPapermill(python: string): string | undefined {
  const script = [
    'import importlib.util, sysconfig',
    'print(sysconfig.get_path("purelib") if importlib.util.find_spec("papermill") else "")',
  ];
  return execFileSync(python, ['-c', script.join('\n')], { encoding: 'utf8' }).trim() || undefined;
}
