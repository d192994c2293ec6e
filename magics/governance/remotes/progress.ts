/** How far a transfer is, in bytes of all its files. */
export interface TransferProgress {
  /** Bytes that are where they should be. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Over the last ten seconds; absent until something has moved. */
  readonly bytesPerSecond?: number;
  /** Time that is left at this rate. */
  readonly leftMs?: number;
}

/** Told how many more bytes have arrived; `isOld` when an earlier, interrupted transfer brought them. */
export type OnBytes = (bytes: number, isOld?: boolean) => void;

const windowMs = 10_000;

/** Adds up what has arrived and tells `onProgress`; what an earlier transfer brought does not count for the rate. */
export function createMeter(
  totalBytes: number,
  onProgress: ((progress: TransferProgress) => void) | undefined,
  now: () => number = Date.now,
): OnBytes {
  let bytes = 0;
  let moved = 0;
  const samples = [{ time: now(), moved: 0 }];
  return (more, isOld = false) => {
    bytes += more;
    if (!isOld) moved += more;
    const time = now();
    samples.push({ time, moved });
    while (samples.length > 2 && time - samples[1]!.time >= windowMs) samples.shift();
    const seconds = (time - samples[0]!.time) / 1000;
    const rate = (moved - samples[0]!.moved) / seconds;
    const isKnown = seconds > 0 && rate > 0;
    const figures = isKnown ? { bytesPerSecond: rate, leftMs: ((totalBytes - bytes) / rate) * 1000 } : {};
    onProgress?.({ bytes, totalBytes, ...figures });
  };
}
