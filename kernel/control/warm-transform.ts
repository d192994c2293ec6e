import { setImmediate as nextTurn } from 'node:timers/promises';
import { transformCell } from '../transform/transform.ts';
import { loadTypeScript } from '../transform/typescript.ts';

/** After so many runs V8 has compiled what transforming a small cell goes through; it then takes less than half the time. */
const runs = 40;
const sample = `import { sep } from 'node:path';
const list = [1, 2].map((n) => n + 1);
function double(x: number): number { return 2 * x; }
await Promise.resolve(double(list.length));`;

/** Transforms a sample again and again, in turns with whatever comes, while `isIdle`. */
export async function warmTransform(isIdle: () => boolean): Promise<void> {
  const ts = loadTypeScript();
  for (let run = 0; run < runs && isIdle(); run++) {
    transformCell(ts, sample);
    await nextTurn();
  }
}
