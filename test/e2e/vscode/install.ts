import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** npm's `code-server` carries VS Code 1.139.1: its server, web workbench and extension host. */
const codeServerVersion = '4.139.1';
/** That VS Code needs Node 24, whichever Node runs the tests. */
const nodeVersion = '24.21.0';

/** A real VS Code whose workbench runs in a browser. */
export interface VscodeWeb {
  /** Node that runs the server. */
  node: string;
  /** `out/server-main.js` */
  server: string;
  version: string;
}

/** Unpacks VS Code from the npm registry into the cache, once; other machines' binaries are left out. */
export async function installVscodeWeb(): Promise<VscodeWeb> {
  const folder = path.join(cacheFolder(), `vscode-web-${codeServerVersion}-node-${nodeVersion}`);
  const vscode: VscodeWeb = {
    node: path.join(folder, 'node/bin/node'),
    server: path.join(folder, 'code/lib/vscode/out/server-main.js'),
    version: `1.${codeServerVersion.slice(2)}`,
  };
  if (existsSync(vscode.server)) return vscode;
  process.stdout.write(`Getting VS Code ${vscode.version} (web) from the npm registry ...\n`);
  await mkdir(cacheFolder(), { recursive: true });
  const building = await mkdtemp(path.join(cacheFolder(), 'building-'));
  try {
    await unpackPackage(`code-server@${codeServerVersion}`, path.join(building, 'code'));
    await unpackPackage(`node-${process.platform}-${process.arch}@${nodeVersion}`, path.join(building, 'node'));
    await installDependencies(building);
    await prune(path.join(building, 'code/lib/vscode'));
    await rename(building, folder);
  } catch (error) {
    if (!existsSync(vscode.server)) throw error;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return vscode;
}

/** Why the VS Code suites cannot run on this kind of machine; undefined where they can. */
export function whyNoVscodeWeb(): string | undefined {
  const kind = `${process.platform}-${process.arch}`;
  return ['linux-x64', 'linux-arm64'].includes(kind) ? undefined : `npm carries no VS Code web build for ${kind}`;
}

function cacheFolder(): string {
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'llmops-notebook');
}

async function unpackPackage(spec: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', target, spec]);
  const archive = path.join(target, JSON.parse(stdout)[0].filename.replace('@', '').replace('/', '-'));
  await run('tar', ['xzf', archive, '-C', target, '--strip-components=1']);
  await rm(archive);
}

/** Packages of VS Code itself, and of its own extensions (the TypeScript server). */
async function installDependencies(folder: string): Promise<void> {
  const env = { ...process.env, PATH: `${path.join(folder, 'node/bin')}${path.delimiter}${process.env.PATH}` };
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  for (const part of ['code/lib/vscode', 'code/lib/vscode/extensions']) {
    await run('npm', ['install', ...options], { cwd: path.join(folder, part), env });
  }
}

/** Halves the disk space: assistants, containers and binaries of other platforms take no part in the tests. */
async function prune(vscode: string): Promise<void> {
  const unused = [
    'node_modules/@github',
    'node_modules/@microsoft/mxc-sdk',
    'node_modules/@devcontainers',
    'extensions/copilot',
    'extensions/ms-vscode.js-debug',
  ];
  const kind = `${process.platform}-${process.arch}`;
  for (const folder of ['node_modules/node-pty/prebuilds', 'node_modules/@vscode/ripgrep-universal/bin']) {
    const names = existsSync(path.join(vscode, folder)) ? await readdir(path.join(vscode, folder)) : [];
    unused.push(...names.filter((name) => name !== kind).map((name) => path.join(folder, name)));
  }
  await Promise.all(unused.map((name) => rm(path.join(vscode, name), { recursive: true, force: true })));
}
