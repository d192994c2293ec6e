import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, NewRequest, RequestEvent } from '../../kernel/client.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

/** On this text TypeScript's own parser fails with an assertion. */
const code = '@decorated await x';

describe('a cell on which TypeScript’s own parser fails', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
  });
  afterAll(() => kernel.close());

  async function answer<T extends RequestEvent['type']>(request: NewRequest, type: T) {
    const events: RequestEvent[] = [];
    await kernel.request(request, (event) => events.push(event));
    return events.find((event) => event.type === type) as Extract<RequestEvent, { type: T }>;
  }

  it('is a syntax error, and the next cell runs', async () => {
    const [error] = (await runCell(kernel, code)).filter((event) => event.type === 'error');
    expect(error).toMatchObject({ name: 'SyntaxError', message: 'TypeScript cannot make sense of this cell.' });
    expect(await resultOf(kernel, '1 + 1')).toBe('2');
  });

  it('is underlined, and no question about it ends the kernel', async () => {
    const about = { cellId: 'asked', code };
    const { diagnostics } = await answer({ method: 'diagnose', ...about }, 'diagnostics');
    expect(diagnostics.map(({ message }) => message)).toEqual(['TypeScript cannot make sense of this cell.']);
    expect((await answer({ method: 'complete', ...about, offset: 18 }, 'completions')).type).toBe('completions');
    expect((await answer({ method: 'is_complete', code }, 'completeness')).status).toBe('invalid');
    expect(await resultOf(kernel, '1 + 2')).toBe('3');
  });
});
