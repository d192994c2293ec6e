import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGenerator } from '../../../../magics/engine/generator.ts';
import { compare } from '../../../../magics/eval/compare/compare.ts';
import { compareOptions } from '../../../../magics/eval/compare/options.ts';
import { evaluateModel } from '../../../../magics/eval/evaluate.ts';
import { matrix } from '../../../../magics/eval/matrix/matrix.ts';
import { matrixOptions } from '../../../../magics/eval/matrix/options.ts';
import { cosine } from '../../../../magics/eval/metrics/semantic-similarity.ts';
import { modelDigest } from '../../../../magics/eval/model-digest.ts';
import { evalOptions } from '../../../../magics/eval/options.ts';
import { robustnessOptions } from '../../../../magics/eval/robustness/options.ts';
import { robustness } from '../../../../magics/eval/robustness/robustness.ts';
import { originalBase } from '../../../../magics/eval/similarity/choose-embedder.ts';
import { trainedWith } from '../../../../magics/eval/trained-with.ts';
import { resolveModel } from '../../../../magics/governance/resolve-model.ts';
import { listJobs } from '../../../../magics/jobs/index.ts';
import { startServer, streamPieces } from '../../prompt/openai-server.ts';
import { type ModelRepository, makeContext, makeModelRepository } from '../model-fixture.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await makeModelRepository();
});

const metrics = 'semantic_similarity';
const asked = { model: 'cron-lora', data: 'test.csv', target: 'cron', prompt: 'cron', maxNewTokens: 8, metrics };
const run = async (options: Record<string, unknown> = {}, folder = repository.folder) => {
  const context = makeContext(folder);
  const evaluation = await evaluateModel(evalOptions.parse({ ...asked, ...options }), context.context);
  return { evaluation, text: context.text() };
};

const comparing = (first: string, second: string) =>
  compare(compareOptions.parse({ first, second }), makeContext(repository.folder).context);

const embedderOf = (signature: string | undefined) => /embedder:([^|]*)/.exec(signature ?? '')?.[1];
const shortDigest = async (folder: string) =>
  (await modelDigest(folder)).slice('sha256:'.length, 'sha256:'.length + 12);

async function samplesOf({ store }: ModelRepository, id: string) {
  const record = (await store.read('eval', id))!;
  const lines = readFileSync(await store.objects.file(record.samples), 'utf8')
    .trim()
    .split('\n');
  type Sample = { prediction: string; reference: string; scores: Record<string, number | null> };
  return { record, samples: lines.map((line) => JSON.parse(line) as Sample) };
}

describe('semantic_similarity of %eval', () => {
  it('is the cosine of embeddings by the base model, for each slice too, and names it in signature and record', async () => {
    const base = path.join(repository.folder, 'base');
    const { evaluation, text } = await run({ against: 'base', slices: ['kind'] });
    const { record, samples } = await samplesOf(repository, evaluation.id);
    expect(embedderOf(evaluation.metrics.semantic_similarity!.signature)).toBe(await shortDigest(base));
    expect(record.config.embedder).toEqual({ model: 'base', digest: await modelDigest(base) });
    expect(record.differences!.semantic_similarity!.signature).toContain('paired');
    expect(record.slices).toHaveLength(3);
    expect(text).toContain('have a semantic similarity of');

    const generator = await createGenerator({ modelFolder: base, device: 'cpu' });
    const embed = async (content: string) => {
      const ids = generator.tokenizer.encode(content.trim(), { addSpecialTokens: false });
      return (await generator.embed([{ ids, from: 0 }]))[0]!;
    };
    for (const { prediction, reference, scores } of samples) {
      const expected = prediction.trim() === '' ? null : cosine(await embed(prediction), await embed(reference));
      if (expected === null) expect(scores.semantic_similarity).toBeNull();
      else expect(scores.semantic_similarity).toBeCloseTo(expected, 5);
    }
    await generator.dispose();
    expect(samples.some(({ scores }) => scores.semantic_similarity !== null)).toBe(true);
  });

  it('embeds again only what has changed', async () => {
    await run();
    const before = (await listJobs(repository.folder)).length;
    await run({ seed: 3 });
    expect((await listJobs(repository.folder)).length).toBe(before);
  });

  it('takes another embedder by name; figures of different ones are not compared', async () => {
    const [own, other] = [await run(), await run({ embedder: 'cron-lora@v1.0.0' })];
    const tuned = path.join(repository.folder, 'tuned');
    expect(embedderOf(other.evaluation.metrics.semantic_similarity!.signature)).toBe(await shortDigest(tuned));
    await expect(comparing(own.evaluation.id, other.evaluation.id)).rejects.toThrow(
      /semantic_similarity of .* are not comparable: they were computed in different ways/,
    );
  });

  it('tests the difference of two evaluations by the same embedder', async () => {
    const [own, base] = [await run(), await run({ model: 'base' })];
    const { metrics: compared } = await comparing(base.evaluation.id, own.evaluation.id);
    expect(compared[0]!.metric.title).toBe('semantic similarity');
    expect(compared[0]!.difference!.n).toBe(4);
  });

  it('takes the nearest of several right answers in a column of lists', async () => {
    const rows = [
      { text: 'every day at nine', cron: ['0 9 * * *'] },
      { text: 'every day at nine', cron: ['at nine', '0 9 * * *', 'every day'] },
    ];
    writeFileSync(path.join(repository.folder, 'lists.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const { evaluation } = await run({ data: 'lists.jsonl' });
    const { samples } = await samplesOf(repository, evaluation.id);
    const [one, several] = samples.map(({ scores }) => scores.semantic_similarity!) as [number, number];
    expect(samples[0]!.prediction).toBe(samples[1]!.prediction);
    expect(several).toBeGreaterThan(one);
  });

  it('follows the bases of a model that was fine-tuned again and again to the first', async () => {
    const { store, folder } = repository;
    const place = { folder };
    const record = (await store.read('model', 'cron-lora'))!;
    const base = { role: 'base' as const, kind: 'model' as const, name: 'cron-lora', version: 'v1.0.0' };
    const again = { ...record, name: 'cron-again', inputs: [base] };
    const tags = { 'cron-again@v1.0.0': 'cron-again v1.0.0' };
    await store.commit({ records: [again], message: 'Fine-tune again', tags });
    const original = async (name: string) => {
      const model = await resolveModel(name, folder);
      return originalBase(model, await trainedWith(model, store), store, place);
    };
    expect((await original('cron-again')).folder).toBe(path.join(folder, 'base'));
    expect((await original('cron-lora')).folder).toBe(path.join(folder, 'base'));
    expect((await original('base')).ref).toBe('base');

    const lost = { ...record, name: 'cron-lost', inputs: [{ ...base, name: 'gone', version: 'local' }] };
    await store.commit({ records: [lost], message: 'Lost', tags: { 'cron-lost@v1.0.0': 'cron-lost v1.0.0' } });
    await expect(original('cron-lost')).rejects.toThrow('Name the folder: --embedder PATH/gone');
  });

  it('says so when an embedder cannot be found, before a model is loaded', async () => {
    const before = (await listJobs(repository.folder)).length;
    await expect(run({ embedder: 'bse' })).rejects.toThrow('bse');
    await expect(run({ embedder: './nowhere' })).rejects.toThrow('nowhere');
    expect((await listJobs(repository.folder)).length).toBe(before);
  });

  it('measures answers to questions that are written otherwise', async () => {
    const options = { ...asked, maxNewTokens: 4, kinds: 'case' };
    const { byKind } = await robustness(robustnessOptions.parse(options), makeContext(repository.folder).context);
    const { metrics: figures, differences } = byKind[0]!.scored;
    expect(figures.semantic_similarity!.n).toBe(4);
    expect(differences!.semantic_similarity!.value).not.toBeNull();
  });
});

describe('semantic_similarity of %eval matrix', () => {
  const options = { data: 'test.csv', prompts: 'cron', models: 'remote', target: 'cron', metrics };

  it('asks for an embedder, for a remote model has no hidden states', async () => {
    const parsed = matrixOptions.parse({ ...options, endpoint: 'http://127.0.0.1:1/v1' });
    await expect(matrix(parsed, makeContext(repository.folder).context)).rejects.toThrow('Name one: --embedder');
  });

  it('measures the answers of remote models by a local one', async () => {
    await using server = await startServer((_, response) => streamPieces(response, ['0 9 * * *']));
    const parsed = matrixOptions.parse({ ...options, endpoint: server.url, embedder: './base' });
    const { cells } = await matrix(parsed, makeContext(repository.folder).context);
    const scores = cells[0]!.samples.map((sample) => sample.scores.semantic_similarity!);
    expect(scores[0]).toBe(1);
    expect(cells[0]!.figures.semantic_similarity!.n).toBe(4);
    expect(Math.max(...scores.slice(1))).toBeLessThan(1);
  });
});
