// Runs a TypeScript program of this repository: node test/run.mjs [build] FILE [ARGS]. Node 20 runs none by itself.
// Packages are installed first where there are none; `build` makes dist/ first.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

if (!existsSync('node_modules')) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
const words = process.argv.slice(2);
if (words[0] === 'build') execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
const [file, ...args] = words[0] === 'build' ? words.slice(1) : words;
const outfile = path.resolve('test/.cache/run', `${path.basename(file, '.ts')}.mjs`);
const { build } = await import('esbuild');
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
});
process.argv = [process.argv[0], outfile, ...args];
await import(pathToFileURL(outfile).href);
