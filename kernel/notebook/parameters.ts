import { UserError } from '../../magics/errors.ts';
import { type Cell, hasTag, type Notebook, newCellId, sourceOf } from './notebook.ts';

/** Parameters of one run: name -> value. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * The notebook with papermill's convention applied: a cell tagged `injected-parameters` right after the one tagged
 * `parameters` (or at the top) sets them anew. One from an earlier run is replaced.
 */
export function injectParameters(notebook: Notebook, parameters: Parameters): Notebook {
  if (Object.keys(parameters).length === 0) return notebook;
  const cells = notebook.cells.filter((cell) => !hasTag(cell, 'injected-parameters'));
  const defaults = cells.findIndex((cell) => hasTag(cell, 'parameters'));
  cells.splice(defaults + 1, 0, {
    id: newCellId(),
    cell_type: 'code',
    metadata: { tags: ['injected-parameters'] },
    source: declarations(parameters),
    outputs: [],
    execution_count: null,
  });
  return { ...notebook, cells };
}

/** `name=value` as papermill reads it: numbers, true, false, null and JSON are values, all else is text. */
export function readParameter(text: string): [name: string, value: unknown] {
  const [, name, value] = /^([A-Za-z_$][\w$]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw malformedParameter(text);
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

function declarations(parameters: Parameters): string {
  const lines = Object.entries(parameters).map(([name, value]) => `let ${name} = ${JSON.stringify(value)};`);
  return ['// Parameters', ...lines].join('\n');
}

function malformedParameter(text: string): UserError {
  return new UserError(`"${text}" is not a parameter. Write it as name=value.`);
}

/** The line that people know a cell by: its first that is not empty or a comment mark. */
export function titleOf(cell: Cell): string {
  const lines = sourceOf(cell).split('\n');
  const line = lines.find((l) => l.trim() !== '') ?? '';
  const title = line.trim().replace(/^\/\/\s*/, '');
  return title.length > 90 ? `${title.slice(0, 89)}…` : title;
}
