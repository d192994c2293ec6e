const fewestPositions = 128;
const mostBlocks = 16;

/**
 * Positions whose attention is best computed at a time when training on a processor (see `attendInBlocks`), given the length
 * of the batches that take most of the time and of the longest: as measured. In smaller blocks, or with more empty ones, the
 * greater number of operators takes longer than what is left out of the products saves.
 */
export function attentionBlockSize(typicalTokens: number, longestTokens: number): number {
  const count = Math.max(1, Math.min(mostBlocks, Math.floor(typicalTokens / fewestPositions)));
  return Math.ceil(longestTokens / count);
}
