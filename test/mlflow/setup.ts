import { makeMlflowVenv } from './server.ts';

/** Before the first test with MLflow: have its server. */
export default function setup(): void {
  makeMlflowVenv();
}
