/** How a process ended, and the end of what it wrote. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly log: string;
}

const crashes: Readonly<Record<string, string>> = {
  SIGSEGV: 'crashed in native code (SIGSEGV: a memory fault in Node or in a native package)',
  SIGBUS: 'crashed in native code (SIGBUS: a memory fault in Node or in a native package)',
  SIGILL: 'crashed in native code (SIGILL: an instruction that this processor does not have)',
  SIGFPE: 'crashed in native code (SIGFPE: an arithmetic fault)',
  SIGABRT: 'was aborted by native code (SIGABRT)',
  SIGKILL: 'was killed (SIGKILL: by a user, or by the system when memory is short)',
  SIGTERM: 'was asked to end (SIGTERM)',
};

/** Why a process ended, as the rest of a sentence: `ran out of memory: ...`. */
export function exitReason({ code, signal, log }: ProcessExit): string {
  if (/heap out of memory|Allocation failed/.test(log)) {
    return 'ran out of memory: its JavaScript heap is full. Work in smaller pieces, or start it with NODE_OPTIONS=--max-old-space-size=MEGABYTES';
  }
  if (signal !== null) return crashes[signal] ?? `was ended by ${signal}`;
  // A shell between tells of a signal by a code above 128; Node itself exits with 134 when it aborts.
  if (code === 134) return crashes.SIGABRT!;
  return `ended with exit code ${code}`;
}
