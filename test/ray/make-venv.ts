import { makeRayVenv } from './cluster.ts';

/** node test/run.mjs test/ray/make-venv.ts: exit code 0 when Ray is there. */
makeRayVenv();
