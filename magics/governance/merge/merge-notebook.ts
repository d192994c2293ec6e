import { type Cell, idsOf, linesOf, type NotebookFile, parseNotebook, printNotebook, textOf } from './notebook-file.ts';

/** The result of a merge: always a notebook; where both sides changed a cell's text differently, it shows both there. */
export interface Merged {
  readonly text: string;
  readonly conflicts: number;
}

/** Merges three texts line by line; what cannot be merged stands between conflict markers. */
export type MergeText = (base: string, ours: string, theirs: string) => Promise<Merged>;

/**
 * Merges two notebooks made from one, cell by cell: cells added or changed on one side are taken, a changed cell
 * outlives its removal, outputs go with the text that made them, and outputs of a newly merged text are left out.
 */
export async function mergeNotebook(base: string, ours: string, theirs: string, mergeText: MergeText): Promise<Merged> {
  const [from, mine, other] = [base, ours, theirs].map(parseNotebook) as [NotebookFile, NotebookFile, NotebookFile];
  const [old, left, right] = [from, mine, other].map(cellsById) as [Cells, Cells, Cells];
  let conflicts = 0;
  const cells: Cell[] = [];
  for (const id of mergedOrder([...left.keys()], [...right.keys()])) {
    const [before, a, b] = [old.get(id), left.get(id), right.get(id)];
    if (a !== undefined && b !== undefined) {
      const merged = await mergeCell(before, a, b, mergeText);
      conflicts += merged.conflicts;
      cells.push(merged.cell);
    } else {
      const kept = a ?? b!;
      if (before === undefined || textOf(kept) !== textOf(before)) cells.push(kept);
    }
  }
  const metadata = isSame(mine.metadata, from.metadata) ? other.metadata : mine.metadata;
  return { text: printNotebook({ ...mine, metadata, cells }), conflicts };
}

type Cells = ReadonlyMap<string, Cell>;

function cellsById({ cells }: NotebookFile): Cells {
  const ids = idsOf(cells);
  return new Map(cells.map((cell, i) => [ids[i]!, cell]));
}

/** Ours, with each cell that only theirs has after the one that it follows there. */
function mergedOrder(ours: readonly string[], theirs: readonly string[]): string[] {
  const order = [...ours];
  theirs.forEach((id, i) => {
    if (!order.includes(id)) order.splice(i === 0 ? 0 : order.indexOf(theirs[i - 1]!) + 1, 0, id);
  });
  return order;
}

async function mergeCell(
  before: Cell | undefined,
  ours: Cell,
  theirs: Cell,
  mergeText: MergeText,
): Promise<{ cell: Cell; conflicts: number }> {
  const [old, mine, other] = [before === undefined ? '' : textOf(before), textOf(ours), textOf(theirs)];
  if (mine === other) return { cell: before !== undefined && isSame(ours, before) ? theirs : ours, conflicts: 0 };
  if (mine === old) return { cell: theirs, conflicts: 0 };
  if (other === old) return { cell: ours, conflicts: 0 };
  const { text, conflicts } = await mergeText(old, mine, other);
  const cleared = ours.cell_type === 'code' ? { outputs: [], execution_count: null } : {};
  return { cell: { ...ours, source: linesOf(text), ...cleared }, conflicts };
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
