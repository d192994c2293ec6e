import * as vscode from 'vscode';
import { isUserError } from '../../magics/errors.ts';

/** Registers a command whose user errors appear as messages; unexpected errors are left to VS Code, which logs them. */
export function registerCommand<Args extends unknown[]>(
  id: string,
  run: (...args: Args) => Promise<unknown>,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: Args) => {
    try {
      return await run(...args);
    } catch (error) {
      if (!isUserError(error)) throw error;
      void vscode.window.showErrorMessage(error.message);
    }
  });
}
