import { makeVenv } from './venv.ts';

/** Before the first test with Jupyter's clients: have them. */
export default function setup(): void {
  makeVenv();
}
