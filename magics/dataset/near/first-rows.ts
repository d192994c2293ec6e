import { createGrowingArray } from './growing-array.ts';

/**
 * The first row of each text, known by 64 bits of its hash and not by the text itself, in some thirty bytes a text. Among
 * ten million different texts two pass for one with a probability of 3 in a million.
 */
export interface FirstRows {
  /** The row that has this text, if one was added. */
  of(text: string): number | undefined;
  /** The row that has this text; `row` itself where it is the first, which is added then. */
  ofOrAdd(text: string, row: number): number;
}

export function createFirstRows(): FirstRows {
  const entries = createGrowingArray();
  /** Places of entries plus one by their hash; 0 is free. At most half of them are taken. */
  let slots = new Int32Array(1 << 12);
  const hash = new Uint32Array(2);

  function slotOf(low: number, high: number): number {
    let slot = low & (slots.length - 1);
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
      const at = 3 * (slots[slot]! - 1);
      if (entries.buffer[at] === low && entries.buffer[at + 1] === high) break;
    }
    return slot;
  }

  function grow(): void {
    slots = new Int32Array(2 * slots.length);
    for (let entry = 0; 3 * entry < entries.length; entry++) {
      slots[slotOf(entries.buffer[3 * entry]!, entries.buffer[3 * entry + 1]!)] = entry + 1;
    }
  }

  function find(text: string): { slot: number; row: number | undefined } {
    hashText(text, hash);
    const slot = slotOf(hash[0]!, hash[1]!);
    const entry = slots[slot]!;
    return { slot, row: entry === 0 ? undefined : entries.buffer[3 * entry - 1]! };
  }

  return {
    of: (text) => find(text).row,
    ofOrAdd(text, row) {
      const found = find(text);
      if (found.row !== undefined) return found.row;
      entries.push(Uint32Array.of(hash[0]!, hash[1]!, row));
      slots[found.slot] = entries.length / 3;
      if (2 * (entries.length / 3) > slots.length) grow();
      return row;
    },
  };
}

/** Two hashes of a text that are mixed to the end. Source: MurmurHash3's finalizer, Appleby (2011). */
function hashText(text: string, into: Uint32Array): void {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    high = Math.imul(((high << 5) | (high >>> 27)) ^ unit, 0x5f356495);
  }
  into[0] = mix(low ^ mix(high));
  into[1] = mix(high ^ Math.imul(low, 0x85ebca6b));
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
