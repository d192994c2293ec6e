/** Unsigned integers that are added at the end: twice the room whenever it is full. */
export interface GrowingArray {
  readonly length: number;
  /** The values so far are the first `length`; the buffer is another one after growth. */
  readonly buffer: Uint32Array;
  push(values: Uint32Array): void;
}

export function createGrowingArray(capacity = 1024): GrowingArray {
  let buffer = new Uint32Array(capacity);
  let length = 0;
  return {
    get length() {
      return length;
    },
    get buffer() {
      return buffer;
    },
    push(values) {
      if (length + values.length > buffer.length) {
        const larger = new Uint32Array(Math.max(2 * buffer.length, length + values.length));
        larger.set(buffer);
        buffer = larger;
      }
      buffer.set(values, length);
      length += values.length;
    },
  };
}
