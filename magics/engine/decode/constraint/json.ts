import { bytesBetween, either, newState, optional, type Pattern, sequence, text, times } from './pattern.ts';

/** Patterns for the parts of JSON, without more white space than one blank after a colon or comma. */

const digit = bytesBetween(0x30, 0x39);
const space = optional(text(' '));
const hexDigit = either(digit, bytesBetween(0x41, 0x46), bytesBetween(0x61, 0x66));

/** An integer of at most 15 digits: every one is a safe number. */
export const integer = sequence(
  optional(text('-')),
  either(text('0'), sequence(bytesBetween(0x31, 0x39), times(digit, 0, 14))),
);

export const number = sequence(
  integer,
  optional(sequence(text('.'), times(digit, 1, 15))),
  optional(sequence(either(text('e'), text('E')), optional(either(text('+'), text('-'))), times(digit, 1, 2))),
);

const continuation = bytesBetween(0x80, 0xbf);

/** A character of a string: printable, escaped, or beyond ASCII in valid UTF-8 (RFC 3629, section 4). */
const character = either(
  bytesBetween(0x20, 0x21),
  bytesBetween(0x23, 0x5b),
  bytesBetween(0x5d, 0x7f),
  sequence(bytesBetween(0xc2, 0xdf), continuation),
  sequence(bytesBetween(0xe0, 0xe0), bytesBetween(0xa0, 0xbf), continuation),
  sequence(bytesBetween(0xe1, 0xec), continuation, continuation),
  sequence(bytesBetween(0xed, 0xed), bytesBetween(0x80, 0x9f), continuation),
  sequence(bytesBetween(0xee, 0xef), continuation, continuation),
  sequence(bytesBetween(0xf0, 0xf0), bytesBetween(0x90, 0xbf), continuation, continuation),
  sequence(bytesBetween(0xf1, 0xf3), continuation, continuation, continuation),
  sequence(bytesBetween(0xf4, 0xf4), bytesBetween(0x80, 0x8f), continuation, continuation),
  sequence(text('\\'), either(...[...'"\\/bfnrt'].map(text), sequence(text('u'), times(hexDigit, 4, 4)))),
);

/** A string of so many characters. */
export function string(least = 0, most?: number): Pattern {
  return sequence(text('"'), times(character, least, most), text('"'));
}

export const boolean = either(text('true'), text('false'));

export const nothing = text('null');

/** One value, written as JSON.stringify writes it. */
export function literal(value: unknown): Pattern {
  return text(JSON.stringify(value));
}

/** An object with its properties in this order; what is not required may be left out. */
export function object(properties: readonly { name: string; value: Pattern; isRequired: boolean }[]): Pattern {
  return (automaton, start) => {
    const { free } = automaton;
    // Two states run side by side: nothing was written yet, and something was, so that a comma comes first.
    let empty = text('{')(automaton, start);
    let written = newState(automaton);
    for (const { name, value, isRequired } of properties) {
      const entry = newState(automaton);
      free[empty]!.push(entry);
      free[sequence(text(','), space)(automaton, written)]!.push(entry);
      const [stillEmpty, nowWritten] = [newState(automaton), newState(automaton)];
      if (!isRequired) {
        free[empty]!.push(stillEmpty);
        free[written]!.push(nowWritten);
      }
      free[sequence(literal(name), text(':'), space, value)(automaton, entry)]!.push(nowWritten);
      [empty, written] = [stillEmpty, nowWritten];
    }
    const last = newState(automaton);
    free[empty]!.push(last);
    free[written]!.push(last);
    return text('}')(automaton, last);
  };
}

/** An object of any names, with values of one kind. */
export function record(value: Pattern): Pattern {
  return list('{', sequence(string(), text(':'), space, value), '}', 0);
}

export function array(item: Pattern, least = 0, most?: number): Pattern {
  return list('[', item, ']', least, most);
}

function list(open: string, item: Pattern, close: string, least: number, most?: number): Pattern {
  if (least > 1 || most !== undefined) return countedList(open, item, close, least, most);
  return (automaton, start) => {
    const opened = text(open)(automaton, start);
    const entry = newState(automaton);
    automaton.free[opened]!.push(entry);
    const after = item(automaton, entry);
    automaton.free[sequence(text(','), space)(automaton, after)]!.push(entry);
    const last = newState(automaton);
    automaton.free[after]!.push(last);
    if (least === 0) automaton.free[opened]!.push(last);
    return text(close)(automaton, last);
  };
}

function countedList(open: string, item: Pattern, close: string, least: number, most?: number): Pattern {
  const more = times(sequence(text(','), space, item), Math.max(0, least - 1), most === undefined ? most : most - 1);
  const some = most === 0 ? sequence() : sequence(item, more);
  return sequence(text(open), least === 0 ? optional(some) : some, text(close));
}

/** Any value, with objects and arrays nested so many levels deep. */
export function anyValue(levels = 4): Pattern {
  const simple = [string(), number, boolean, nothing];
  if (levels === 0) return either(...simple);
  const inner = anyValue(levels - 1);
  return either(...simple, record(inner), array(inner));
}
