import { useSyncExternalStore } from "react";

/** A value outside of React that components follow. */
export function store<T>(value: T) {
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener));
  const get = () => value;
  return {
    get,
    set(next: T) {
      value = next;
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, get),
  };
}
