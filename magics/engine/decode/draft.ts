/**
 * Guesses how a sequence goes on: as it went on when its last tokens came before. The model then reads the guess in one
 * run, and what it would have said itself is kept. Sources: Leviathan et al. (2023), "Fast Inference from Transformers via
 * Speculative Decoding"; Saxena (2023), "Prompt Lookup Decoding".
 */
export interface Draft {
  /** At most `most` tokens that may follow; none where nothing like it came before, or guessing has not paid of late. */
  propose(tokens: readonly number[], most: number): readonly number[];
  /** Tells how many of the proposed tokens were the model's own. */
  learn(proposed: number, accepted: number): void;
}

/** A run of this many tokens and one costs less than twice a run of one. */
const longestProposal = 8;
/** So many last tokens have to have come before; rather three than two. */
const contexts = [3, 2];
/** Below this share of right guesses a run with them costs more than it saves. */
const leastShare = 0.25;
/** Tokens without a guess after guessing has not paid. */
const pauseTokens = 24;

export function createDraft(): Draft {
  /** Share of guesses that were right, the latest counting most. */
  let share = 0.5;
  let pause = 0;
  return {
    propose(tokens, most) {
      if (pause > 0) {
        pause--;
        return [];
      }
      const count = Math.min(most, Math.max(2, Math.round(share * longestProposal)));
      for (const context of contexts) {
        const end = lastOccurrence(tokens, context);
        if (end !== -1) return tokens.slice(end, end + count);
      }
      return [];
    },
    learn(proposed, accepted) {
      share = 0.6 * share + (0.4 * accepted) / proposed;
      if (share < leastShare) pause = pauseTokens;
    },
  };
}

/** The place after the latest earlier occurrence of the last `count` tokens; -1 where there is none. */
function lastOccurrence(tokens: readonly number[], count: number): number {
  const last = tokens.length - count;
  for (let start = last - 1; start >= 0; start--) {
    let i = 0;
    while (i < count && tokens[start + i] === tokens[last + i]) i++;
    if (i === count) return start + count;
  }
  return -1;
}
