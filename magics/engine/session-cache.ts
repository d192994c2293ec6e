import { createSession, type Session, type SessionOptions } from './session.ts';
import type { BuiltGraph } from './training-graph.ts';

export interface GraphSession {
  session: Session;
  masks: BuiltGraph['masks'];
}

/** Sessions by key, made when first asked for and kept until they are released together. */
export interface SessionCache {
  get(key: string, build: () => BuiltGraph): Promise<GraphSession>;
  release(): Promise<void>;
}

export function createSessionCache(options: SessionOptions): SessionCache {
  const sessions = new Map<string, Promise<GraphSession>>();
  const create = async (build: () => BuiltGraph): Promise<GraphSession> => {
    const { model, masks } = build();
    return { session: await createSession(model, options), masks };
  };
  return {
    get: (key, build) => {
      const known = sessions.get(key);
      if (known !== undefined) return known;
      const created = create(build);
      sessions.set(key, created);
      created.catch(() => sessions.delete(key));
      return created;
    },
    release: async () => {
      const made = await Promise.all(sessions.values());
      sessions.clear();
      for (const { session } of made) await session.release();
    },
  };
}
