import { useEffect, useState } from "react";

/** What is typed about one call survives a reload of the tab, and goes with it. */
export function useDraft<T extends object>(of: string, kind: string, empty: T) {
  const key = `carillon.draft.${kind}.${of}`;
  const [draft, set] = useState<T>(() => {
    const kept = sessionStorage.getItem(key);
    return kept ? { ...empty, ...(JSON.parse(kept) as T) } : empty;
  });
  useEffect(() => {
    sessionStorage.setItem(key, JSON.stringify(draft));
  }, [key, draft]);
  return [
    draft,
    (change: Partial<T>) => set((before) => ({ ...before, ...change })),
    () => {
      sessionStorage.removeItem(key);
      set(empty);
    },
  ] as const;
}

/** Forgets what was typed about work that is not in hand any more, however it ended. */
export function forgetDrafts(inHand: string[]) {
  for (const key of Object.keys(sessionStorage)) {
    const [, of] = /^carillon\.draft\.\w+\.(interactions\/.+)$/.exec(key) ?? [];
    if (of && !inHand.includes(of)) sessionStorage.removeItem(key);
  }
}
