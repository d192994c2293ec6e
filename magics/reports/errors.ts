import { UserError } from '../errors.ts';

export function notebookNotFound(file: string): UserError {
  return new UserError(`There is no notebook ${file}. Give the path of an .ipynb file.`, { offending: file });
}

export function notNotebook(file: string, problem: string): UserError {
  return new UserError(`${file} is not a Jupyter notebook: ${problem}.`, { offending: file });
}

export function noManifest(file: string): UserError {
  return new UserError(
    `${file} carries no manifest, so it cannot be verified. Make a report with: llmops report NOTEBOOK -o ${file}`,
    { offending: file },
  );
}

export function noNotebookHere(): UserError {
  return new UserError(
    'There is no notebook file to report on. Save the notebook, or give its path: %report FILE.ipynb',
  );
}
