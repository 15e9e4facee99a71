import { useEffect } from "react";
import { store } from "../ui/store";

/** Why somebody looks at personal values in clear, for who may not read the list UNMASK_PURPOSE. */
export const purposes = ["SERVICE", "IDENTITY", "COMPLAINT", "QUALITY", "INVESTIGATION"] as const;

const shown = store<ReadonlyMap<string, string>>(new Map());
const asking = store("");

/** The record whose purpose is being asked for; empty = none. */
export const useAsking = asking.use;
/** What a record is shown in clear for. It goes with each read of the record as the header carillon-purpose. */
export const purposeOf = (name: string) => shown.get().get(name);

export function answer(purpose?: string) {
  if (purpose) shown.set(new Map(shown.get()).set(asking.get(), purpose));
  asking.set("");
}

function hide(name: string) {
  if (shown.get().has(name)) shown.set(new Map([...shown.get()].filter(([one]) => one !== name)));
}

/** Whether a record's personal values are shown in clear, and the way to ask for it. Veiled again when it leaves the screen. */
export function useUnmask(name: string) {
  const open = shown.use().has(name);
  useEffect(() => () => hide(name), [name]);
  return { open, turn: () => (open ? hide(name) : asking.set(name)) };
}
export type Unmask = ReturnType<typeof useUnmask>;
