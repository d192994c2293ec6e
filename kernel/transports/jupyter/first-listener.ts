/** Longer than a client's iopub socket takes to try again to connect; a client that never listens waits once for that. */
const patienceMs = 1000;

/** Holds what clients ask until one listens to the answers. */
export interface FirstListener {
  /** A client has begun to listen on iopub. */
  arrived(): void;
  /** Does it now, or when a client listens; in the order of the calls. */
  whenHeard(act: () => void): void;
}

/**
 * A client's sockets connect each in its own time, so that its first cell may come before its subscription: what is
 * published then is lost, and a client that waits for `idle` waits for ever.
 */
export function createFirstListener(): FirstListener {
  let held: (() => void)[] | undefined = [];
  const release = () => {
    const acts = held ?? [];
    held = undefined;
    for (const act of acts) act();
  };
  return {
    arrived: release,
    whenHeard(act) {
      if (held === undefined) return act();
      if (held.length === 0) setTimeout(release, patienceMs).unref();
      held.push(act);
    },
  };
}
