/** Puts an entry into a map of at most `entriesMax`: when it is full, the oldest makes room. */
export function putBounded<Key, Value> (map: Map<Key, Value>, key: Key, value: Value, entriesMax: number): void {
  if (map.size >= entriesMax) map.delete(map.keys().next().value as Key)
  map.set(key, value)
}
