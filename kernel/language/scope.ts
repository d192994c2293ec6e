import type { CellText } from '../protocol.ts';
import type { Cell, VariableTypes } from './cell.ts';

/** A cell in the place where it stands: what each of the names that it takes from other cells means. */
export interface Unit {
  readonly cellId: string;
  readonly cell: Cell;
  /** Types that the values of its variables declared when it ran. */
  readonly types: VariableTypes;
  readonly needs: ReadonlyMap<string, Unit>;
  readonly hasRun: boolean;
}

export interface Scope {
  /** A cell has run: its names mean what it declares. */
  ran(cellId: string, text: string, types: VariableTypes): Unit;
  /** The cell in hand, below `earlier`. */
  place(cell: CellText, earlier?: readonly CellText[]): Unit;
  /** The unit that a name means below `earlier`. */
  provider(name: string, earlier?: readonly CellText[]): Unit | undefined;
  /** All names that can be seen below `earlier`. */
  names(earlier?: readonly CellText[]): Set<string>;
  /** Units that later cells may need. */
  live(): Iterable<Unit>;
}

const keptDrafts = 500;

/**
 * Which cell a name comes from. A client that knows the notebook's order sends the cells above: the nearest that declares
 * the name counts, in its present text, whether it has run or not. Otherwise the last cell that ran counts.
 */
export function createScope(read: (text: string, types?: VariableTypes) => Cell): Scope {
  const live = new Map<string, Unit>();
  const lastRuns = new Map<string, Unit>();
  /** Units of cells that have not run as they stand: kept so that their declarations are made once. */
  const drafts = new Map<string, Unit>();

  /** `types`: those that its values declared, when it has run. */
  function unitOf(cellId: string, cell: Cell, find: (name: string) => Unit | undefined, types?: VariableTypes): Unit {
    const own = new Set(cell.declared.map(({ name }) => name));
    const needs = new Map<string, Unit>();
    for (const name of cell.mentions) {
      const provider = own.has(name) ? undefined : find(name);
      if (provider !== undefined) needs.set(name, provider);
    }
    return { cellId, cell, types: types ?? {}, needs, hasRun: types !== undefined };
  }

  function draft(unit: Unit): Unit {
    const key = `${unit.cellId}\0${unit.cell.text}`;
    const known = drafts.get(key);
    const isSame =
      known !== undefined &&
      known.cell === unit.cell &&
      known.needs.size === unit.needs.size &&
      [...unit.needs].every(([name, provider]) => known.needs.get(name) === provider);
    const kept = isSame ? known : unit;
    drafts.delete(key);
    drafts.set(key, kept);
    if (drafts.size > keptDrafts) drafts.delete(drafts.keys().next().value!);
    return kept;
  }

  /** Finds providers among cells in the notebook's order; each cell is placed once. */
  function below(earlier: readonly CellText[]) {
    const cells = earlier.map(({ cellId, code }) => readAgain(cellId, code));
    const declared = cells.map((cell) => new Set(cell.declared.map(({ name }) => name)));
    const units = new Map<number, Unit>();
    const unitAt = (place: number): Unit => {
      const cell = cells[place]!;
      const { cellId } = earlier[place]!;
      const run = lastRuns.get(cellId);
      const unit =
        units.get(place) ?? (run?.cell === cell ? run : draft(unitOf(cellId, cell, (name) => find(name, place))));
      units.set(place, unit);
      return unit;
    };
    const find = (name: string, place = cells.length): Unit | undefined => {
      for (let i = place - 1; i >= 0; i--) if (declared[i]!.has(name)) return unitAt(i);
      return live.get(name);
    };
    return { find, declared };
  }

  /** A cell with the types that its variables had when it last ran. */
  function readAgain(cellId: string, text: string): Cell {
    return read(text, cellId === '' ? {} : lastRuns.get(cellId)?.types);
  }

  return {
    ran(cellId, text, types) {
      const unit = unitOf(cellId, read(text, types), (name) => live.get(name), types);
      for (const { name } of unit.cell.declared) live.set(name, unit);
      if (cellId !== '') lastRuns.set(cellId, unit);
      return unit;
    },
    place: ({ cellId, code }, earlier = []) => unitOf(cellId, readAgain(cellId, code), below(earlier).find),
    provider: (name, earlier = []) => below(earlier).find(name),
    names(earlier = []) {
      const above = below(earlier).declared.flatMap((names) => [...names]);
      return new Set([...above, ...live.keys()]);
    },
    live: () => [...live.values(), ...lastRuns.values(), ...drafts.values()],
  };
}
