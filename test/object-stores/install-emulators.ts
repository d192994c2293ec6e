import { installEmulators } from './emulators.ts';

/** node test/run.mjs test/object-stores/install-emulators.ts: exit code 0 when the emulators are there. */
installEmulators();
