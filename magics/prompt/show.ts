import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { promptBundle } from './display.ts';
import { isPrompt, loadPrompt, type Prompt } from './prompt.ts';

/** An option that names a prompt: `name`, `name@v1.0.0` or a handle. */
export const promptOption = z.union([z.string(), z.custom<Prompt>(isPrompt, 'not a prompt')]);

export const showOptions = z.strictObject({
  name: promptOption.describe('prompt: name, name@v1.0.0 or a handle'),
  as: z.string().optional().describe('variable for the prompt'),
});

/** Shows a prompt's source and inputs. */
export async function show({ name }: z.output<typeof showOptions>, context: MagicContext): Promise<Prompt> {
  const prompt = isPrompt(name) ? name : await loadPrompt(name, context.folder, context);
  context.display(promptBundle(prompt));
  return prompt;
}
