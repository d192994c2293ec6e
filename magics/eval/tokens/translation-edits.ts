import { createEditMatrix, type EditMatrix, step } from './edit-matrix.ts';

/** Longest run of words that is moved at once, farthest move, and moves tried at most: Tercom's limits. */
const maxShiftWords = 10;
const maxShiftDistance = 50;
const maxCandidates = 1000;

/**
 * Edits that turn `hypothesis` into `reference`, words as integers, where moving a run of words counts as one edit:
 * Tercom's greedy search (Snover et al., 2006) as `sacrebleu/metrics/lib_ter.py` has it.
 */
export function translationEdits(hypothesis: readonly number[], reference: readonly number[]): number {
  if (reference.length === 0) return hypothesis.length;
  const matrix = createEditMatrix(hypothesis.length, reference);
  let words = hypothesis;
  let tried = 0;
  for (let shifts = 0; ; shifts++) {
    const shift = bestShift(words, reference, matrix, tried);
    tried = shift.tried;
    if (tried >= maxCandidates || shift.gain <= 0) return shifts + matrix.distance(words);
    words = shift.words;
  }
}

interface Shift {
  /** Edits saved. */
  gain: number;
  words: readonly number[];
  /** Moves tried so far, earlier ones included. */
  tried: number;
}

/** The move that saves most edits; of equals the longest run, then the earliest run, then the earliest place. */
function bestShift(
  words: readonly number[],
  reference: readonly number[],
  matrix: EditMatrix,
  triedBefore: number,
): Shift {
  const before = matrix.distance(words);
  const aligned = alignWords(matrix.steps());
  let tried = triedBefore;
  let best: { rank: readonly number[]; words: readonly number[] } | undefined;
  for (const run of matchingRuns(words, reference)) {
    if (!isWorthMoving(run, aligned)) continue;
    for (const place of places(run, aligned.positions)) {
      const moved = moveRun(words, run.start, run.length, place);
      const rank = [before - matrix.distance(moved), run.length, -run.start, -place];
      if (best === undefined || isHigher(rank, best.rank)) best = { rank, words: moved };
      tried += 1;
    }
    if (tried >= maxCandidates) break;
  }
  return { gain: best?.rank[0] ?? 0, words: best?.words ?? words, tried };
}

/** Words of the hypothesis from `start` that equal the reference's from `target`. */
interface MatchingRun {
  start: number;
  target: number;
  length: number;
}

function* matchingRuns(words: readonly number[], reference: readonly number[]): Generator<MatchingRun> {
  for (let start = 0; start < words.length; start++) {
    const from = Math.max(0, start - maxShiftDistance);
    const to = Math.min(reference.length - 1, start + maxShiftDistance);
    for (let target = from; target <= to; target++) {
      const longest = Math.min(maxShiftWords, words.length - start, reference.length - target);
      for (let length = 1; length <= longest; length++) {
        if (words[start + length - 1] !== reference[target + length - 1]) break;
        yield { start, target, length };
      }
    }
  }
}

/** Which word each reference word is aligned with, or stands after, and which words are wrong on either side. */
interface Alignment {
  positions: number[];
  referenceErrors: boolean[];
  wordErrors: boolean[];
}

function alignWords(steps: readonly number[]): Alignment {
  const positions: number[] = [];
  const referenceErrors: boolean[] = [];
  const wordErrors: boolean[] = [];
  for (const how of steps) {
    const isError = how !== step.match;
    if (how !== step.insert) wordErrors.push(isError);
    if (how === step.remove) continue;
    positions.push(wordErrors.length - 1);
    referenceErrors.push(isError);
  }
  return { positions, referenceErrors, wordErrors };
}

/** Moving pays only where both sides have an error, and the run is not aligned with itself. */
function isWorthMoving({ start, target, length }: MatchingRun, aligned: Alignment): boolean {
  const place = aligned.positions[target]!;
  return (
    hasError(aligned.wordErrors, start, length) &&
    hasError(aligned.referenceErrors, target, length) &&
    (place < start || place >= start + length)
  );
}

function hasError(errors: readonly boolean[], start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (errors[i]) return true;
  return false;
}

/** Places that a run may be moved to: after each word that the reference's run, and the word before it, is aligned with. */
function places({ target, length }: MatchingRun, positions: readonly number[]): number[] {
  const all: number[] = [];
  for (let i = target - 1; i < target + length; i++) {
    const place = i < 0 ? 0 : positions[i]! + 1;
    if (place !== all.at(-1)) all.push(place);
  }
  return all;
}

function moveRun(words: readonly number[], start: number, length: number, place: number): number[] {
  const run = words.slice(start, start + length);
  const end = start + length;
  if (place < start) return [...words.slice(0, place), ...run, ...words.slice(place, start), ...words.slice(end)];
  const target = place > end ? place : place + length;
  return [...words.slice(0, start), ...words.slice(end, target), ...run, ...words.slice(target)];
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((value, i) => value !== b[i]);
  return place >= 0 && a[place]! > b[place]!;
}
