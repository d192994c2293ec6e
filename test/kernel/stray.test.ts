import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { resultOf, startTestKernel } from './kernel.ts';

describe('what a cell sets off', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
  });
  afterAll(() => kernel.close());

  /** Runs a cell; its events go on arriving after it has ended. */
  async function run(code: string): Promise<RequestEvent[]> {
    const events: RequestEvent[] = [];
    await kernel.request({ method: 'execute', cellId: '', code }, (event) => events.push(event));
    return events;
  }
  const textOf = (events: readonly RequestEvent[]) =>
    events.map((event) => (event.type === 'stream' ? event.text : '')).join('');

  it('and fails later is told in the cell that caused it, while another cell runs', async () => {
    const first = await run(
      'const fail = (what: string) => { throw new TypeError(what); };\nsetTimeout(() => fail("by a timer"), 50);',
    );
    const second = await run(
      'void Promise.reject(new Error("by nobody awaited"));\nawait new Promise((r) => setTimeout(r, 200));',
    );
    await sleep(100);
    expect(textOf(first)).toContain('Uncaught TypeError: by a timer');
    expect(textOf(first)).toContain('> 1 | const fail');
    expect(textOf(second)).toContain('Uncaught Error: by nobody awaited');
    expect(textOf(second)).not.toContain('by a timer');
  });

  it('and calls what another cell defined, fails in the cell that called', async () => {
    await run('function thrower() { throw new RangeError("called") }');
    const caller = await run('setTimeout(() => {\n  thrower();\n}, 30);');
    await run('await new Promise((r) => setTimeout(r, 150))');
    expect(textOf(caller)).toContain('Uncaught RangeError: called');
  });

  it('leaves the kernel as it was', async () => {
    await run(
      'let counter = 1; setTimeout(() => { throw "no error at all" }, 5); await new Promise((r) => setTimeout(r, 50))',
    );
    expect(await resultOf(kernel, '++counter')).toBe('2');
  });
});

describe('output of a busy cell', () => {
  it('keeps its order: text of both streams, displays and the result', { timeout: 60_000 }, async () => {
    const kernel = await startTestKernel(tmpdir());
    const events: RequestEvent[] = [];
    const code = `for (let i = 0; i < 3000; i++) {
      console.log('o' + i);
      if (i % 3 === 0) console.error('e' + i);
      if (i % 100 === 0) display({ 'text/plain': 'd' + i });
    }
    'end'`;
    await kernel.request({ method: 'execute', cellId: '', code }, (event) => events.push(event));
    await kernel.close();
    const shown = events.flatMap((event) => {
      if (event.type === 'stream') return event.text.split('\n').filter(Boolean);
      return event.type === 'display' ? [String(event.data['text/plain'])] : [];
    });
    const wanted = Array.from({ length: 3000 }, (_, i) => [
      `o${i}`,
      ...(i % 3 === 0 ? [`e${i}`] : []),
      ...(i % 100 === 0 ? [`d${i}`] : []),
    ]).flat();
    expect(shown).toEqual(wanted);
    expect(events.slice(-2).map((event) => event.type)).toEqual(['result', 'finished']);
  });
});
