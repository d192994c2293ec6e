import path from 'node:path';
import { z } from 'zod';
import { type JsonLines, jsonLines } from './json-lines.ts';

/** One answered (or refused) request of a deployment. Times in milliseconds. */
export const loggedRequest = z.object({
  id: z.string(),
  time: z.iso.datetime().describe('when it arrived, UTC'),
  model: z.string().describe('name@version that answered'),
  endpoint: z.enum(['chat', 'completions', 'embeddings']),
  status: z.int().describe('HTTP status; 499 when the client went away'),
  latencyMs: z.number(),
  timeToFirstTokenMs: z.number().nullable(),
  promptTokens: z.int().nullable(),
  completionTokens: z.int().nullable(),
  finishReason: z.string().nullable(),
  stream: z.boolean(),
  input: z
    .string()
    .optional()
    .describe('last user message, or the prompt; left out with --no-log-text, and of texts that were embedded'),
  output: z.string().optional(),
  error: z.string().optional(),
});
export type LoggedRequest = z.output<typeof loggedRequest>;

/** What somebody thought of an answer. */
export const feedback = z.object({
  time: z.iso.datetime(),
  requestId: z.string(),
  name: z.string(),
  value: z.union([z.enum(['up', 'down']), z.number(), z.boolean()]),
  rationale: z.string().optional(),
  source: z.string(),
});
export type Feedback = z.output<typeof feedback>;

/** A deployment's files under `.llmops/deployments/<name>/`: key, request log and feedback. They stay on this machine. */
export interface DeploymentFiles {
  readonly key: string;
  readonly requests: JsonLines<LoggedRequest>;
  readonly feedback: JsonLines<Feedback>;
}

/** The files of the deployment `name` of the repository at `folder`. */
export function deploymentFiles(folder: string, name: string): DeploymentFiles {
  const own = path.join(folder, '.llmops', 'deployments', name);
  return {
    key: path.join(own, 'key'),
    requests: jsonLines(path.join(own, 'requests.jsonl'), loggedRequest),
    feedback: jsonLines(path.join(own, 'feedback.jsonl'), feedback),
  };
}
