// npm run package: an installable llmops-notebook-PLATFORM-VERSION.vsix for this platform, with only what runs.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { external } from './esbuild.config.mjs';

const platform = `${process.platform}-${process.arch}`;
const stage = path.resolve('test/.cache/vsix');
/** Packages that others name for their installers and command lines; nothing loads them. */
const unused = new Set(['adm-zip', 'global-agent', 'node-addon-api', 'yargs', '@types/estree', '@types/geojson']);
const contents = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'dist',
  'extension/media',
  'sample-notebooks',
];

rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const name of contents) if (existsSync(name)) cpSync(name, path.join(stage, name), { recursive: true });
// vega-lite imports vega; cells are checked against Node's types.
const beside = ['vega', '@types/node', 'llmops-typescript-plugin'];
const shipped = [...external.filter((name) => name !== 'vscode'), ...beside];
for (const name of shipped) copyPackage(name, '.');
writeManifest();
const packagePath = `${path.resolve(`llmops-notebook-${platform}`)}.vsix`;
const links = 'https://llmops-notebook.invalid/';
await createVSIX({
  cwd: stage,
  target: platform,
  packagePath,
  baseContentUrl: links,
  baseImagesUrl: links,
  allowMissingRepository: true,
});
console.log(`${path.basename(packagePath)}: ${(statSync(packagePath).size / 1e6).toFixed(0)} MB for ${platform}`);

/** Copies a package and what it depends on, where Node finds it from `from` (a folder that has node_modules). */
function copyPackage(name, from) {
  if (unused.has(name)) return;
  const folder = path.join(from, 'node_modules', name);
  if (!existsSync(folder)) {
    if (from !== '.') copyPackage(name, path.dirname(path.dirname(from)).replace(/(^|\/)node_modules$/, '') || '.');
    return;
  }
  const target = path.join(stage, folder);
  if (existsSync(target)) return;
  cpSync(folder, target, { recursive: true, dereference: true, filter: (file) => isNeeded(file, folder) });
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    copyPackage(dependency, folder);
  }
  // vsce asks npm for the list of packages, and npm wants everything that a manifest names.
  for (const dependency of unused) delete manifest.dependencies?.[dependency];
  delete manifest.peerDependencies;
  writeFileSync(path.join(target, 'package.json'), JSON.stringify(manifest, null, 2));
}

/** Leaves out other platforms' binaries, nested packages (which are copied when they are needed) and sources of native code. */
function isNeeded(file, folder) {
  const name = path.relative(folder, file).split(path.sep).join('/');
  if (/^node_modules(\/|$)/.test(name)) return false;
  const [, , os, cpu] = /^bin\/(napi-v\d+)(?:\/(\w+))?(?:\/(\w+))?/.exec(name) ?? [];
  if (os !== undefined) return os === process.platform && (cpu === undefined || cpu === process.arch);
  const built = /^build\/(linux|darwin|win32)(?:\/(\w+))?/.exec(name);
  if (built !== null) return built[1] === process.platform && (built[2] === undefined || built[2] === process.arch);
  return true;
}

/** The manifest of what ships: only the packages beside the bundles, and nothing of development. */
function writeManifest() {
  const {
    scripts: _,
    devDependencies: __,
    overrides: ___,
    private: ____,
    peerDependencies: _____,
    peerDependenciesMeta: ______,
    ...manifest
  } = JSON.parse(readFileSync('package.json', 'utf8'));
  const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
  const dependencies = Object.fromEntries(shipped.map((name) => [name, versionOf(name)]));
  writeFileSync(path.join(stage, 'package.json'), JSON.stringify({ ...manifest, dependencies }, null, 2));
}
