import { openStore } from '../../../magics/governance/open-store.ts';
import { makeRun } from './repository-fixture.ts';

/**
 * Commits `count` run records named `<prefix>-<i>`, each with a version tag; prints each commit as soon as it is made.
 * With `rounds` the names come round again after so many.
 */
const [folder, prefix, count, rounds = count] = process.argv.slice(2) as [string, string, string, string?];
// On a loaded machine four writers and a stream of kills keep one waiting for long.
const store = await openStore(folder, { patienceMs: 180_000 });
for (let i = 0; i < Number(count); i++) {
  const id = `${prefix}-${i % Number(rounds)}`;
  const job = `${process.pid}-${i}`;
  const tags = { [`${id}-${process.pid}@v1.${i}.0`]: id };
  const { commit } = await store.commit({ records: [makeRun(id, { job })], message: `Record ${id}`, tags });
  console.log(`${id} ${commit} ${job}`);
}
