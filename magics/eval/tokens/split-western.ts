import type { TokenTable } from './token-table.ts';
import { isWhiteSpace } from './white-space.ts';

/** How a line is read. */
interface WesternOptions {
  /** Whether the line counts as having a blank before and after it. */
  isPadded?: boolean;
  /** UTF-16 units outside ASCII that are tokens of their own. */
  standsAlone?(code: number): boolean;
}

/**
 * Tokens of a line by mteval-v13a's rules for western languages (`sacrebleu/tokenizers/tokenizer_re.py`), as ids:
 * symbols stand alone; `.` and `,` stand alone unless digits are on both sides; `-` stands alone after a digit.
 * One pass, for speed, that gives what the reference's four substitutions give one after the other.
 */
export function splitWestern(line: string, table: TokenTable, options: WesternOptions = {}): number[] {
  const tokens: number[] = [];
  let start = 0;
  const endToken = (end: number) => {
    if (end > start) tokens.push(table.id(line, start, end));
  };
  const standAlone = (from: number, to: number) => {
    endToken(from);
    for (let i = from; i < to; i++) tokens.push(table.id(line, i, i + 1));
    start = to;
  };
  for (let i = 0; i < line.length; i++) {
    const kind = kindOf(line.charCodeAt(i), options);
    if (kind === word) continue;
    if (kind === space) {
      endToken(i);
      start = i + 1;
    } else if (kind === symbol) standAlone(i, i + 1);
    else if (kind === hyphen) {
      if (i > start && isDigit(line.charCodeAt(i - 1))) standAlone(i, i + 1);
    } else {
      const after = endOfStops(line, i);
      const alone = endOfLoneStops(line, i, after, options.isPadded ?? false);
      if (alone > i) standAlone(i, alone);
      i = after - 1;
    }
  }
  endToken(line.length);
  return tokens;
}

const [word, space, symbol, stop, hyphen] = [0, 1, 2, 3, 4];
const kinds = Uint8Array.from({ length: 128 }, (_, code) => asciiKind(code));

function kindOf(code: number, { standsAlone }: WesternOptions): number {
  if (code < 128) return kinds[code]!;
  if (isWhiteSpace(code)) return space;
  return standsAlone?.(code) ? symbol : word;
}

function asciiKind(code: number): number {
  const character = String.fromCharCode(code);
  if (isWhiteSpace(code)) return space;
  if (isStop(code)) return stop;
  if (character === '-') return hyphen;
  return /[{-~[-`!-&(-+:-@/]/.test(character) ? symbol : word;
}

/** End of the run of full stops and commas that begins at `start`. */
function endOfStops(line: string, start: number): number {
  let end = start + 1;
  while (end < line.length && isStop(line.charCodeAt(end))) end++;
  return end;
}

/**
 * How far the stops from `start` to `end` stand alone; `start` when they are part of the token around them. The rule
 * "separate unless after a digit" eats two characters at a time, so that whether it leaves the last stop to the rule
 * "separate unless before a digit" is a matter of parity.
 */
function endOfLoneStops(line: string, start: number, end: number, isPadded: boolean): number {
  const followsDigit = start === 0 ? !isPadded : isDigit(line.charCodeAt(start - 1));
  const precedesDigit = end === line.length ? !isPadded : isDigit(line.charCodeAt(end));
  const isLastLeft = (end - start) % 2 === (followsDigit ? 1 : 0);
  return isLastLeft && precedesDigit ? end - 1 : end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isStop(code: number): boolean {
  return code === 0x2e || code === 0x2c;
}
