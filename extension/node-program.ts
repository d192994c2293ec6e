import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How kernels and commands are started: a program, and the environment it needs. */
export interface NodeProgram {
  command: string;
  version: string;
  env: NodeJS.ProcessEnv;
}

const oldestMajor = 20;

/** What finding Node touches. */
export const defaultEffects = {
  env: process.env,
  execPath: process.execPath,
  ownVersion: process.version,
  /** `v20.1.0`, or undefined when the command does not run. */
  version: async (command: string): Promise<string | undefined> => {
    const run = promisify(execFile)(command, ['--version'], { timeout: 10_000 });
    return run.then(({ stdout }) => stdout.trim()).catch(() => undefined);
  },
};

/** The Node of the setting, else the one on the PATH if it is new enough, else the one inside VS Code. */
export async function findNode(nodePath: string, effects = defaultEffects): Promise<NodeProgram> {
  const env = cleanEnvironment(effects.env);
  const command = nodePath === '' ? 'node' : nodePath;
  const version = await effects.version(command);
  if (nodePath !== '' || isNewEnough(version)) return { command, version: version ?? 'unknown', env };
  const own = { ...env, ELECTRON_RUN_AS_NODE: '1' };
  return { command: effects.execPath, version: effects.ownVersion, env: own };
}

/** Whether a version such as `v20.1.0` can run kernels. */
export function isNewEnough(version: string | undefined): boolean {
  return Number(/^v(\d+)\./.exec(version ?? '')?.[1] ?? 0) >= oldestMajor;
}

/** Without what VS Code sets for its own processes: debuggers and Electron switches would follow into kernels. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = (name: string) => /^(VSCODE|ELECTRON)_/.test(name) || name === 'NODE_OPTIONS';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own(name)));
}
