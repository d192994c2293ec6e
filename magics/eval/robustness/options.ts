import { z } from 'zod';
import { evalOptions } from '../options.ts';
import { perturbations } from './perturb.ts';

/** The options of `%eval robustness`. */
export const robustnessOptions = evalOptions.omit({ against: true, slices: true, gate: true }).extend({
  kinds: z
    .union([z.string().transform((text) => text.split(',').map((kind) => kind.trim())), z.array(z.string())])
    .default([...perturbations])
    .pipe(z.array(z.enum(perturbations)).min(1))
    .describe(`how the questions are changed: ${perturbations.join(', ')}`),
});
export type RobustnessOptions = z.output<typeof robustnessOptions>;
