import type { ModelConfig } from '../config.ts';
import { familyOf } from '../families/index.ts';
import { moduleOf } from '../lora.ts';

/** Linear modules of the same input, multiplied as one matrix: their outputs lie side by side. */
export interface LinearGroup {
  /** The first module's name: what the group is known by. */
  name: string;
  modules: readonly LinearMember[];
}

export interface LinearMember {
  name: string;
  input: number;
  output: number;
}

const together = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['gate_proj', 'up_proj'],
];

/** The linear modules of a model, those that share their input as groups; lm_head is one, a tied embedding table is none. */
export function linearGroups(config: ModelConfig): LinearGroup[] {
  const { parameters, linearLayout } = familyOf(config.architecture)!;
  const members = new Map<string, LinearMember>();
  for (const { name, shape } of parameters(config)) {
    if (shape.length !== 2 || !(/\.\d+\./.test(name) || name === 'lm_head.weight')) continue;
    const [rows, columns] = shape as [number, number];
    const isOutputFirst = linearLayout === 'output-input';
    const sizes = isOutputFirst ? { output: rows, input: columns } : { output: columns, input: rows };
    members.set(moduleOf(name), { name: moduleOf(name), ...sizes });
  }
  return [...members.keys()].flatMap((name) => {
    const last = name.split('.').at(-1)!;
    const parts = together.find((group) => group.includes(last)) ?? [last];
    if (parts[0] !== last) return [];
    const prefix = name.slice(0, -last.length);
    return [{ name, modules: parts.map((part) => members.get(prefix + part)!) }];
  });
}
