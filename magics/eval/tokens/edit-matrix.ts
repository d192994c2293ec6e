/** Cells on either side of the diagonal that are looked at, as in Tercom. */
const beamCells = 25;
const unreached = 1e9;

/** How a cell of an edit matrix was reached. */
export const step = { none: 0, match: 1, substitute: 2, remove: 3, insert: 4 } as const;

/** Word edit distances of many orders of the same words to one reference. */
export interface EditMatrix {
  /** Insertions, removals and substitutions that turn `words` into the reference. `words` always has the same length. */
  distance(words: readonly number[]): number;
  /** The steps of the last distance, from the beginning to the end. */
  steps(): number[];
}

/**
 * The matrix of `sacrebleu/metrics/lib_ter.py`: a beam around the diagonal, ties in the order substitution, removal,
 * insertion. Rows of the words that are unchanged since the last call are kept.
 */
export function createEditMatrix(wordCount: number, reference: readonly number[]): EditMatrix {
  const columns = reference.length + 1;
  const costs = new Int32Array((wordCount + 1) * columns);
  const steps = new Uint8Array((wordCount + 1) * columns);
  let last: readonly number[] = [];
  for (let j = 0; j < columns; j++) {
    costs[j] = j;
    steps[j] = step.insert;
  }
  const ratio = wordCount > 0 ? reference.length / wordCount : 1;
  const beam = beamCells < ratio / 2 ? Math.ceil(ratio / 2 + beamCells) : beamCells;

  function computeRow(i: number, word: number): void {
    const row = i * columns;
    costs.fill(unreached, row, row + columns);
    steps.fill(step.none, row, row + columns);
    const diagonal = Math.floor(i * ratio);
    const end = i === wordCount ? columns : Math.min(columns, diagonal + beam);
    for (let j = Math.max(0, diagonal - beam); j < end; j++) {
      const above = costs[row - columns + j]! + 1;
      let [cost, how]: [number, number] = [unreached, step.none];
      if (j > 0) {
        const isSame = word === reference[j - 1];
        const across = costs[row - columns + j - 1]! + (isSame ? 0 : 1);
        if (across < cost) [cost, how] = [across, isSame ? step.match : step.substitute];
      }
      if (above < cost) [cost, how] = [above, step.remove];
      if (j > 0 && costs[row + j - 1]! + 1 < cost) [cost, how] = [costs[row + j - 1]! + 1, step.insert];
      costs[row + j] = cost;
      steps[row + j] = how;
    }
  }

  return {
    distance(words) {
      let same = 0;
      while (same < last.length && last[same] === words[same]) same++;
      for (let i = same + 1; i <= wordCount; i++) computeRow(i, words[i - 1]!);
      last = words;
      return costs[costs.length - 1]!;
    },
    steps() {
      const path: number[] = [];
      for (let i = wordCount, j = columns - 1; i > 0 || j > 0; ) {
        const how = steps[i * columns + j]!;
        path.push(how);
        if (how !== step.insert) i--;
        if (how !== step.remove) j--;
      }
      return path.reverse();
    },
  };
}
