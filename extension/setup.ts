import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findNode, isNewEnough, type NodeProgram } from './node-program.ts';
import { formatBytes } from './views/figures.ts';

/** One thing that the work needs: what was found, and what to do about it when it is not good. */
export interface Finding {
  name: string;
  good: boolean;
  found: string;
  fix?: string;
}

/** What checking the setup touches. */
export const defaultEffects = {
  findNode: (nodePath: string): Promise<NodeProgram> => findNode(nodePath),
  /** Output of a program, or undefined when it does not run or fails. */
  output: async (command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) =>
    promisify(execFile)(command, [...args], { ...options, timeout: 20_000 })
      .then(({ stdout }) => stdout.trim())
      .catch(() => undefined),
  /** Whether a server can listen on loopback. */
  canListen: (): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(0, '127.0.0.1', () => server.close(() => resolve(true)));
    }),
  cores: availableParallelism,
  memoryBytes: totalmem,
};
type Effects = typeof defaultEffects;

export interface Setup {
  /** The setting `llmops.nodePath`. */
  nodePath: string;
  /** Folder of the extension, where its packages lie. */
  extensionFolder: string;
  /** The open folder. */
  folder?: string;
}

/** Looks at Node, the engine's native parts, git, the repository, devices and loopback, in this order. */
export async function checkSetup(setup: Setup, effects: Effects = defaultEffects): Promise<Finding[]> {
  const node = await effects.findNode(setup.nodePath);
  const checks = [
    checkNode(node),
    checkEngine(node, setup, effects),
    checkGit(effects),
    checkIdentity(setup, effects),
    checkRepository(setup, effects),
    checkDevices(effects),
    checkLoopback(effects),
  ];
  return (await Promise.all(checks)).filter((finding) => finding !== undefined);
}

async function checkNode(node: NodeProgram): Promise<Finding> {
  const found = `${node.command} ${node.version}`;
  if (isNewEnough(node.version)) return { name: 'Node', good: true, found };
  const fix = 'Install Node 20 or newer from https://nodejs.org, or name its program in the setting llmops.nodePath.';
  return { name: 'Node', good: false, found, fix };
}

async function checkEngine(node: NodeProgram, { extensionFolder }: Setup, effects: Effects): Promise<Finding> {
  const script = "process.stdout.write(require('onnxruntime-node/package.json').version); require('onnxruntime-node')";
  const version = await effects.output(node.command, ['-e', script], { cwd: extensionFolder, env: node.env });
  if (version !== undefined) return { name: 'Engine', good: true, found: `ONNX Runtime ${version}` };
  const fix = `Install the extension made for this platform (${process.platform}-${process.arch}).`;
  return { name: 'Engine', good: false, found: 'ONNX Runtime does not load', fix };
}

async function checkGit({ output }: Effects): Promise<Finding> {
  const version = await output('git', ['--version']);
  if (version !== undefined) return { name: 'git', good: true, found: version };
  const fix = 'Install git from https://git-scm.com/downloads: every record is a commit.';
  return { name: 'git', good: false, found: 'not found on the PATH', fix };
}

async function checkIdentity({ folder }: Setup, { output }: Effects): Promise<Finding> {
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map((key) => output('git', ['config', key], { cwd: folder })),
  );
  if (name && email) return { name: 'Identity', good: true, found: `${name} <${email}>` };
  const fix = 'Run: git config --global user.name "Your Name" and git config --global user.email you@example.com';
  return { name: 'Identity', good: false, found: 'git does not know who you are', fix };
}

async function checkRepository({ folder }: Setup, { output }: Effects): Promise<Finding | undefined> {
  if (folder === undefined) return undefined;
  const top = await output('git', ['rev-parse', '--show-toplevel'], { cwd: folder });
  if (top !== undefined) return { name: 'Repository', good: true, found: top };
  const fix = 'Run %llmops init in a cell, or git init in a terminal.';
  return { name: 'Repository', good: false, found: `${folder} is not in a git repository`, fix };
}

/** A machine without a GPU is good: everything runs on the processor, only slower. */
async function checkDevices({ output, cores, memoryBytes }: Effects): Promise<Finding> {
  const gpus = await output('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader']);
  const processor = `${cores()} processor cores, ${formatBytes(memoryBytes())} of memory`;
  const found = gpus ? `${gpus.split('\n').join('; ')}; ${processor}` : `no NVIDIA GPU; ${processor}`;
  return { name: 'Devices', good: true, found };
}

async function checkLoopback({ canListen }: Effects): Promise<Finding> {
  if (await canListen()) return { name: 'Ports', good: true, found: 'servers can listen on 127.0.0.1' };
  const fix = 'Allow programs to listen on 127.0.0.1: %deploy serves models there.';
  return { name: 'Ports', good: false, found: 'no server can listen on 127.0.0.1', fix };
}
