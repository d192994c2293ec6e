import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../../../magics/eval/compare/compare.ts';
import { compareOptions } from '../../../../magics/eval/compare/options.ts';
import { makeRepository } from '../../governance/repository-fixture.ts';
import { makeAnswers, recordAnswers } from '../evaluation-fixture.ts';
import { makeContext } from '../model-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = makeRepository();
  const metrics = 'exact_match,bleu';
  await recordAnswers(folder, 'old', makeAnswers(40, 20), { metrics });
  const swapped = makeAnswers(40, 30).map((answer, i) => (i === 0 ? { ...answer, prediction: 'answer <b>' } : answer));
  await recordAnswers(folder, 'new', swapped, { metrics });
  await recordAnswers(folder, 'short', makeAnswers(39, 20), { metrics });
  await recordAnswers(folder, 'intl', makeAnswers(40, 20), { metrics: 'accuracy' });
});

const run = async (options: Record<string, unknown>) => {
  const context = makeContext(folder);
  const comparison = await compare(compareOptions.parse(options), context.context);
  return { comparison, text: context.text(), markup: String(context.shown[0]!['text/html']) };
};

describe('%eval compare', () => {
  it('tests every common figure and sorts the answers into better, worse and otherwise changed', async () => {
    const { comparison, text } = await run({ first: 'old', second: 'new' });
    const { metrics, fixed, broken, changed } = comparison;
    expect(metrics.map(({ metric }) => metric.name)).toEqual(['exact_match', 'bleu']);
    expect(metrics[0]!.difference).toMatchObject({ value: expect.closeTo(9 / 40, 12), n: 40 });
    expect(metrics[0]!.difference!.pValue).toBeLessThan(0.05);
    expect([fixed.length, broken.length, changed.length]).toEqual([10, 1, 0]);
    expect(broken[0]).toMatchObject({ input: 'question 0', second: 'answer <b>', scores: [1, 0] });
    expect(text).toContain('new@v1.0.0 against old@v1.0.0 on test: 10 answers better, 1 worse');
  });

  it('marks what changed word by word, and never lets an answer be markup', async () => {
    const { markup } = await run({ first: 'old', second: 'new' });
    expect(markup).toMatch(/<span style="[^"]*line-through">0<\/span><span style="[^"]*">&#60;b&#62;<\/span>/);
    expect(markup).not.toContain('<b>');
  });

  it('tests by approximate randomisation when asked', async () => {
    const { comparison } = await run({ first: 'old', second: 'new', test: 'randomisation', seed: 2 });
    expect(comparison.metrics[0]!.difference!.signature).toContain('|ar:10000|seed:2|paired');
    expect(comparison.metrics[0]!.difference!.pValue).toBeLessThan(0.05);
  });

  it('refuses other questions, and evaluations without a common metric', async () => {
    await expect(run({ first: 'old', second: 'short' })).rejects.toThrow('they are not the same ones');
    await expect(run({ first: 'old', second: 'intl' })).rejects.toThrow('no metric in common');
    await expect(run({ first: 'old', second: 'nwe' })).rejects.toThrow('Did you mean "new"?');
  });

  it('refuses figures that were computed in different ways', async () => {
    const other = await recordAnswers(folder, 'resigned', makeAnswers(40, 10), { metrics: 'bleu(tokenize=intl)' });
    const { openStore } = await import('../../../../magics/governance/open-store.ts');
    const store = await openStore(folder);
    const metrics = { bleu: Object.values(other.metrics)[0]! };
    await store.commit({ records: [{ ...other, metrics }], message: 'Rename the metric' });
    await expect(run({ first: 'old', second: 'resigned' })).rejects.toThrow(
      /bleu of old and of resigned are not comparable.*tok:13a.*tok:intl/,
    );
  });
});
