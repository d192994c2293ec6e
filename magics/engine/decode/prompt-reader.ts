import type { Batch, Member } from './batch.ts';
import type { DecodeModel } from './model.ts';
import { leastPrefixTokens, type PrefixStore, sharedLength } from './prefix-store.ts';
import type { Row } from './row.ts';
import type { RowInput } from './token-inputs.ts';

/** Most positions of prompts between two steps: others get their next token in between. */
export const promptPositions = 512;

/** Most positions of one prompt in a run: the scores of attention stay small, and few are computed that no position sees. */
const chunkPositions = 192;

/** Reads prompts into the cache, after which their rows are members of the batch. */
export interface PromptReader {
  /**
   * Takes the first of `waiting`: to be read alone, if others can use its beginning or it is long, else at once with
   * others of a similar length. Answers how many positions were run.
   */
  admit(waiting: Member[]): Promise<number>;
  /** Reads the next part of the prompt being read; at its end the row joins the others. Answers how many positions were run. */
  readOn(member: Member): Promise<number>;
}

export interface PromptReaderParts {
  batch: Batch;
  prefixes: PrefixStore;
  loader: { readonly model: DecodeModel };
  inputOf(row: Row, ids: readonly number[]): RowInput;
  maxBatch: number;
}

export function createPromptReader({ batch, prefixes, loader, inputOf, maxBatch }: PromptReaderParts): PromptReader {
  const { members } = batch;

  /** Removes waiting rows that can be read in the same run, padded to the longest, without wasting half of it. */
  const takeSimilar = ({ row }: Member, waiting: Member[]): Member[] => {
    const longest = row.prompt.length;
    const suited = waiting.filter(
      ({ row: { prompt, options } }) =>
        prompt.length <= longest && 2 * prompt.length >= longest && prefixes.lacksAll(prompt, options.adapter),
    );
    const most = Math.min(maxBatch - members.length, Math.floor(promptPositions / longest)) - 1;
    const similar = suited.slice(0, Math.max(0, most));
    for (const member of similar) waiting.splice(waiting.indexOf(member), 1);
    return similar;
  };

  /** Reads whole prompts in one run. */
  const readTogether = async (group: readonly Member[]): Promise<void> => {
    const first = members.length;
    batch.reserve(first + group.length, group[0]!.row);
    const tokens = group[0]!.row.prompt.length;
    const last = group.map(({ row }, i) => i * tokens + row.prompt.length - 1);
    const inputs = group.map(({ row }) => inputOf(row, row.prompt));
    const needsLogits = group.some(({ row }) => row.needsLogits);
    const logits = await loader.model.run(first, inputs, last, needsLogits);
    for (const { row } of group) row.cached = row.prompt.length;
    batch.join(...group);
    const goesOn = group.map(({ row }, i) => row.advance(logits, i));
    for (let i = group.length - 1; i >= 0; i--) if (!goesOn[i]) batch.leave(first + i);
  };

  return {
    async admit(waiting) {
      const first = waiting.shift()!;
      batch.reserve(members.length + 1, first.row);
      batch.reuse(first.row);
      const isShared = waiting.some(({ row }) => sharedLength(row.prompt, first.row.prompt) >= leastPrefixTokens);
      if (first.row.cached > 0 || isShared || first.row.prompt.length > chunkPositions) {
        batch.read(first);
        return 0;
      }
      const group = [first, ...takeSimilar(first, waiting)];
      try {
        await readTogether(group);
        return group.length * first.row.prompt.length;
      } catch (error) {
        for (const member of group) if (!members.includes(member)) member.reject(error);
        throw error;
      }
    },
    async readOn(member) {
      const { row } = member;
      const ids = row.prompt.slice(row.cached, row.cached + chunkPositions);
      const isLast = row.cached + ids.length === row.prompt.length;
      const logits = await loader.model.run(members.length, [inputOf(row, ids)], [ids.length - 1], row.needsLogits);
      row.cached += ids.length;
      if (!isLast) return ids.length;
      batch.join(member);
      if (!row.advance(logits, 0)) batch.leave(members.length - 1);
      return ids.length;
    },
  };
}
