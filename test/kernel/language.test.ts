import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, NewRequest, RequestEvent } from '../../kernel/client.ts';
import type { CellDiagnostic } from '../../kernel/protocol.ts';
import { runCell, startTestKernel } from './kernel.ts';

describe('language features', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops-language-'));
  let kernel: KernelClient;
  beforeAll(async () => {
    writeFileSync(
      path.join(folder, 'lib.ts'),
      'export interface Pair { left: number }\nexport const make = (): Pair => ({ left: 1 });\n',
    );
    writeFileSync(path.join(folder, 'rows.jsonl'), '{"text":"a","label":1}\n');
    kernel = await startTestKernel(folder);
    await runCell(kernel, 'interface Point { x: number }\nconst origin: Point = { x: 0 };\nlet count = 1;');
    await runCell(kernel, "import { make, type Pair } from './lib';\nconst pair = make();");
    await runCell(
      kernel,
      "const typed = { [Symbol.for('llmops.type')]: \"import('llmops').Dataset<{ text: string }>\", rows: () => [{ text: 'a' }] };",
    );
  });
  afterAll(async () => {
    await kernel.close();
    rmSync(folder, { recursive: true });
  });

  async function ask<T extends RequestEvent['type']>(request: NewRequest, type: T) {
    let answer: Extract<RequestEvent, { type: T }> | undefined;
    await kernel.request(request, (event) => {
      if (event.type === type) answer = event as typeof answer;
    });
    return answer!;
  }

  /** Labels offered where `|` stands. */
  async function complete(text: string): Promise<string[]> {
    const offset = text.indexOf('|');
    const code = text.replace('|', '');
    return (await ask({ method: 'complete', cellId: '', code, offset }, 'completions')).items.map((i) => i.label);
  }

  async function inspect(text: string): Promise<string | null> {
    const offset = text.indexOf('|');
    return (await ask({ method: 'inspect', cellId: '', code: text.replace('|', ''), offset }, 'inspection')).markdown;
  }

  async function diagnose(
    code: string,
    earlier: string[] = [],
  ): Promise<(Pick<CellDiagnostic, 'message'> & { at: string })[]> {
    const above = earlier.map((text, i) => ({ cellId: `above ${i}`, code: text }));
    const { diagnostics } = await ask({ method: 'diagnose', cellId: '', code, earlier: above }, 'diagnostics');
    return diagnostics.map(({ start, end, message }) => ({ at: code.slice(start, end), message }));
  }

  it('completes members and names of earlier cells', async () => {
    expect(await complete('origin.|')).toContain('x');
    expect(await complete('cou|')).toContain('count');
    expect(await complete('pair.le|')).toEqual(['left']);
    expect(await complete('aq.fro|')).toContain('from');
  });

  it('knows the names of cells above that have not run, and no others', async () => {
    const earlier = ['%dataset load rows.jsonl --as rows', 'const { left, right } = await load();'];
    expect(await diagnose('for (const row of rows) left(row);\nnew Map(rows).get(1).row', earlier)).toEqual([]);
    expect(
      await diagnose('%eval ${run.model} --data rows', [
        '%%finetune --as run\nbase_model: base\ndatasets: [{ path: rows }]',
      ]),
    ).toEqual([]);
    expect(await diagnose('lefty', earlier)).toEqual([{ at: 'lefty', message: "Cannot find name 'lefty'." }]);
  });

  it('checks a cell against earlier ones and points to the cell’s own text', async () => {
    expect(await diagnose('const p: Point = origin;\np.y')).toEqual([
      { at: 'y', message: "Property 'y' does not exist on type 'Point'." },
    ]);
    expect(
      await diagnose('count = 2; count += pair.left; console.log(await fetch("x"), process.pid, aq.table({ a: [1] }))'),
    ).toEqual([]);
    expect(await diagnose("const origin = 'other type'; origin.length")).toEqual([]);
    expect(
      await diagnose("import { readFileSync } from 'node:fs'; const other: Pair = make(); readFileSync('x')"),
    ).toEqual([]);
  });

  it('gives variables the types that their values declare', async () => {
    expect(await complete('typed.rows()[0].|')).toContain('text');
    expect((await diagnose('typed.rows()[0].label'))[0]?.at).toBe('label');
  });

  it('shows types on hover, inside magic lines too', async () => {
    expect(await inspect('ori|gin')).toContain('const origin: Point');
    expect(await inspect('%dataset load ${ori|gin}')).toContain('const origin: Point');
  });

  it('completes magics, verbs, options and files', async () => {
    expect(await complete('%da|')).toEqual(['dataset']);
    expect(await complete('const a = 1;\n%dataset lo|')).toContain('load');
    expect(await complete('%dataset load rows|')).toContain('rows.jsonl');
    expect(await complete('%dataset load x --a|')).toContain('--as');
    expect(await complete('%dataset load ${pair.|}')).toEqual(['left']);
    expect(await complete('%time pair.|')).toEqual(['left']);
    expect(await complete('%load ro|')).toEqual(['rows.jsonl']);
    expect(await complete('%|')).toEqual(expect.arrayContaining(['time', 'who', 'reset', 'load', 'llmops']));
  });

  it('reports mistakes in magic lines as errors of the cell, and checks the rest', async () => {
    expect(await diagnose('%datset load x\norigin.z')).toEqual([
      { at: '%datset', message: 'There is no magic %datset. Did you mean "%dataset"?' },
      { at: 'z', message: "Property 'z' does not exist on type 'Point'." },
    ]);
  });
});
