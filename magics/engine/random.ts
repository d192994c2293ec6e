/** A stream of random numbers that depends only on its key: the same key gives the same stream on every machine. */
export interface RandomStream {
  /** Uniform in 0 .. 2^32 - 1. */
  integer(): number;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Chris Doty-Humphrey's sfc32, seeded with a hash of the key's parts. */
export function randomStream(...key: readonly (number | string)[]): RandomStream {
  let [a, b, c, counter] = [hash(key, 1), hash(key, 2), hash(key, 3), 1];
  const integer = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) integer();
  const uniform = () => integer() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { integer, uniform, normal };
}

/** FNV-1a over the key's text, then MurmurHash3's finalizer. */
function hash(key: readonly (number | string)[], salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (const character of key.join('\u0000')) h = Math.imul(h ^ character.codePointAt(0)!, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
