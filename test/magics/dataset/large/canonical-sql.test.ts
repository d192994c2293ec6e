import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../../magics/dataset/canonical.ts';
import { canonicalLine, canonicalMacros } from '../../../../magics/dataset/large/canonical-sql.ts';
import { literal, withDatabase } from '../../../../magics/dataset/large/database.ts';
import { columnsOf } from '../../../../magics/dataset/large/plain-columns.ts';
import { createRandom } from '../../../../magics/dataset/random.ts';

const random = createRandom(1);
const doubles = [
  ...[
    0, -0, 1e-7, 1e-6, 1e-5, 0.0001, 1e15, 1e16, 123456789012345680, 1e20, 1e21, 1.5e21, 1e22, 5e-324,
    1.7976931348623157e308,
  ],
  ...Array.from({ length: 5000 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 60 - 30)),
];
const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code))
  .slice(1)
  .join('');
const texts = ['', 'plain', 'a "quote" and \\ and / é 漢 🙂 \u007f \u2028', controls, `x${controls}"\\`];

/** The canonical lines that DuckDB writes for rows of a JSON Lines file. */
async function linesOf(rows: readonly object[], columns: string): Promise<unknown[]> {
  return withDatabase(async (database) => {
    const file = path.join(database.folder, 'rows.jsonl');
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const from = `read_json(${literal(file)}, format = 'newline_delimited', columns = ${columns})`;
    for (const macro of canonicalMacros) await database.run(macro);
    const list = await columnsOf(database, from);
    return (await database.rows<{ line: string }>(`SELECT ${canonicalLine(list)} AS line FROM ${from}`)).map(
      (r) => r.line,
    );
  });
}

it('numbers and texts are written as JavaScript writes them', async () => {
  const rows = doubles.map((z, i) => ({
    z,
    a: texts[i % texts.length],
    n: i - 2500,
    b: i % 3 === 0 ? null : i % 2 === 0,
  }));
  const lines = await linesOf(rows, "{z: 'DOUBLE', a: 'VARCHAR', n: 'BIGINT', b: 'BOOLEAN'}");
  expect(lines).toEqual(rows.map(canonicalJson));
});

it('lists and objects have their keys in order at every level', async () => {
  const rows = [
    {
      turns: [
        { role: 'user', content: 'hi "there"', n: 1 },
        { role: 'a', content: null, n: 2 },
      ],
      tags: ['x', 'y'],
    },
    { turns: [], tags: null },
  ];
  const columns = `{turns: 'STRUCT("role" VARCHAR, "content" VARCHAR, n BIGINT)[]', tags: 'VARCHAR[]'}`;
  expect(await linesOf(rows, columns)).toEqual(rows.map(canonicalJson));
});
