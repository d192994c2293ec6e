import { openStore } from '../../../magics/governance/open-store.ts';
import { makeRun } from './repository-fixture.ts';

/** Commits `count` run records named `<prefix>-<i>`, each with a version tag; prints each commit as soon as it is made. */
const [folder, prefix, count] = process.argv.slice(2) as [string, string, string];
const store = await openStore(folder);
for (let i = 0; i < Number(count); i++) {
  const id = `${prefix}-${i}`;
  const tags = { [`${prefix}@v1.${i}.0`]: id };
  const { commit } = await store.commit({ records: [makeRun(id)], message: `Record ${id}`, tags });
  console.log(`${id} ${commit}`);
}
