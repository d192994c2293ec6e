import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare } from '../../../../magics/eval/compare/compare.ts';
import { compareOptions } from '../../../../magics/eval/compare/options.ts';
import { matrix } from '../../../../magics/eval/matrix/matrix.ts';
import { matrixOptions } from '../../../../magics/eval/matrix/options.ts';
import { git, makeRepository } from '../../governance/repository-fixture.ts';
import { startServer, streamPieces } from '../../prompt/openai-server.ts';
import { makeContext } from '../model-fixture.ts';

/** A repository with numbers to double, and two prompts: one asks in words, one in signs. */
function makeDoubling(): string {
  const folder = makeRepository();
  writeFileSync(
    path.join(folder, 'numbers.csv'),
    `number,double\n${[1, 2, 3, 4].map((n) => `${n},${2 * n}`).join('\n')}\n`,
  );
  const prompts = path.join(folder, 'llmops/prompts');
  mkdirSync(prompts, { recursive: true });
  const head = '---\ninput: { schema: { number: integer } }\n---\n';
  writeFileSync(path.join(prompts, 'words.prompt'), `${head}{{role "user"}}Double {{number}}`);
  writeFileSync(path.join(prompts, 'signs.prompt'), `${head}{{role "user"}}{{number}} * 2 =`);
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'Prompts');
  return folder;
}

describe('%eval matrix', () => {
  it('asks every model every row with every prompt, once, and shows quality, latency and cost', async () => {
    const folder = makeDoubling();
    await using server = await startServer(({ body }, response) => {
      const text = (body.messages as { content: string }[]).at(-1)!.content;
      const number = Number(/\d+/.exec(text)![0]);
      const isUnderstood = body.model === 'large' || text.includes('*');
      streamPieces(response, [isUnderstood ? String(2 * number) : '?']);
    });
    const run = () => {
      const context = makeContext(folder);
      const options = {
        data: 'numbers.csv',
        prompts: 'words,signs',
        models: 'large,small',
        metrics: 'exact_match',
        endpoint: server.url,
        prices: '1/10',
      };
      return matrix(matrixOptions.parse(options), context.context).then((found) => ({ found, text: context.text() }));
    };
    const { found, text } = await run();
    expect(found.cells.map(({ prompt, model, figures }) => [prompt, model, figures.exact_match!.value])).toEqual([
      ['words', 'large', 1],
      ['signs', 'large', 1],
      ['words', 'small', 0],
      ['signs', 'small', 1],
    ]);
    // 11 tokens in at 1 and 1 token out at 10 per million, for each of 4 calls.
    expect(found.cells[0]!.figures.cost!.value).toBeCloseTo((4 * (11 * 1 + 1 * 10)) / 1e6, 15);
    expect(found.cells[0]!.figures.latency!.value).toBeGreaterThan(0);
    expect(text).toMatch(/^numbers: best is words with large, exact match 100\.0%; committed [0-9a-f]{7}$/m);
    expect(server.asked).toHaveLength(16);

    const again = await run();
    expect(server.asked).toHaveLength(16);
    expect(again.found.cells.every(({ cached }) => cached === 4)).toBe(true);

    const context = makeContext(folder);
    const comparison = await compare(
      compareOptions.parse({ first: found.ids[2], second: found.ids[0] }),
      context.context,
    );
    expect(comparison.metrics[0]!.metric.name).toBe('exact_match');
    const prompts = await compare(
      compareOptions.parse({ first: found.ids[2], second: found.ids[3] }),
      makeContext(folder).context,
    );
    expect(prompts.fixed).toHaveLength(4);
  });

  it('refuses prices that are none', () => {
    expect(matrixOptions.safeParse({ data: 'd', prompts: 'a', models: 'b', prices: 'much' }).success).toBe(false);
  });
});
