import type { ModelConfig } from '../config.ts';
import type { Batch } from './batch.ts';
import type { DecodeModel } from './model.ts';
import type { Row } from './row.ts';
import type { RowInput } from './token-inputs.ts';

export interface StepperParts {
  config: ModelConfig;
  batch: Batch;
  loader: { readonly model: DecodeModel };
  inputOf(row: Row, ids: readonly number[]): RowInput;
}

/** Steps of a batch: each gives every member its next token, or the only member some tokens that were guessed. */
export function createStepper({ config, batch, loader, inputOf }: StepperParts): () => Promise<void> {
  const { members } = batch;

  const guessFor = (row: Row): readonly number[] => {
    const room = Math.min(row.left - 1, config.contextTokens - row.tokens.length);
    return room < 1 ? [] : (row.draft?.propose(row.tokens, room) ?? []);
  };

  /** Runs the only row with a guess of what follows its next token, and takes what it says itself as long as the guess is right. */
  const check = async (row: Row, guess: readonly number[]): Promise<void> => {
    batch.reserve(1, row);
    const ids = [...row.tokens.slice(row.cached), ...guess];
    const logits = await loader.model.run(0, [inputOf(row, ids)], [...ids.keys()], row.needsLogits);
    for (let place = 0; place < ids.length; place++) {
      row.cached++;
      const goesOn = row.advance(logits, place);
      const isRight = row.tokens.at(-1) === guess[place] && row.options.signal?.aborted !== true;
      if (goesOn && isRight) continue;
      row.draft?.learn(guess.length, place);
      row.generation.guessedTokens += place;
      if (!goesOn) batch.leave(0);
      return;
    }
  };

  return async () => {
    const [first] = members;
    const guess = members.length === 1 ? guessFor(first!.row) : [];
    if (guess.length > 0) return check(first!.row, guess);
    for (const { row } of members) batch.reserve(members.length, row);
    const inputs = members.map(({ row }) => inputOf(row, row.tokens.slice(row.cached)));
    const needsLogits = members.some(({ row }) => row.needsLogits);
    const logits = await loader.model.run(0, inputs, [...inputs.keys()], needsLogits);
    for (const { row } of members) row.cached++;
    const goesOn = members.map(({ row }, place) => row.advance(logits, place));
    for (let place = members.length - 1; place >= 0; place--) if (!goesOn[place]) batch.leave(place);
  };
}
