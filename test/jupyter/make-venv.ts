import { makeVenv } from './venv.ts';

/** node test/run.mjs test/jupyter/make-venv.ts: exit code 0 when Jupyter's clients are there. */
makeVenv();
