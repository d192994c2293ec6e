import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { changeMark } from '../../../extension/views/change-mark.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeRepository } from '../../magics/governance/repository-fixture.ts';

it('changes with commits, tags, branches and jobs, and with nothing else', async () => {
  const folder = makeRepository();
  const { repository } = await openStore(folder);
  const seen = new Set([await changeMark(repository)]);
  const step = async (isSeen: boolean, change: () => void) => {
    change();
    const mark = await changeMark(repository);
    expect(seen.has(mark)).toBe(isSeen);
    seen.add(mark);
  };
  await step(true, () => writeFileSync(path.join(folder, 'notes.txt'), 'mine'));
  await step(false, () => git(folder, 'commit', '--allow-empty', '-m', 'empty'));
  await step(false, () => git(folder, 'tag', 'triage@v1.0.0'));
  await step(false, () => git(folder, 'pack-refs', '--all'));
  await step(false, () => git(folder, 'checkout', '-q', '-b', 'topic'));
  const job = path.join(folder, '.llmops/jobs/finetune-20260303120000-1a2b3c4d');
  await step(false, () => {
    mkdirSync(job, { recursive: true });
    writeFileSync(path.join(job, 'events.jsonl'), '{}\n');
  });
  await step(false, () => appendFileSync(path.join(job, 'events.jsonl'), '{}\n'));
  await step(true, () => appendFileSync(path.join(job, 'log.txt'), 'loading\n'));
});

it('is the same in a linked worktree: its own head, the tags of all', async () => {
  const folder = makeRepository();
  git(folder, 'commit', '--allow-empty', '-m', 'first');
  const linked = `${folder}-linked`;
  git(folder, 'worktree', 'add', '-q', linked);
  const { repository } = await openStore(linked);
  const before = await changeMark(repository);
  git(folder, 'tag', 'triage@v1.0.0');
  const tagged = await changeMark(repository);
  expect(tagged).not.toBe(before);
  git(linked, 'commit', '--allow-empty', '-m', 'second');
  expect(await changeMark(repository)).not.toBe(tagged);
});
