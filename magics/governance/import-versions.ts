import { randomUUID } from 'node:crypto';
import { historyMoved, tagExists } from './errors.ts';
import { modelCard, modelCardPath } from './model-card.ts';
import { formatRecord } from './parse-record.ts';
import { type ModelRecord, recordPath } from './records.ts';
import { findCommitter, type Repository } from './repository.ts';
import { withRepositoryLock } from './repository-lock.ts';
import type { RecordStore } from './store.ts';

/**
 * Imports many model versions at once, a commit and a version tag for each, by `git fast-import`: the records' ref and
 * the tags appear only when all is stored. Author and time of each are its record's. Gives the last commit.
 */
export async function importVersions(store: RecordStore, records: readonly ModelRecord[]): Promise<string> {
  const { repository } = store;
  const committer = await findCommitter(repository.git);
  const people = records.map((record) => ({ ...record, createdBy: record.createdBy ?? committer.person }));
  return withRepositoryLock(repository, async () => {
    await refuseExisting(store, records);
    const [head] = await repository.read([repository.ref]);
    const staging = `refs/llmops/import-${randomUUID()}`;
    try {
      const args = ['fast-import', '--quiet', '--force', '--date-format=raw', '--done'];
      await repository.git(args, { input: importStream(people, staging, head?.oid) });
      const commit = (await repository.git(['rev-parse', staging])).trim();
      await publish(repository, staging, commit, head?.oid).catch(async (error: unknown) => {
        await repository.git(['update-ref', '--stdin'], { input: records.map(deletion).join('') });
        throw error;
      });
      return commit;
    } finally {
      await repository.git(['update-ref', '-d', staging]);
    }
  });
}

const deletion = (record: ModelRecord) => `delete refs/tags/${record.name}@${record.version}\n`;

async function refuseExisting(store: RecordStore, records: readonly ModelRecord[]): Promise<void> {
  const existing = new Set((await store.tags()).map((tag) => tag.tag));
  const twice = records.map((record) => `${record.name}@${record.version}`).find((tag) => existing.has(tag));
  if (twice !== undefined) throw tagExists(twice);
}

/** The input of git fast-import(1): a commit with record and card, and an annotated tag, per version. */
function* importStream(records: readonly ModelRecord[], branch: string, head: string | undefined): Iterable<string> {
  for (const [i, record] of records.entries()) {
    const ref = `${record.name}@${record.version}`;
    const when = `${record.createdBy} ${Math.floor(Date.parse(record.createdAt) / 1000)} +0000`;
    const from = i > 0 ? `from :${i}\n` : head === undefined ? '' : `from ${head}\n`;
    yield [
      `commit ${branch}\nmark :${i + 1}\ncommitter ${when}\n${data(`Import ${ref}`)}${from}`,
      `M 100644 inline ${recordPath(record)}\n${data(formatRecord(record))}`,
      `M 100644 inline ${modelCardPath(record.name)}\n${data(modelCard(record))}\n`,
      `tag ${ref}\nfrom :${i + 1}\ntagger ${when}\n${data(`Import ${ref}\n`)}`,
    ].join('');
  }
  yield 'done\n';
}

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** Moves the records' ref and, on HEAD, brings the user's index and work tree up to date as a fast-forward. */
async function publish(
  { git, ref }: Repository,
  staging: string,
  commit: string,
  before: string | undefined,
): Promise<void> {
  if (ref === 'HEAD') {
    await git(['merge', '--ff-only', '--quiet', '--no-stat', staging]).catch((error: unknown) => {
      throw historyMoved(error);
    });
  } else {
    await git(['update-ref', ref, commit, before ?? '0'.repeat(commit.length)]);
  }
  await git(['pack-refs', '--all']);
}
