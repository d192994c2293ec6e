import type { Completion } from '../protocol.ts';

/** TypeScript's kind of a completion as the protocol names it. */
export function completionKind(kind: string): Completion['kind'] {
  return kinds[kind] ?? 'text';
}

const kinds: Readonly<Record<string, Completion['kind']>> = {
  var: 'variable',
  'local var': 'variable',
  let: 'variable',
  const: 'variable',
  alias: 'variable',
  parameter: 'variable',
  function: 'function',
  'local function': 'function',
  method: 'method',
  property: 'property',
  getter: 'property',
  setter: 'property',
  'enum member': 'property',
  class: 'class',
  enum: 'class',
  interface: 'interface',
  type: 'interface',
  'type parameter': 'interface',
  module: 'module',
  'external module name': 'module',
  keyword: 'keyword',
  'primitive type': 'keyword',
};
