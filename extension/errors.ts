import { UserError } from '../magics/errors.ts';

/** How a kernel process ended, and the end of what it wrote. */
export interface KernelExit {
  code: number | null;
  signal: string | null;
  log: string;
}

/** The kernel process went away while work was under way, or before it was asked for. */
export function kernelDied(exit: KernelExit): UserError {
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  return new UserError(
    `The kernel process ended ${how}; its variables are gone. Run a cell to start a new one. Records and running jobs are safe.`,
    { cause: exit },
  );
}

/** The kernel process did not come up; `node` is the command that was tried. */
export function kernelNotStarted(node: readonly string[], exit: KernelExit): UserError {
  const log = exit.log.trim();
  return new UserError(
    `The kernel could not start with "${node[0]}".${log === '' ? '' : ` ${lastLine(log)}`} Run "LLMOps: Check Setup", or set llmops.nodePath to Node 20 or newer.`,
    { cause: exit },
  );
}

/** Execution needs a trusted workspace: cells are programs. */
export function workspaceNotTrusted(): UserError {
  return new UserError(
    'This folder is not trusted, so cells do not run in it. Trust it with "Workspaces: Manage Workspace Trust" when you know who wrote the notebook.',
  );
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)!;
}
