import type { Mode } from "../look";
import { store } from "./store";

const kept = localStorage.getItem("carillon.look");
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const mode = store<Mode>(kept === "dark" || kept === "light" ? kept : dark ? "dark" : "light");
document.documentElement.dataset.look = mode.get();

export function setMode(next: Mode) {
  localStorage.setItem("carillon.look", next);
  document.documentElement.dataset.look = next;
  mode.set(next);
}

export const useMode = mode.use;
