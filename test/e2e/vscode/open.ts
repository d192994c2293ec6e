import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { installVscodeWeb, whyNoVscodeWeb } from './install.ts';
import { serveVscode } from './serve.ts';

/**
 * npm run vscode [-- FOLDER]: the quickstart in desktop VS Code, or in VS Code's web build where `code` is not on the PATH.
 * FOLDER is where the quickstart lies, or is made: `quickstart` by default.
 */
const folder = path.resolve(process.argv[2] ?? 'quickstart');
const notebook = path.join(folder, 'quickstart.ipynb');
const node = (...args: string[]) => execFileSync(process.execPath, args, { stdio: 'inherit' });
node('sample-notebooks/run-quickstart.mjs', '--prepare', '--workspace', folder);

const isWindows = process.platform === 'win32';
const desktop = spawnSync('code', ['--version'], { shell: isWindows });
const whyNot = whyNoVscodeWeb();
if (desktop.status === 0) {
  const args = ['--new-window', `--extensionDevelopmentPath=${process.cwd()}`, folder, notebook];
  spawnSync('code', args, { stdio: 'inherit', shell: isWindows });
} else if (whyNot === undefined) await serve();
else {
  process.stdout.write(`There is no "code" on the PATH, and ${whyNot}. Install VS Code and its "code" command.\n`);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const token = randomBytes(16).toString('hex');
  const server = await serveVscode(await installVscodeWeb(), { token, extension: process.cwd() });
  process.stdout.write(
    `\nVS Code with the quickstart, for this machine alone:\n\n  ${server.address({ folder, file: notebook })}\n\nCtrl+C ends it.\n`,
  );
  process.once('SIGINT', () => void server.close());
  process.once('SIGTERM', () => void server.close());
}
