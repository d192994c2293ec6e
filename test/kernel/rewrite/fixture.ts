import { z } from 'zod';
import { defineVerb, type Magic } from '../../../magics/magic.ts';

/** A magic with every kind of option. */
export const fixture: Magic = {
  name: 'train',
  summary: 'teaches something',
  defaultVerb: 'start',
  verbs: {
    start: defineVerb({
      summary: 'starts',
      positionals: ['target'],
      body: 'yaml',
      example: '%train x --steps 3',
      options: z.strictObject({
        target: z.string().optional().describe('what to teach'),
        steps: z.int().default(10).describe('how long'),
        rate: z.number().optional(),
        fresh: z.boolean().optional(),
        metrics: z.array(z.enum(['loss', 'bleu'])).optional(),
        data: z.unknown().optional(),
        lora_modules: z.array(z.string()).optional(),
        mode: z.enum(['fast', 'slow']).optional(),
        as: z.string().optional(),
      }),
      run: async (options) => options,
    }),
    load: defineVerb({
      summary: 'loads',
      positionals: ['file', 'more...'],
      example: '%train load a.csv',
      options: z.strictObject({ file: z.string(), more: z.array(z.string()).optional(), as: z.string().optional() }),
      run: async (options) => options,
    }),
    write: defineVerb({
      summary: 'writes',
      positionals: ['name'],
      body: 'text',
      example: '%%train write x',
      options: z.strictObject({ name: z.string(), body: z.string() }),
      run: async (options) => options,
    }),
  },
};
