import { makeRayVenv } from './cluster.ts';

/** Before the first test with Ray: have it. */
export default function setup(): void {
  makeRayVenv();
}
