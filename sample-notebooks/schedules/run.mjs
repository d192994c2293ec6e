// Bundles one of this folder's TypeScript scripts and runs it: node sample-notebooks/schedules/run.mjs make-data
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = path.dirname(fileURLToPath(import.meta.url));
const [name, ...options] = process.argv.slice(2);
const outfile = path.join(folder, `../../dist/schedules/${name}.mjs`);
await build({
  entryPoints: [path.join(folder, `${name}.ts`)],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'warning',
});
process.argv = [process.argv[0], outfile, ...options];
await import(pathToFileURL(outfile).href);
