import type { ModelFamily } from './family.ts';
import { llama } from './llama.ts';

export const families: readonly ModelFamily[] = [llama];

/** The family of an architecture's class name, if the engine has it. */
export function familyOf(architecture: string): ModelFamily | undefined {
  return families.find((family) => family.architectures.includes(architecture));
}
