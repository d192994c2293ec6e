import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { build } from 'esbuild';

// Packages with native code, or whose files are read at run time (type declarations): they ship as they are.
export const external = [
  'onnxruntime-node',
  'zeromq',
  '@duckdb/node-api',
  'typescript',
  'arquero',
  'vega-lite',
  'vscode',
  'koffi',
];
const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  external,
  sourcemap: true,
  logLevel: 'warning',
  outdir: 'dist',
  // Charts become SVG without a canvas; Vega's file for Node looks for one at load time.
  alias: { 'vega-canvas': './node_modules/vega-canvas/build/vega-canvas.browser.js' },
};
// Bundled CommonJS packages call require(); ES modules have none.
const require =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const modules = {
  kernel: 'kernel/main.ts',
  control: 'kernel/control.ts',
  language: 'kernel/language.ts',
  cli: 'kernel/cli.ts',
  worker: 'magics/worker.ts',
  // Loaded by the extension when it draws, so that Vega takes no part in its start.
  'run-chart': 'extension/views/run-chart.ts',
};

await rm('dist', { recursive: true, force: true });
const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
await Promise.all([
  cp('kernel/kernelspec', 'dist/kernelspec', { recursive: true }),
  cp('magics/eval/red-team/attacks.jsonl', 'dist/red-team/attacks.jsonl'),
  cp('kernel/papermill', 'dist/papermill', { recursive: true }),
  build({
    ...node,
    entryPoints: present(modules),
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: require },
  }),
  ...['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'].map((file) =>
    cp(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${file}`, `dist/${file}`),
  ),
  build({
    ...node,
    entryPoints: { tfjs: 'magics/engine/tfjs/bundle.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    minify: true,
    sourcemap: false,
    // Its gradients are in the sources alone: all of it must come from there, so that there is one of each module.
    mainFields: ['module', 'main'],
    external: ['node-fetch'],
  }),
  build({
    ...node,
    entryPoints: present({ extension: 'extension/extension.ts' }),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }),
  build({
    entryPoints: present({ renderer: 'extension/renderer/index.ts', 'table-renderer': 'extension/renderer/table.ts' }),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    outdir: 'dist',
    logLevel: 'warning',
  }),
]);
