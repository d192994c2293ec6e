import type { Random } from './random.ts';

type Kind = 'number' | 'string' | 'boolean' | 'list' | 'record';
const kinds: readonly Kind[] = ['number', 'string', 'boolean', 'list', 'record'];
const types: Record<Kind, string> = {
  number: 'number',
  string: 'string',
  boolean: 'boolean',
  list: 'number[]',
  record: '{ n: number; s: string }',
};

export interface Program {
  readonly code: string;
  /** Variables that it declares at its top level, whose values may be compared. */
  readonly names: readonly string[];
}

/** A TypeScript program that ends, throws nothing and touches nothing: declarations of every sort, loops, classes, types. */
export function generateProgram(random: Random): Program {
  const known: Record<Kind, string[]> = { number: [], string: [], boolean: [], list: [], record: [] };
  const names: string[] = [];
  const lists: string[] = [];
  let last = 0;

  const fresh = () => `v${++last}`;
  const declared = (kind: Kind, name: string) => {
    known[kind].push(name);
    names.push(name);
    return name;
  };
  let mayAwait = true;
  /** Code for a function's body: no `await`. */
  const inside = (write: () => string): string => {
    const before = mayAwait;
    mayAwait = false;
    const code = write();
    mayAwait = before;
    return code;
  };
  const semicolon = () => (random.chance(0.7) ? ';' : '');

  function expression(kind: Kind, depth = 2): string {
    const variable = known[kind];
    if (variable.length > 0 && random.chance(0.35)) return random.pick(variable);
    return depth <= 0 ? literal(kind) : random.pick(expressions[kind])(depth - 1);
  }

  function literal(kind: Kind): string {
    if (kind === 'number') return random.pick(['0', '1', '7', '2.5', '0x1f', '1_000', '3e2']);
    if (kind === 'string') return random.pick(["''", "'a'", '"%dataset load x"', '`!ls`', "'//'", "'é😀'", "'${x}'"]);
    if (kind === 'boolean') return random.pick(['true', 'false']);
    return kind === 'list' ? '[1, 2, 3]' : "{ n: 1, s: 'r' }";
  }

  const e = expression;
  const expressions: Record<Kind, readonly ((depth: number) => string)[]> = {
    number: [
      (d) => `(${e('number', d)} ${random.pick(['+', '-', '*', '**', '%', '|', '>>', '&&', '??'])} 2)`,
      (d) => `${e('list', d)}.length`,
      (d) => `(${e('list', d)}).reduce((sum, x) => sum + x, 0)`,
      (d) => `(${e('boolean', d)} ? ${e('number', d)} : ${e('number', d)})`,
      (d) => `(${e('number', d)} as number)`,
      (d) => `(${e('number', d)} satisfies number)`,
      (d) => (mayAwait ? `(await Promise.resolve(${e('number', d)}))` : '8'),
      (d) => `(${e('record', d)})?.n!`,
      (d) => `((x: number, ...more: number[]): number => x + more.length)(${e('number', d)}, 1, 2)`,
      (d) => `(${e('string', d)}).replace(/[a-z%/]+$/g, '').length`,
      (d) => `(function self(k: number): number { return k <= 0 ? 0 : 1 + self(k - 1) })(${d + 2})`,
    ],
    string: [
      (d) => `\`<\${${e('number', d)}}\n%not a magic \${\`inner \${${e('string', d)}}\`}>\``,
      (d) => `(${e('string', d)} + ${e('number', d)})`,
      (d) => `String(${e('list', d)})`,
      (d) => `(${e('record', d)}).s`,
      (d) => `typeof ${e('number', d)}`,
    ],
    boolean: [
      (d) => `(${e('number', d)} ${random.pick(['<', '>=', '===', '!=='])} ${e('number', d)})`,
      (d) => `!${e('boolean', d)}`,
      (d) => `(${e('boolean', d)} || ${e('boolean', d)})`,
      (d) => `('n' in (${e('record', d)}))`,
    ],
    list: [
      (d) => `[${e('number', d)}, ...(${e('list', d)})]`,
      (d) => `(${e('list', d)}).map((x, i) => x * i)`,
      (d) => `(${e('list', d)}).filter((x) => x % 2 === 0)`,
      (d) => `Array.from({ length: ${d + 1} }, (_, i) => i)`,
      () => `[...(function* () { yield 1; yield* [2, 3] })()]`,
    ],
    record: [
      (d) => `({ n: ${e('number', d)}, s: ${e('string', d)} })`,
      (d) => `({ ...(${e('record', d)}), n: ${e('number', d)} })`,
      (d) => `(<${types.record}>({ s: ${e('string', d)}, get n() { return ${inside(() => e('number', 0))} } }))`,
    ],
  };

  function declaration(): string {
    const kind = random.pick(kinds);
    const value = e(kind);
    const name = fresh();
    const type = random.chance(0.5) ? `: ${types[kind]}` : '';
    return `${random.pick(['let', 'const', 'var'])} ${declared(kind, name)}${type} = ${value}${semicolon()}`;
  }

  function destructuring(): string {
    const keyword = random.pick(['let', 'const', 'var']);
    const [record, list] = [e('record'), e('list')];
    const [a, b, c, d] = [fresh(), fresh(), fresh(), fresh()];
    const fields = `{ n: ${declared('number', a)} = 4, ...${b} }: any = ${record}`;
    names.push(b);
    const items = `[${declared('number', c)} = 5, , ...${declared('list', d)}] = ${list}`;
    return `${keyword} ${fields}, ${items};`;
  }

  function control(): string {
    const target = random.pick(lists);
    const push = (value: string) => `${target}.push(${value});`;
    return random.pick([
      () => `if (${e('boolean')}) { ${push(e('number'))} } else ${push('1')}`,
      () => `for (let i = 0; i < 3; i++) { if (i === 1) continue; ${push('i')} }`,
      () => `for (const x of ${e('list')}) { ${push('x')} }`,
      () => `for await (const x of [1, Promise.resolve(2)]) ${push('x')}`,
      () => `for (const key in ${e('record')}) { ${push('key.length')} }`,
      () => `outer: for (;;) { for (;;) { ${push('9')} break outer } }`,
      // TypeScript takes `({ n: 1 })` above a `{` for an arrow function that lacks its arrow.
      () => `;{ let k = 2; do { ${push('k')} } while (k-- > 0); }`,
      () => `switch (${e('number')}) { case 1: ${push('1')} break; default: ${push('2')} }`,
      () => `try { throw new Error(${e('string')}) } catch (error) { ${push('1')} } finally { ${push('2')} }`,
      () => `label: { if (${e('boolean')}) break label; ${push('3')} }`,
      () => `// % 3\n/* a comment\n%dataset load x\n*/ ${push('4')}`,
    ])();
  }

  function definition(): string {
    const [name, result] = [fresh(), fresh()];
    const [value, other] = [inside(() => e('number')), inside(() => e('number', 0))];
    return random.pick([
      () =>
        `const ${declared('number', result)} = ${name}(${value})\nfunction ${name}<T extends number>(x: T, y = 2): number { return x + y }`,
      () =>
        `async function ${name}(x: number): Promise<number> { await null; return x * 2 }\nlet ${declared('number', result)} = await ${name}(${value});`,
      () =>
        `function* ${name}() { for (let i = 0; i < 3; i++) yield i }\nconst ${declared('list', result)} = [...${name}()];`,
      () =>
        `class ${name} { static count = ${other}; #hidden = ${value}; constructor(private readonly extra: number) {} get sum() { return this.#hidden + this.extra + ${name}.count } }\nvar ${declared('number', result)} = new ${name}(1).sum;`,
      () =>
        `abstract class ${name} { abstract area(): number; twice() { return this.area() * 2 } }\nclass ${name}Of extends ${name} implements Object { area() { return ${value} } }\nconst ${declared('number', result)} = new ${name}Of().twice()`,
      () =>
        `enum ${name} { A, B = 5, C, D = 'x' }\nconst ${declared('number', result)}: number = ${name}.C; const ${declared('string', `${result}s`)} = ${name}[0];`,
      () =>
        `namespace ${name} { export const inner = ${value}; export namespace Deep { export const two = inner * 2 } }\nlet ${declared('number', result)} = ${name}.Deep.two`,
      () =>
        `interface ${name} { n: number; [key: string]: unknown }\ntype ${name}Alias<T = unknown> = T extends number ? ${name} : never;\ndeclare const ${name}Nowhere: ${name};`,
    ])();
  }

  function assignment(): string {
    const kind = random.pick(['number', 'string'] as const);
    const name = fresh();
    return `let ${declared(kind, name)}: ${types[kind]};\n${name} = ${e(kind)};\n${name} += ${kind === 'number' ? e('number') : e('string')}`;
  }

  const statements = [`const log: number[] = [];`];
  lists.push('log');
  names.push('log');
  const count = 2 + random.below(7);
  for (let i = 0; i < count; i++) {
    statements.push(random.pick([declaration, declaration, destructuring, control, definition, assignment])());
  }
  return { code: `${statements.join('\n')}\n`, names };
}
