import type { ModelFamily } from './family.ts';
import { gemma } from './gemma.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';
import { qwen } from './qwen.ts';

export const families: readonly ModelFamily[] = [llama, qwen, gpt2, gemma];

/** The family of an architecture's class name, if the engine has it. */
export function familyOf(architecture: string): ModelFamily | undefined {
  return families.find((family) => family.architectures.includes(architecture));
}
