import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the built entry points (`kernel.js`, `worker.js` ...): this code runs from it or from its `chunks/`. */
export function distFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.basename(here) === 'chunks' ? path.dirname(here) : here;
}
