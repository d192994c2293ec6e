import { describe, expect, it } from 'vitest';
import { MagicError } from '../../../kernel/rewrite/errors.ts';
import { rewrite } from '../../../kernel/rewrite/rewrite.ts';
import { hasMagics } from '../../../kernel/rewrite/scan.ts';
import { fixture } from './fixture.ts';

const code = (cell: string) => rewrite(cell, [fixture]).code;

/** What the call's argument evaluates to. */
function options(cell: string, scope: Record<string, unknown> = {}): unknown {
  const [, argument = ''] = /llmops\.[\w.]+\((.*)\);/s.exec(code(cell)) ?? [];
  return new Function(...Object.keys(scope), `return (${argument})`)(...Object.values(scope));
}

function mistake(cell: string): { message: string; offending: string } {
  try {
    code(cell);
  } catch (error) {
    if (error instanceof MagicError) return { message: error.message, offending: cell.slice(error.start, error.end) };
    throw error;
  }
  throw new Error(`No error: ${cell}`);
}

describe('magic lines', () => {
  it('become one awaited call, bound to the name of --as and to _', () => {
    expect(code('%train load data/x.csv --as t')).toBe(
      'var t = _ = await llmops.train.load({ file: "data/x.csv", as: "t", });',
    );
    expect(code('%train x')).toBe('_ = await llmops.train({ target: "x", }); void 0;');
  });

  it('leave TypeScript around them untouched, line for line', () => {
    const cell = 'const a = 1;\n%train load x\nconst b = a;';
    expect(code(cell).split('\n')).toEqual([
      'const a = 1;',
      '_ = await llmops.train.load({ file: "x", }); void 0;',
      'const b = a;',
    ]);
  });

  it('use the default verb when the first word is no verb', () => {
    expect(options('%train loads --steps 3')).toEqual({ target: 'loads', steps: 3 });
  });

  it('bind the name of "as" in the lines below, too', () => {
    expect(code('%%train\nsteps: 3\nas: run')).toBe('var run = _ = await llmops.train({ steps: 3, as: "run", });');
    expect(code('%%train --as a\nas: b')).toMatch(/^var a = /);
  });

  it('refuse names that no variable can have', () => {
    const refused = (name: string, instead: string) => ({
      message: `%train: no variable can be named "${name}". Write: --as ${instead}`,
      offending: name,
    });
    expect(mistake('%train --as 1bad')).toEqual(refused('1bad', '_1bad'));
    expect(mistake('%train --as=my-run')).toEqual(refused('my-run', 'my_run'));
    expect(mistake('%train --as class')).toEqual(refused('class', 'class_'));
    expect(mistake('%train --as llmops')).toEqual(refused('llmops', 'llmops_'));
    expect(mistake('%%train\nas: my-run')).toEqual(refused('my-run', 'my_run'));
  });

  it('read values as the schema wants them', () => {
    expect(options('%train --steps=3 --rate 3e-4 --fresh --metrics loss,bleu --mode fast')).toEqual({
      steps: 3,
      rate: 3e-4,
      fresh: true,
      metrics: ['loss', 'bleu'],
      mode: 'fast',
    });
    expect(options('%train --fresh false --lora-modules q_proj')).toEqual({ fresh: false, lora_modules: ['q_proj'] });
  });

  it('keep quoted text whole', () => {
    expect(options(`%train "two words" --data='it is'`)).toEqual({ target: 'two words', data: 'it is' });
    expect(options(`%train don't`)).toEqual({ target: "don't" });
  });

  it('take the rest of the words as a list where a positional ends with dots', () => {
    expect(options('%train load a b "c d" --as x')).toEqual({ file: 'a', more: ['b', 'c d'], as: 'x' });
  });

  it('pass expressions as values, and inside text as templates', () => {
    const data = [1, { a: '}' }];
    expect(
      options('%train ${name}-v2 --data ${rows.map((r) => `${r}`)} --steps ${n + 1}', { name: 'x', rows: data, n: 1 }),
    ).toEqual({ target: 'x-v2', data: data.map(String), steps: 2 });
    expect(options('%train --metrics ${m},bleu', { m: 'loss' })).toEqual({ metrics: ['loss', 'bleu'] });
  });

  it('go on over a backslash at the line end', () => {
    expect(options('%train x \\\n  --steps 4')).toEqual({ target: 'x', steps: 4 });
  });

  it('are not found inside strings, templates, comments, parentheses and operators', () => {
    for (const cell of ['`\n%train x\n`', '/*\n%train x\n*/', 'f(a\n%b)', 'const a = b *\n%train', 'x = `${`\n%a`}`']) {
      expect(hasMagics(cell), cell).toBe(false);
    }
    expect(hasMagics('const r = /[`"]/;\n%train x')).toBe(true);
    expect(hasMagics('const a = b\n  % c')).toBe(false);
  });
});

describe('magic cells', () => {
  it('read YAML, with expressions anywhere in it', () => {
    const cell =
      '%%train --as run\n# a comment with ${nothing}\ndata: [{ path: ${rows}, name: "v${n}" }]\nsteps: 3\nrate: 3.0e-3\n';
    expect(code(cell)).toMatch(/^var run = _ = await llmops\.train\(/);
    expect(options(cell, { rows: [1], n: 2 })).toEqual({
      as: 'run',
      data: [{ path: [1], name: 'v2' }],
      steps: 3,
      rate: 0.003,
    });
  });

  it('pass a text body as it is, with expressions as template values', () => {
    const cell = '%%train write note\nfirst `line`\n{{text}} ${who} \\${kept}\n';
    expect(options(cell, { who: 'me' })).toEqual({ name: 'note', body: 'first `line`\n{{text}} me ${kept}\n' });
  });

  it('say where the YAML is broken', () => {
    expect(mistake('%%train\nsteps: 3\ndata: [1, 2\nrate: 1').message).toMatch(/^The YAML is broken in line [34]: /);
    expect(mistake('%%train\nsteps: 3\nstep: 4')).toEqual({
      message: '%train has no option "step". Did you mean "steps"?',
      offending: 'step',
    });
    expect(mistake('%%train\njust words').message).toMatch('must be YAML of the form');
  });

  it('refuse lines that the verb does not take', () => {
    expect(mistake('%%train load x\nconst a = 1').message).toMatch('takes no lines below it');
  });
});

describe('mistakes', () => {
  it('name the nearest valid thing and point to the text', () => {
    expect(mistake('%trian x')).toEqual({
      message: 'There is no magic %trian. Did you mean "%train"?',
      offending: '%trian',
    });
    expect(mistake('%train x --step 3')).toEqual({
      message: '%train has no option "step". Did you mean "steps"?',
      offending: 'step',
    });
    expect(mistake('%train --mode fas')).toEqual({
      message: '%train: mode cannot be "fas". Did you mean "fast"?',
      offending: 'fas',
    });
    expect(mistake('%train --steps many').message).toBe('%train: steps must be a number, not "many".');
  });

  it('say what is missing or too much, with the usage', () => {
    expect(mistake('%train load').message).toBe('%train load needs FILE. Usage: %train load FILE MORE... [options]');
    expect(mistake('%train a b').message).toMatch('takes nothing more at "b"');
    expect(mistake('%train --steps').message).toBe('%train: --steps needs a value.');
    expect(mistake('%train --data ${a').message).toBe('This ${ is not closed.');
  });
});

describe('the kernel’s own magics', () => {
  it('run shell commands with expressions in them', () => {
    expect(code('!ls ${path.join(folder, "a")} -l')).toBe('await __notebook.shell(`ls ${path.join(folder, "a")} -l`);');
    expect(code('!ls ${folder}')).toBe('await __notebook.shell(`ls ${__notebook.either(() => folder, "${folder}")}`);');
  });

  it('leave to the shell what only a shell can mean', () => {
    expect(code('%%bash\nfor f in *; do echo "${f%.txt} ${#f} ${f:-x}"; done')).toBe(
      'await __notebook.script("bash", `for f in *; do echo "\\${f%.txt} \\${#f} \\${f:-x}"; done`);',
    );
    expect(code('%%sh\necho `date` \\${HOME}')).toBe('await __notebook.script("sh", `echo \\`date\\` \\${HOME}`);');
  });

  it('time statements and expressions', () => {
    expect(code('%time f(1);')).toBe('__notebook.timed(__notebook.startTimer(),  f(1));');
    expect(code('%time const a = 1;')).toBe('__notebook.startTimer(); const a = 1; __notebook.stopTimer();');
  });

  it('show help without running anything', () => {
    expect(code('%train load -h')).toMatch(/^__notebook\.show\(.*%train load FILE MORE/);
    expect(code('%llmops')).toMatch('teaches something');
  });
});

describe('positions', () => {
  it('of copied text lead back and forth', () => {
    const cell = 'const a = 1;\n%train ${value.field} --as kept\nlater();';
    const { code: generated, positions } = rewrite(cell, [fixture]);
    for (const text of ['value.field', 'kept', 'later', 'const a']) {
      const original = cell.indexOf(text);
      expect(generated.slice(positions.toGenerated(original)).startsWith(text), text).toBe(true);
      expect(positions.toOriginal(positions.toGenerated(original)), text).toBe(original);
    }
  });
});
