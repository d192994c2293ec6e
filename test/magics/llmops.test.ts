import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { MagicContext } from '../../magics/context.ts';
import { createLlmops, type Llmops } from '../../magics/llmops.ts';
import { defineVerb, type Magic } from '../../magics/magic.ts';

const measure: Magic = {
  name: 'measure',
  summary: 'measures',
  defaultVerb: 'length',
  verbs: {
    length: defineVerb({
      summary: 'its length',
      positionals: ['text'],
      example: '%measure abc',
      options: z.strictObject({ text: z.string(), scale: z.number().default(1) }),
      run: async ({ text, scale }) => text.length * scale,
    }),
  },
  functions: { half: (n: number) => n / 2 },
};

const signal = new AbortController().signal;
const context: MagicContext = { folder: '.', distFolder: '.', display: () => ({ update() {} }), signal };

describe('llmops', () => {
  const llmops: Llmops = createLlmops([measure], context);

  it('calls verbs by name and the default verb by the magic itself, with defaults filled in', async () => {
    expect(await llmops.measure?.({ text: 'abc' })).toBe(3);
    const { length } = llmops.measure as unknown as { length(options: unknown): Promise<number> };
    expect(await length({ text: 'abc', scale: 2 })).toBe(6);
  });

  it('offers the pure functions beside the verbs', () => {
    expect((llmops.measure as unknown as { half(n: number): number }).half(4)).toBe(2);
  });

  it('says what to do where the disk took no more, and keeps other failures what they are', async () => {
    const failing = (error: Error) => {
      const run = () => Promise.reject(error);
      const verb = { ...measure.verbs.length!, run };
      return createLlmops([{ ...measure, verbs: { length: verb } }], context).measure!({ text: 'a' });
    };
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    await expect(failing(full)).rejects.toThrow(
      /^%measure length was stopped: no space is left on the disk. Make room/,
    );
    await expect(failing(new RangeError('a bug'))).rejects.toThrow(RangeError);
  });

  it('refuses unknown and mistyped options in the verb’s own terms', async () => {
    await expect(llmops.measure?.({ text: 'a', scal: 2 })).rejects.toThrow(
      'measure length has no option "scal". Did you mean "scale"?',
    );
    await expect(llmops.measure?.({ text: 3 })).rejects.toThrow(/^measure length: text: /);
  });

  it('does not begin work in a cell that was interrupted', async () => {
    const aborted = { ...context, signal: AbortSignal.abort(new Error('stopped')) };
    await expect(createLlmops([measure], aborted).measure?.({ text: 'a' })).rejects.toThrow('stopped');
  });
});
