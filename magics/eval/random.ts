/** A stream of whole numbers from 0 to `below` - 1 (below at most 2^32). */
export interface Random {
  below(limit: number): number;
}

/** Seeded generator sfc32 (Doty-Humphrey's Small Fast Counter, as in PractRand): the same seed, the same stream. */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = Math.floor(seed / 2 ** 32) | 1;
  const next = () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return { below: (limit) => Math.floor((next() / 2 ** 32) * limit) };
}
