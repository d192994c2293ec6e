import type { z } from 'zod';
import { balance } from './balance.ts';
import { budget } from './budget.ts';
import { chat } from './chat.ts';
import { dedup } from './dedup.ts';
import { filter } from './filter.ts';
import { normalise } from './normalise.ts';
import { redact } from './redact.ts';
import { sample } from './sample.ts';
import type { Step } from './step.ts';

const all = [filter, normalise, dedup, redact, balance, sample, chat, budget];

/** The steps that a recipe may name. Those that make several data sets or read files are not among them. */
export const steps: ReadonlyMap<string, Step<z.ZodObject>> = new Map(
  all.map((step) => [step.verb, step as Step<z.ZodObject>]),
);
