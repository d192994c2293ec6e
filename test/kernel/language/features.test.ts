import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CellEdit, Location } from '../../../kernel/protocol.ts';
import { openLanguage } from './in-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops-features-'));
writeFileSync(path.join(folder, 'lib.ts'), '/** Doubles. */\nexport const double = (n: number) => 2 * n;\n');
const { ask, errors, language } = openLanguage(folder);
afterAll(() => rmSync(folder, { recursive: true }));

describe('definitions', () => {
  it('lead to the declaration in another cell, also of a member', async () => {
    const cells = ['interface Point { x: number; y: number }\nconst origin: Point = { x: 0, y: 0 };'];
    expect(places(await ask('definition', [...cells, 'ori|gin.x']))).toEqual(['cell 0 1:6']);
    expect(places(await ask('definition', [...cells, 'origin.|y']))).toEqual(['cell 0 0:29']);
  });

  it('lead to the nearest cell above that declares the name', async () => {
    const cells = ['const a = 1;', 'const a = "two";', 'a|', 'const a = 3;'];
    expect(places(await ask('definition', cells))).toEqual(['cell 1 0:6']);
  });

  it('lead to a magic that binds the name, and into files', async () => {
    expect(places(await ask('definition', ['%dataset load x.csv --as rows', 'row|s']))).toEqual(['cell 0 0:25']);
    expect(places(await ask('definition', ["import { double } from './lib';\ndou|ble(1)"]))).toEqual(['lib.ts 1:13']);
  });
});

describe('references and renames', () => {
  const cells = [
    'const total = 1;',
    '%time total + 1',
    'const shown = { total };\n`${to|tal}`',
    'const total = 2;',
    'total',
  ];

  it('reach every cell that means the same name, and no other', async () => {
    expect(places(await ask('references', cells))).toEqual(['cell 0 0:6', 'cell 1 0:6', 'cell 2 0:16', 'cell 2 1:3']);
  });

  it('keep the key of a shorthand property', async () => {
    const { edits } = await ask('rename', cells, { newName: 'sum' });
    expect(edits.map(({ cellId, text }: CellEdit) => `${cellId} ${text}`)).toEqual([
      'cell 0 sum',
      'cell 1 sum',
      'cell 2 total: sum',
      'cell 2 sum',
    ]);
  });

  it('stay in the cell for names of an inner scope', async () => {
    const inner = ['const n = 1;', '[1].map((n) => |n + 1);', 'n'];
    expect(places(await ask('references', inner))).toEqual(['cell 1 0:9', 'cell 1 0:15']);
  });
});

describe('help while typing', () => {
  it('shows the signature of the function that is called, and which parameter', async () => {
    const help = await ask('signature', ['const add = (left: number, right: number) => left + right;', 'add(1, |']);
    expect(help.signatures[0]?.label).toBe('add(left: number, right: number): number');
    expect(help.parameter).toBe(1);
  });

  it('explains magics, verbs and options', async () => {
    expect((await ask('inspect', ['%data|set load x'])).markdown).toContain('%dataset load FILE');
    expect((await ask('inspect', ['%eval m --gat|e x'])).markdown).toContain('condition to meet');
  });

  it('completes names of cells above, packages and local files', async () => {
    const labels = async (...texts: string[]) => (await ask('complete', texts)).items.map(({ label }) => label);
    expect(await labels('const velocity = 1;', 'velo|')).toEqual(['velocity']);
    expect(await labels("import { readFile } from 'node:fs/pro|'")).toContain('promises');
    expect(await labels("import { double } from './l|'")).toContain('lib');
  });
});

describe('completions of one place, asked again and again', () => {
  const labels = async (...texts: string[]) => (await ask('complete', texts)).items.map(({ label }) => label);

  it('narrow as a member is typed, and replace what is typed of it', async () => {
    const point = 'const point = { left: 1, length: 2, right: 3 };';
    expect(await labels(point, 'point.|\nconst more = 1;')).toEqual(['left', 'length', 'right']);
    expect(await labels(point, 'point.l|\nconst more = 1;')).toEqual(['left', 'length']);
    const found = await ask('complete', [point, 'more(point?.len|)']);
    expect(found).toMatchObject({ start: 12, end: 15, items: [{ label: 'length' }] });
    expect(await labels(point, 'point.LEN|')).toEqual(['length']);
    expect(await labels(point, 'point.le|ngth')).toEqual(['left', 'length']);
  });

  it('follow changes of other cells and of files', async () => {
    expect(await labels('const point = { left: 1 };', 'point.l|')).toEqual(['left']);
    expect(await labels('const point = { last: 1 };', 'point.l|')).toEqual(['last']);
    const typed = "import * as made from './made';\nmade.f|";
    writeFileSync(path.join(folder, 'made.ts'), 'export const first = 1;');
    expect(await labels(typed)).toEqual(['first']);
    writeFileSync(path.join(folder, 'made.ts'), 'export const final = 1;');
    utimesSync(path.join(folder, 'made.ts'), 1e9, 1e9);
    expect(await labels(typed)).toEqual(['final']);
    expect(await labels("import './mad|'")).toEqual(['made']);
    writeFileSync(path.join(folder, 'made-too.ts'), 'export {};');
    expect(await labels("import './mad|'")).toContain('made-too');
  });
});

describe('columns in magic options', () => {
  const labels = async (...texts: string[]) => (await ask('complete', texts)).items.map(({ label }) => label);

  it('are those of the handle’s type, or of the record', async () => {
    const code = '%dataset load a.jsonl --as rows';
    const types = { rows: "import('llmops').Dataset<{ text: string; label: number }>" };
    language.ran({ method: 'ran', cellId: 'cell 0', code, types });
    expect(await labels(code, '%dataset dedup ${rows} --on |')).toEqual(['label', 'text']);
    expect(await labels(code, '%dataset dedup rows --on text,la|')).toEqual(['label']);
    mkdirSync(path.join(folder, 'llmops/datasets'), { recursive: true });
    writeFileSync(
      path.join(folder, 'llmops/datasets/tickets.json'),
      JSON.stringify({ columns: [{ name: 'intent', type: 'string' }] }),
    );
    expect(await labels('%eval m --data tickets --target |')).toEqual(['intent']);
  });
});

describe('mends', () => {
  it('add a missing import at the top of the cell', async () => {
    const code = "const text = 1;\nreadFileSync('x')";
    const { actions } = await ask('actions', [code], { start: 16, end: 28 });
    const add = actions.find(({ title }) => /node:fs/.test(title) || /"fs"/.test(title));
    expect(add?.edits).toEqual([{ cellId: 'cell 0', start: 0, end: 0, text: expect.stringContaining('readFileSync') }]);
  });

  it('correct a misspelled member', async () => {
    const { actions } = await ask('actions', ['[1].lenght'], { start: 4, end: 10 });
    expect(actions.map(({ edits }) => edits)).toContainEqual([{ cellId: 'cell 0', start: 4, end: 10, text: 'length' }]);
  });

  it('format TypeScript and leave magics alone', async () => {
    const code = 'const  a=1\n%dataset load  x.csv   --as t\nif(a){\nt\n}';
    const { edits } = await ask('format', [code], { tabSize: 2, insertSpaces: true });
    expect(applied(code, edits)).toBe('const a = 1\n%dataset load  x.csv   --as t\nif (a) {\n  t\n}');
    expect((await ask('format', ['%%bash\nif  x'], { tabSize: 2, insertSpaces: true })).edits).toEqual([]);
  });
});

describe('checks', () => {
  it('know constants of other cells from variables', async () => {
    expect(await errors('const fixed = 1; let free = 1;', 'free = 2;\nfixed = 2;')).toEqual([
      "fixed: Cannot assign to 'fixed' because it is a constant.",
    ]);
  });

  it('leave unknown names in shell commands to the shell', async () => {
    expect(await errors('!echo ${HOME}\n%%time', '%%bash\necho ${HOME} ${PATH%:*}')).toEqual([]);
  });

  it('see a new kind of declaration under an old name', async () => {
    const kinds = [
      'const It = 1;',
      'class It { a = 1 }',
      'function It() { return "x" }',
      'enum It { One }',
      'type It = string;',
    ];
    const uses = ['It.toFixed()', 'new It().a', 'It().length', 'It.One', "const s: It = 'x'; s.length"];
    for (const [i, use] of uses.entries()) expect(await errors(...kinds.slice(0, i + 1), use), use).toEqual([]);
    expect(await errors(...kinds.slice(0, 2), 'It.toFixed()')).toHaveLength(1);
  });

  it('follow a local module when it changes', async () => {
    const file = path.join(folder, 'changing.ts');
    writeFileSync(file, 'export const value = 1;\n');
    const cells = ["import { value } from './changing';", 'value.toFixed()'] as const;
    expect(await errors(...cells)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(file, "export const value = 'text';\n");
    expect(await errors(...cells)).toHaveLength(1);
  });

  it('find a module that was not there before', async () => {
    const cell = "import { late } from './late'; late + 1";
    expect(await errors(cell)).toHaveLength(1);
    writeFileSync(path.join(folder, 'late.ts'), 'export const late = 1;\n');
    expect(await errors(`${cell};`)).toEqual([]);
  });
});

function places({ locations }: { locations: Location[] }): string[] {
  return locations.map(
    ({ cellId, file, start }) => `${cellId ?? path.basename(file!)} ${start.line}:${start.character}`,
  );
}

function applied(text: string, edits: readonly CellEdit[]): string {
  const last = [...edits].sort((a, b) => b.start - a.start);
  return last.reduce((code, edit) => code.slice(0, edit.start) + edit.text + code.slice(edit.end), text);
}
