import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { VscodeWeb } from './install.ts';

export interface ServeOptions {
  /** Secret that the browser must bring; without one anybody on this machine may connect (tests only). */
  token?: string;
  /** Lets the tests end the window and read its exit code. */
  smokeTest?: boolean;
  /** VS Code asks whether the folder is trusted. */
  workspaceTrust?: boolean;
  settings?: Record<string, unknown>;
  /** An extension that is installed: its folder, or a VSIX. */
  extension?: string;
  /** Environment of the extension host. */
  env?: Record<string, string>;
}

export interface WindowOptions {
  folder: string;
  /** A file to open. */
  file?: string;
  /** Folder of an extension to try out, and the file that runs its tests; both need `smokeTest`. */
  development?: string;
  tests?: string;
}

export interface VscodeServer {
  /** `127.0.0.1:PORT` */
  authority: string;
  address(window: WindowOptions): string;
  close(): Promise<void>;
}

const calmSettings = {
  'workbench.startupEditor': 'none',
  'workbench.editorAssociations': { '*.ipynb': 'jupyter-notebook' },
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'git.openRepositoryInParentFolders': 'never',
};

/** Starts VS Code's server on loopback, with its own settings and extensions in a temporary folder. */
export async function serveVscode(vscode: VscodeWeb, options: ServeOptions = {}): Promise<VscodeServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'llmops-vscode-'));
  await mkdir(path.join(folder, 'user/User'), { recursive: true });
  const settings = { ...calmSettings, ...options.settings };
  await writeFile(path.join(folder, 'user/User/settings.json'), JSON.stringify(settings));
  await mkdir(path.join(folder, 'data/Machine'), { recursive: true });
  await writeFile(path.join(folder, 'data/Machine/settings.json'), JSON.stringify(settings));
  await mkdir(path.join(folder, 'extensions'));
  if (options.extension !== undefined) await install(vscode, options.extension, folder);
  const server = spawn(vscode.node, [vscode.server, ...serverArguments(folder, options)], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const authority = `127.0.0.1:${await listeningPort(server)}`;
  return {
    authority,
    address: (window) => windowAddress(authority, window, options.token),
    close: async () => {
      await stop(server);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Installs a VSIX as users do; a folder is linked, so that its newest build runs. */
async function install(vscode: VscodeWeb, extension: string, folder: string): Promise<void> {
  if (!extension.endsWith('.vsix')) return symlink(extension, path.join(folder, 'extensions/llmops'));
  await promisify(execFile)(vscode.node, [vscode.server, '--install-extension', extension, ...serverFolders(folder)]);
}

/** Where a server keeps its state. */
function serverFolders(folder: string): string[] {
  return [
    ...['--server-data-dir', path.join(folder, 'data')],
    ...['--user-data-dir', path.join(folder, 'user')],
    ...['--extensions-dir', path.join(folder, 'extensions')],
  ];
}

function serverArguments(folder: string, options: ServeOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', '0', '--accept-server-license-terms'],
    ...['--telemetry-level', 'off', '--disable-telemetry', '--disable-experiments'],
    ...(options.token === undefined ? ['--without-connection-token'] : ['--connection-token', options.token]),
    ...(options.smokeTest === true ? ['--enable-smoke-test-driver'] : []),
    ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
    ...serverFolders(folder),
  ];
}

function windowAddress(authority: string, window: WindowOptions, token?: string): string {
  const remote = (file: string) => `vscode-remote://${authority}${file}`;
  const payload: [string, string][] = [];
  if (window.file !== undefined) payload.push(['openFile', remote(window.file)]);
  if (window.development !== undefined) payload.push(['extensionDevelopmentPath', remote(window.development)]);
  if (window.tests !== undefined) payload.push(['extensionTestsPath', remote(window.tests)]);
  const query = new URLSearchParams({ folder: window.folder, payload: JSON.stringify(payload) });
  if (token !== undefined) query.set('tkn', token);
  return `http://${authority}/?${query}`;
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', (code) => reject(new Error(`VS Code's server ended with code ${code}:\n${output}`)));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  const timer = setTimeout(() => server.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
