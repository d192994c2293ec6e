import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { suiteOptions } from '../../../../magics/eval/suite/options.ts';
import { suite } from '../../../../magics/eval/suite/suite.ts';
import { suiteReportMime } from '../../../../magics/eval/suite/suite-report.ts';
import { git } from '../../governance/repository-fixture.ts';
import { startServer, streamPieces } from '../../prompt/openai-server.ts';
import { type ModelRepository, makeContext, makeModelRepository } from '../model-fixture.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await makeModelRepository();
  mkdirSync(path.join(repository.folder, 'suites'));
});

const run = (text: string, options: Record<string, unknown> = {}) => {
  const file = path.join('suites', `${Math.abs(hash(text))}.yaml`);
  writeFileSync(path.join(repository.folder, file), text);
  const context = makeContext(repository.folder);
  const result = suite(suiteOptions.parse({ file, ...options }), context.context);
  return { result, context };
};

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
}

const defaults = 'defaults: { model: cron-lora, data: test.csv, target: cron, maxNewTokens: 8 }';

describe('%eval suite', () => {
  it('runs every task with the defaults, by name or template of a prompt, and records each', async () => {
    const { result, context } = run(`name: cron
${defaults}
tasks:
  - name: plain
    metrics: [exact_match, "bleu(tokenize=char)"]
    gates: [exact_match>=0, "bleu(tokenize=char)>=0"]
  - { name: alike, metrics: semantic_similarity, embedder: ./base, gates: semantic_similarity>=-1 }
  - name: inline
    template: |
      ---
      input: { schema: { text: string } }
      ---
      {{role "user"}}{{text}}
`);
    const { tasks, passed } = await result;
    expect(passed).toBe(true);
    expect(tasks.map(({ task, model, failed }) => [task, model, failed])).toEqual([
      ['plain', 'cron-lora@v1.0.0', []],
      ['alike', 'cron-lora@v1.0.0', []],
      ['inline', 'cron-lora@v1.0.0', []],
    ]);
    expect(await repository.store.read('eval', tasks[0]!.id)).toMatchObject({
      task: 'test',
      suite: {
        name: 'cron',
        file: expect.stringMatching(/^suites\/\d+\.yaml$/),
        folder: '',
        task: 'plain',
        gates: [
          { gate: 'exact_match>=0', passed: true },
          { gate: 'bleu(tokenize=char)>=0', passed: true },
        ],
      },
    });
    expect(context.shown.at(-1)![suiteReportMime]).toEqual({ evaluations: tasks.map(({ id }) => id) });
    expect(await repository.store.read('eval', tasks[1]!.id)).toMatchObject({
      config: { embedder: { model: 'base' } },
    });
    expect(await repository.store.read('eval', tasks[2]!.id)).toMatchObject({ task: 'test' });
    expect(context.text()).toContain('cron: 3 of 3 passed');
  });

  it('fails after the last task when a gate does not hold, saying which', async () => {
    const { result, context } = run(`${defaults}
tasks:
  - { name: strict, gates: exact_match>=0.9 }
  - { name: loose }
`);
    await expect(result).rejects.toThrow(/fails: strict with cron-lora@v1\.0\.0 \(exact_match>=0\.9\)/);
    expect(context.text()).toContain('1 of 2 failed');
    const evaluations = await repository.store.list('eval');
    expect(evaluations.find(({ suite: of }) => of?.task === 'strict')?.suite?.gates).toEqual([
      { gate: 'exact_match>=0.9', passed: false },
    ]);
  });

  it('records a task anew that changed and changed back, and writes nothing when it is run again as it is', async () => {
    const file = path.join(repository.folder, 'suites/back.yaml');
    const runLimited = async (limit: number) => {
      writeFileSync(
        file,
        `${defaults.replace('maxNewTokens', `limit: ${limit}, maxNewTokens`)}\ntasks: [{ name: a }]\n`,
      );
      const options = suiteOptions.parse({ file: 'suites/back.yaml' });
      const { tasks } = await suite(options, makeContext(repository.folder).context);
      return (await repository.store.read('eval', tasks[0]!.id))!;
    };
    const [first, second, again] = [await runLimited(1), await runLimited(2), await runLimited(1)];
    expect(again.id).toBe(first.id);
    expect(again.createdAt > second.createdAt).toBe(true);
    expect(await runLimited(1)).toEqual(again);
  });

  it('compares with the version in production, and needs none for the first version', async () => {
    const text = `${defaults}
tasks: [{ name: live, against: production, gates: exact_match>=baseline }]
`;
    expect((await run(text).result).passed).toBe(true);
    const record = (await repository.store.read('model', 'cron-lora'))!;
    const tags = { 'cron-lora@v1.1.0': 'cron-lora v1.1.0' };
    await repository.store.commit({ records: [{ ...record, version: 'v1.1.0' }], message: 'Second version', tags });
    git(repository.folder, 'tag', '-a', 'cron-lora#production#1', 'cron-lora@v1.0.0^{}', '-m', 'live');
    const { tasks } = await run(text.replace('name: live', 'name: second')).result;
    expect(await repository.store.read('eval', tasks[0]!.id)).toMatchObject({
      model: 'cron-lora@v1.1.0',
      baseline: 'cron-lora@v1.0.0',
    });
  });

  it('says what is wrong with a file', async () => {
    await expect(run('tasks: [{ name: a, metric: x }]').result).rejects.toThrow(
      'has no key "metric". Did you mean "metrics"?',
    );
    await expect(run('tasks: [{ name: a, data: test.csv }]').result).rejects.toThrow('Task "a" names no model');
    await expect(run(`${defaults}\ntasks: [{ name: a }]`, { only: 'b' }).result).rejects.toThrow('no task "b"');
    await expect(run('tasks: [').result).rejects.toThrow(/is no suite \(line 1\): Flow sequence/);
    await expect(run('name: a\ntasks:\n  - name: a\n    gate: x>1').result).rejects.toThrow(
      /\(line 4\): .* no key "gate"/,
    );
    await expect(run(`${defaults}\ntasks:\n  - name: a\n  - name: a\n`).result).rejects.toThrow(
      '(line 4): two of its tasks are called "a"',
    );
  });

  it('runs promptfoo’s configuration against an endpoint and names what it cannot import', async () => {
    await using server = await startServer(({ body }, response) => {
      const text = (body.messages as { content: string }[]).at(-1)!.content;
      streamPieces(response, [text.toUpperCase()]);
    });
    const { result, context } = run(`description: shouting
prompts: ["Shout {{word}}", "{{ word | upper }}"]
providers:
  - { id: "openai:chat:loud", config: { apiBaseUrl: "${server.url}" } }
  - anthropic:messages:x
defaultTest: { assert: [{ type: not-contains, value: "?" }] }
tests:
  - vars: { word: [hey, ho] }
    assert: [{ type: icontains, value: "{{word}}" }, { type: javascript, value: "true" }]
  - vars: { word: quiet }
    assert: [{ type: equals, value: SHOUT QUIET }]
`);
    const { tasks, notImported, passed } = await result;
    expect(passed).toBe(true);
    expect(tasks[0]!.metrics.assertions).toMatchObject({ value: 1, n: 3 });
    expect(notImported).toEqual([
      'assertion "javascript"',
      'provider "anthropic:messages:x"',
      'prompt "{{ word | upper }}": the template expression {{ word | upper }}',
    ]);
    expect(context.text()).toContain('Not imported: assertion "javascript"');
    const { suite: of } = (await repository.store.read('eval', tasks[0]!.id))!;
    expect(of).toMatchObject({ name: 'shouting', folder: '', task: `${tasks[0]!.task} with loud` });
    expect(of!.gates.every(({ passed: holds }) => holds)).toBe(true);
  });

  it('runs a task of lm-evaluation-harness: templates, examples, stop strings, filters', async () => {
    writeFileSync(path.join(repository.folder, 'suites/sums.jsonl'), '{"q":"1+1","a":2}\n{"q":"2+3","a":5}\n');
    await using server = await startServer(({ body }, response) => {
      const question = (body.messages as { content: string }[]).at(-1)!.content.split('\n').at(-2)!;
      const [a, b] = question.match(/\d/g)!.map(Number) as [number, number];
      streamPieces(response, [`The sum is #### ${a + b}`]);
    });
    const { result } = run(
      `task: sums
dataset_path: json
dataset_kwargs: { data_files: { test: sums.jsonl } }
test_split: test
output_type: generate_until
description: "Add.\\n"
doc_to_text: "Q: {{q}}\\nA:"
doc_to_target: "{{a}}"
num_fewshot: 1
fewshot_config: { samples: [{ q: 4+4, a: 8 }] }
generation_kwargs: { until: ["\\n"], max_gen_toks: 12 }
filter_list: [{ name: strict, filter: [{ function: regex, regex_pattern: "#### (\\\\d+)" }, { function: take_first }] }]
metric_list: [{ metric: exact_match }, { metric: !function utils.f1 }]
`,
      { model: 'm', endpoint: server.url },
    );
    const { tasks, notImported } = await result;
    expect(tasks[0]!.metrics.exact_match).toMatchObject({ value: 1, n: 2 });
    expect(notImported).toEqual(['metric "!function utils.f1"']);
    expect(server.asked[0]!.body).toMatchObject({ stop: ['\n'], max_tokens: 12 });
    expect((server.asked[0]!.body.messages as { content: string }[])[0]!.content).toBe(
      'Add.\nQ: 4+4\nA: 8\n\nQ: 1+1\nA:',
    );
  });

  it('refuses tasks that need Python or likelihoods, and says so', async () => {
    const head = 'task: t\ndataset_path: json\noutput_type: generate_until\ndoc_to_target: a\n';
    await expect(run(`${head}doc_to_text: !function utils.text`).result).rejects.toThrow(
      'the Python function utils.text',
    );
    const choice = head.replace('generate_until', 'multiple_choice');
    await expect(run(`${choice}doc_to_text: q`).result).rejects.toThrow('compares likelihoods');
    await expect(run(`${head}doc_to_text: q`).result).rejects.toThrow('Only local files');
  });
});
