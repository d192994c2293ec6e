/** A map that forgets its oldest entries. */
export interface Recent<K, V> {
  set(key: K, value: V): void;
  get(key: K): V | undefined;
}

export function createRecent<K, V>(limit: number): Recent<K, V> {
  const entries = new Map<K, V>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) return;
        entries.delete(oldest);
      }
    },
  };
}
