import type { ExecutorState } from './executor.ts';

/** States of jobs by their folders, asked for at most once in a while: a server that tells them serves a whole cluster. */
export interface RecentStates {
  of(jobFolder: string): Promise<ExecutorState>;
  /** The next one who wants to know asks anew: the job was submitted or stopped. */
  forget(jobFolder: string): void;
}

/** Takes an answer for the present for `freshMs`, whoever asks. */
export function recentStates(freshMs: number, ask: (jobFolder: string) => Promise<ExecutorState>): RecentStates {
  const known = new Map<string, { at: number; state: Promise<ExecutorState> }>();
  return {
    of(jobFolder) {
      const recent = known.get(jobFolder);
      if (recent !== undefined && Date.now() - recent.at < freshMs) return recent.state;
      const state = ask(jobFolder);
      known.set(jobFolder, { at: Date.now(), state });
      return state;
    },
    forget(jobFolder) {
      known.delete(jobFolder);
    },
  };
}
