import path from 'node:path';
import { makeVenv as make, venvProgram } from '../python-venv.ts';

const folder = path.resolve('test/.cache/jupyter');

/** A program of the virtual environment: `python`, `jupyter`, `papermill`. */
export function jupyterProgram(name: string): string {
  return venvProgram(folder, name);
}

/** Puts Jupyter's clients, the newest from PyPI, into a virtual environment under test/.cache, unless they are there. */
export function makeVenv(): void {
  make(folder, path.resolve('test/jupyter/requirements.txt'), 'Jupyter’s clients');
}
