import { useSyncExternalStore } from "react";
import type { Mode } from "../look";

const media = matchMedia("(prefers-color-scheme: dark)");
const kept = localStorage.getItem("carillon.look");
let mode: Mode = kept === "dark" || kept === "light" ? kept : media.matches ? "dark" : "light";
document.documentElement.dataset.look = mode;
const listeners = new Set<() => void>();

export function setMode(next: Mode) {
  mode = next;
  localStorage.setItem("carillon.look", next);
  document.documentElement.dataset.look = next;
  for (const listener of listeners) listener();
}

export const useMode = () =>
  useSyncExternalStore(
    (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    () => mode,
  );
