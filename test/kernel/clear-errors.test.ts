import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { initializeModel } from '../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../magics/engine/tokenizer.ts';
import { runCell, startTestKernel } from './kernel.ts';

/** What goes wrong in a cell is said in one error: what failed, the offending value, what to do. Nothing is lost by it. */
describe('bad input in a cell', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops errors '));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  const write = (name: string, content: string | Buffer) => writeFileSync(path.join(folder, name), content);
  let kernel: KernelClient;
  let taken: Server;

  beforeAll(async () => {
    write('rows.csv', 'text,label\nhello,a\nworld,b\nagain,a\n');
    write('wide.csv', 'text,label\nhello,a\nworld,b,c\n');
    write('quote.csv', 'text,label\nhello,a\n"world,b\n');
    write('broken.jsonl', '{"text":"a"}\n{"text":"b"\n{"text":"c"}\n');
    write('latin1.csv', Buffer.from('a,b\n\xe9,1\n', 'latin1'));
    write('cut.parquet', 'PAR1cut');
    write('empty.csv', '');
    await tinyModel(path.join(folder, 'tiny'));
    kernel = await startTestKernel(folder);
    taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
  });
  afterAll(async () => {
    await kernel.close();
    taken.close();
    rmSync(folder, { recursive: true });
  });

  async function errorOf(code: string): Promise<string> {
    const errors = (await runCell(kernel, code)).flatMap((event) => (event.type === 'error' ? [event.message] : []));
    expect(errors).toHaveLength(1);
    return errors[0]!;
  }

  it('without a repository a data set is loaded, and the cell offers to make one', async () => {
    const events = await runCell(kernel, '%dataset load rows.csv --as rows');
    expect(JSON.stringify(events)).toContain(
      'is not a git repository, so nothing can be recorded. Make one with: %llmops init',
    );
    await runCell(kernel, '%llmops init');
    git('config', 'user.name', 'A Person');
    git('config', 'user.email', 'person@example.com');
    const recorded = await runCell(kernel, '%dataset load rows.csv --as rows');
    expect(JSON.stringify(recorded)).toContain('committed');
  });

  it.each<[string, string, RegExp]>([
    ['a missing file', '%dataset load rwos.csv --as r', /^rwos\.csv does not exist\..*rows\.csv/],
    [
      'a row with too many fields',
      '%dataset load wide.csv --as r',
      /^wide\.csv, line 3: the header has 2 columns, this row has 3/,
    ],
    [
      'a quote that never ends',
      '%dataset load quote.csv --as r',
      /^quote\.csv, line 3: a quote is opened and never closed/,
    ],
    ['a broken JSON line', '%dataset load broken.jsonl --as r', /^broken\.jsonl, line 2: not valid JSON/],
    ['text that is not UTF-8', '%dataset load latin1.csv --as r', /^latin1\.csv, line 2: not UTF-8 text.*iconv/],
    ['a truncated Parquet file', '%dataset load cut.parquet --as r', /^cut\.parquet cannot be read as Parquet/],
    ['an empty file', '%dataset load empty.csv --as r', /^empty\.csv holds no rows/],
    ['an unknown column', '%dataset split rows --by lable', /no column "lable"\. Did you mean "label"\?/],
    ['an unknown data set', '%dataset profile rowz', /^Data set "rowz" does not exist\. Did you mean "rows"\?/],
    ['an unknown magic', '%datset load rows.csv', /no magic %datset\. Did you mean "%dataset"\?/],
    ['an unknown verb', '%dataset profil rows', /no verb "profil"\. Did you mean "profile"\?/],
    ['an unknown option', '%dataset load rows.csv --skip-malfromed', /no option "skip-malfromed"\. Did you mean/],
    ['an unknown key', '%%finetune\nbase_modle: tiny', /no option "base_modle"\. Did you mean "base_model"\?/],
    ['broken YAML', '%%finetune\nbase_model: [tiny\n', /^The YAML is broken in line 3/],
    ['a broken prompt', '%%prompt p\n---\ninput: {\n---\n{{text}}', /^Prompt "p", line 2/],
    ['an unknown base model', '%%finetune\nbase_model: tniy\ndata: rows.csv', /"tniy" does not exist/],
    [
      'a base model that is a data set',
      '%finetune --base_model ${rows}',
      /base_model: expected owner\/name of the Hugging Face hub, a folder in its layout/,
    ],
    [
      'rows of another shape',
      '%%finetune\nbase_model: tiny\ndatasets: [{ path: rows.csv, type: chat_template, field: text }]',
      /^Row 1 of "rows" cannot be learned from: a list of \{ role, content \}/,
    ],
    ['an unknown model', '%eval tniy --data rows', /"tniy" does not exist/],
    ['an unknown deployment', '%monitor nope', /^Deployment "nope" does not exist\. Make one with/],
  ])('%s is one error that says what to do', async (_what, code, message) => {
    expect(await errorOf(code)).toMatch(message);
  });

  it('a port in use is named, with what to do', async () => {
    const { port } = taken.address() as { port: number };
    expect(await errorOf(`%deploy tiny --as api --port ${port}`)).toMatch(new RegExp(`[Pp]ort ${port}.*in use`));
  });

  it('no error commits, stages or changes anything', async () => {
    write('mine.txt', 'staged');
    git('add', 'mine.txt');
    write('mine.txt', 'changed after staging');
    const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain')];
    await errorOf('%dataset load wide.csv --as rows');
    await errorOf('%dataset split rows --by lable');
    await errorOf('%eval tniy --data rows');
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain')]).toEqual(before);
    await runCell(kernel, '%dataset load rows.csv --as others');
    expect(git('diff', '--cached', '--name-only')).toBe('mine.txt\n');
    expect(git('show', ':mine.txt')).toBe('staged');
    expect(readFileSync(path.join(folder, 'mine.txt'), 'utf8')).toBe('changed after staging');
    const result = (await runCell(kernel, 'rows.rowCount')).find((event) => event.type === 'result');
    expect(result).toMatchObject({ data: { 'text/plain': '3' } });
  });
});

/** A model without training, in Hugging Face layout. */
async function tinyModel(target: string): Promise<void> {
  const tokenizer = trainTokenizer(['hello world again'], { vocabularySize: 280 });
  const config = {
    architectures: ['LlamaForCausalLM'],
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 8,
    intermediate_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 64,
    eos_token_id: tokenizer.eosTokenId,
  };
  await initializeModel(target, config, 1);
  await tokenizer.save(target);
}
