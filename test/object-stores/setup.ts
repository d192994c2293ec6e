import { installEmulators } from './emulators.ts';

/** Before the first test with an object store: have the emulators. */
export default function setup(): void {
  installEmulators();
}
