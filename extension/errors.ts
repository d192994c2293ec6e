import type { CellError } from '../kernel/protocol.ts';
import { isUserError, UserError } from '../magics/errors.ts';
import { exitReason, type ProcessExit } from '../magics/jobs/exit-reason.ts';

/** How a kernel process ended. */
export type KernelExit = ProcessExit;

/** The kernel process went away while work was under way, or before it was asked for. */
export function kernelDied(exit: KernelExit): UserError {
  return new UserError(
    `The kernel process ${exitReason(exit)}; its variables are gone. Run a cell to start a new one. Records and running jobs are safe.`,
    { cause: exit },
  );
}

/** The kernel process did not come up; `node` is the command that was tried. */
export function kernelNotStarted(node: readonly string[], exit: KernelExit): UserError {
  const log = exit.log.trim();
  return new UserError(
    `The kernel could not start with "${node[0]}".${log === '' ? '' : ` ${errorLine(log)}`} Run "LLMOps: Check Setup", or set llmops.nodePath to Node 20 or newer.`,
    { cause: exit },
  );
}

/** The line of a crash's output that names the error; Node ends it with its own version. */
function errorLine(log: string): string {
  return log.split('\n').find((line) => /^(?:\w*Error\b|.*\[ERR_)/.test(line)) ?? lastLine(log);
}

/** Execution needs a trusted workspace: cells are programs. */
export function workspaceNotTrusted(): UserError {
  return new UserError(
    'This folder is not trusted, so cells do not run in it. Trust it with "Workspaces: Manage Workspace Trust" when you know who wrote the notebook.',
  );
}

/** An error of our own side as a cell shows it; unexpected ones keep their stack. */
export function cellErrorOf(error: unknown): CellError {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const user = isUserError(error);
  return { name, message, user, traceback: user || stack === undefined ? [] : stack.split('\n') };
}

/** A tree entry whose record was removed in the meantime. */
export function recordGone(ref: string): UserError {
  return new UserError(
    `The record ${ref} is no longer in this branch. Refresh the view, or check out the branch that has it.`,
  );
}

/** A model that was committed without a card. */
export function cardMissing(name: string): UserError {
  return new UserError(`${name} has no model card. Write one in llmops/models/${name}/README.md and commit it.`);
}

/** Job folders are local: another machine has the log. */
export function logMissing(job: string): UserError {
  return new UserError(`The log of ${job} is not on this machine: .llmops/jobs stays where the job ran.`);
}

/** The quickstart's folder could not be made; `output` is what the program wrote. */
export function quickstartFailed(folder: string, output: string): UserError {
  return new UserError(`The quickstart could not be put into ${folder}. ${lastLine(output.trim())}`);
}

/** Reports are made from files. */
export function notebookNotSaved(): UserError {
  return new UserError('A report is made from a saved notebook. Open one and save it first.');
}

/** `llmops report` failed; `output` is what it wrote. */
export function reportFailed(output: string): UserError {
  return new UserError(`The report could not be written. ${lastLine(output.trim())}`);
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)!;
}

/** A job could not be started again; `output` is what the command said. */
export function jobNotResumed(id: string, output: string): UserError {
  return new UserError(`Job ${id} could not be resumed: ${output.trim() || 'the command gave no reason'}`, {
    offending: id,
  });
}
