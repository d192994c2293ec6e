import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { PromptMetadata } from './parse.ts';

const jsonObject = z.record(z.string(), z.json());
export type JsonObject = z.output<typeof jsonObject>;

/** JSON Schema of the answer that a prompt's front matter asks for (Picoschema or JSON Schema); absent for plain text. */
export async function outputSchema({ output }: PromptMetadata): Promise<JsonObject | undefined> {
  if (output?.schema === undefined || output.format === 'text') return undefined;
  const { picoschema } = await import('dotprompt');
  try {
    return jsonObject.parse(await picoschema(output.schema));
  } catch (cause) {
    throw badOutputSchema(cause);
  }
}

function badOutputSchema(cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`The prompt's output.schema cannot be read: ${reason}. Write Picoschema or JSON Schema.`, {
    cause,
  });
}
