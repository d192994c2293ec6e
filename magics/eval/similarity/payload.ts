import { z } from 'zod';

/** Texts that answer one question, and right answers to it: one line of an `embed` job's file. */
export const comparedTexts = z.strictObject({
  answers: z.array(z.string()),
  references: z.array(z.string()).min(1),
});
export type ComparedTexts = z.output<typeof comparedTexts>;

/** What an `embed` job is given. */
export const embedPayload = z.strictObject({
  modelFolder: z.string().describe('absolute path of the embedding model'),
  texts: z.string().describe('absolute path of a JSON Lines file of compared texts'),
});
export type EmbedPayload = z.output<typeof embedPayload>;

/** One line of a similarities file: of each answer, null where it or all right answers are empty. */
export const similarities = z.array(z.number().nullable());

/** What an `embed` job answers. */
export const embedResult = z.strictObject({
  similarities: z.string().describe('absolute path of a JSON Lines file of similarities, in the order of the texts'),
  contextTokens: z.int().describe('longest text that the embedding model takes, in tokens'),
  cut: z.int().describe('texts that were cut to that'),
  chance: z.number().nullable().describe('mean similarity of right answers to different questions'),
  device: z.string(),
});
export type EmbedResult = z.output<typeof embedResult>;
