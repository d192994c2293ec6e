import { makeMlflowVenv } from './server.ts';

/** node test/run.mjs test/mlflow/make-venv.ts: exit code 0 when MLflow's server is there. */
makeMlflowVenv();
