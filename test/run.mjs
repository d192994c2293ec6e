// Runs a TypeScript program of this repository: node test/run.mjs FILE [ARGS]. Node 20 runs none by itself.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...args] = process.argv.slice(2);
const outfile = path.resolve('test/.cache/run', `${path.basename(file, '.ts')}.mjs`);
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
