import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeRepository } from './repository-fixture.ts';

/** Tags `name` at the last commit as somebody at that time. */
function tagAt(folder: string, name: string, date: string, person = 'Zoë van Dijk'): void {
  const env = { ...process.env, GIT_COMMITTER_DATE: date, GIT_COMMITTER_NAME: person };
  execFileSync('git', ['tag', '-a', '-m', name, name], { cwd: folder, env });
}

describe('tags', () => {
  it('have the time and the person that git gives them', async () => {
    const folder = makeRepository();
    git(folder, 'commit', '--allow-empty', '-m', 'first');
    tagAt(folder, 'east@v1.0.0', '2026-03-04T05:06:07+0530');
    tagAt(folder, 'west@v1.0.0', '2026-12-31T23:59:59-0330', 'A > B');
    tagAt(folder, 'zero@v1.0.0', '2026-01-01T00:00:00-0000');
    git(folder, 'tag', 'light@v1.0.0');
    const format = '--format=%(refname:strip=2)|%(creatordate:iso-strict)|%(taggername) %(taggeremail)';
    const expected = git(folder, 'for-each-ref', format, 'refs/tags')
      .split('\n')
      .map((line) => line.split('|').map((text) => text.trim().replace(/Z$/, '+00:00')));
    const tags = await (await openStore(folder)).tags();
    expect(tags.map(({ tag, createdAt, by }) => [tag, createdAt, by])).toEqual(expected);
  });

  it('have no time where git knows none', async () => {
    const folder = makeRepository();
    git(folder, 'commit', '--allow-empty', '-m', 'first');
    const commit = git(folder, 'rev-parse', 'HEAD');
    const text = `object ${commit}\ntype commit\ntag old@v1.0.0\n\nmade without a tagger\n`;
    const oid = execFileSync('git', ['hash-object', '-t', 'tag', '-w', '--literally', '--stdin'], {
      cwd: folder,
      input: text,
      encoding: 'utf8',
    }).trim();
    git(folder, 'update-ref', 'refs/tags/old@v1.0.0', oid);
    expect(await (await openStore(folder)).tags()).toMatchObject([
      { tag: 'old@v1.0.0', commit, createdAt: '', by: '' },
    ]);
  });
});
