import type { CommMessage } from '../../protocol.ts';

/** The comms that are open, whichever side opened them. */
export interface CommTable {
  /** Keeps book of a message of either side. */
  note(message: CommMessage): void;
  /** Content of `comm_info_reply`: those of one target, or all. */
  info(target?: string): Record<string, { target_name: string }>;
}

export function createCommTable(): CommTable {
  const targets = new Map<string, string>();
  return {
    note({ action, commId, target = '' }) {
      if (action === 'open') targets.set(commId, target);
      else if (action === 'close') targets.delete(commId);
    },
    info(target) {
      const open = [...targets].filter(([, name]) => target === undefined || name === target);
      return Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }]));
    },
  };
}
