/** A CSV file with what such files hold. */
export const csv =
  'text,label,n\nhello world,a,1\n"quoted, with ""marks""",b,2\n"two\nlines",a,3\nünïcödé 漢字 🙂,c,4\n,b,\n';
/** A JSON Lines file with what such files hold. */
export const jsonLines =
  '{"text":"a","label":"x"}\n{"text":"b","n":[1,{"deep":null}]}\n\n{"text":"c","messages":[{"role":"user","content":"hi"}]}\n';
const pieces = [
  '"',
  ',',
  '\n',
  '\r\n',
  '\t',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\\',
  '\0',
  '\uFEFF',
  '漢',
  '\u2028',
  'null',
  '1e999',
  '""',
  '{"text":"z"}\n',
  'a,b,1\n',
];

export type Random = () => number;

/** A place in a text of that length, from its beginning to behind its end. */
export function place(random: Random, length: number): number {
  return Math.floor(random() * (length + 1));
}

/** One to four insertions, deletions, copies and cuts. */
export function mutate(text: string, random: Random): string {
  let result = text;
  for (let i = 0; i <= random() * 4; i++) {
    const [at, until] = [place(random, result.length), place(random, result.length)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const kind = Math.floor(random() * 4);
    if (kind === 0) result = result.slice(0, at) + pieces[place(random, pieces.length - 1)]! + result.slice(at);
    else if (kind === 1) result = result.slice(0, at) + result.slice(until);
    else if (kind === 2) result = result.slice(0, until) + result.slice(at, until) + result.slice(until);
    else result = result.slice(0, until);
  }
  return result;
}

/** Up to three bytes changed, and in three of ten files the end cut off. */
export function damage(whole: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(whole);
  for (let k = 0; k <= random() * 3; k++) bytes[place(random, bytes.length - 1)] = Math.floor(random() * 256);
  return random() < 0.3 ? bytes.subarray(0, place(random, bytes.length)) : bytes;
}
