import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import type { PageRequest } from '../../magics/charts/table-pages.ts';
import type { TableResource } from '../../magics/charts/table-resource.ts';
import { runCell, startTestKernel } from './kernel.ts';

const large = 'aq.table({ n: Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003) })';

describe('tables of which the notebook holds the first rows', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
  });
  afterAll(() => kernel.close());

  /** The table that a cell shows or ends with. */
  async function tableOf(code: string): Promise<TableResource> {
    const shown = (await runCell(kernel, code)).find(({ type }) => type === 'result' || type === 'display');
    return (shown as { data: Record<string, unknown> }).data['application/vnd.dataresource+json'] as TableResource;
  }

  async function read(source: string, page: PageRequest) {
    let rows: unknown;
    await kernel.request({ method: 'rows', source, page }, (event) => {
      if (event.type === 'rows') rows = event.rows;
    });
    return rows;
  }

  it.each([large, `display(${large})`])('can be read to the end and sorted over all rows: %s', async (code) => {
    const { source, data, rowCount } = await tableOf(code);
    expect([data.length, rowCount]).toEqual([1000, 5000]);
    expect(await read(source!, { first: 4999, count: 20 })).toEqual([{ n: (4999 * 7919) % 5003 }]);
    const sorting = { column: 'n', descending: true };
    expect(await read(source!, { first: 0, count: 3, sorting })).toEqual([{ n: 5002 }, { n: 5001 }, { n: 5000 }]);
  });

  it('are read while a cell waits', async () => {
    const { source } = await tableOf(large);
    const waiting = runCell(kernel, 'await new Promise(() => {})');
    expect(await read(source!, { first: 0, count: 1 })).toEqual([{ n: 0 }]);
    await kernel.request({ method: 'interrupt' });
    await waiting;
  });

  it('are told to be gone when others took their place in memory', async () => {
    const { source } = await tableOf(large);
    await runCell(kernel, `const many = ${large}; for (let i = 0; i < 20; i++) display(many)`);
    expect(await read(source!, { first: 0, count: 1 })).toBeNull();
    expect(await read('of another kernel', { first: 0, count: 1 })).toBeNull();
  });

  it('have no name when the notebook holds them whole', async () => {
    expect((await tableOf('aq.table({ n: [1, 2] })')).source).toBeUndefined();
  });
});
