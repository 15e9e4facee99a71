import { useEffect, useRef } from "react";
import { store } from "./store";

/** What has a key, and the key it has until the person chooses another. Those of one page differ. */
export const defaults = {
  "desk.call": "F2",
  "desk.notReady": "F4",
  "desk.ready": "Shift+F4",
  "desk.hold": "F6",
  "desk.mute": "Ctrl+m",
  "desk.transfer": "F7",
  "desk.consult": "F8",
  "desk.endConsult": "Shift+F8",
  "desk.assist": "Alt+p",
  "desk.identify": "Alt+o",
  "desk.order": "F9",
  "desk.summary": "F10",
  "desk.customer": "Alt+1",
  "desk.work": "Alt+2",
  "desk.wrap": "Alt+3",
  "desk.unmask": "Alt+u",
  "desk.send": "Ctrl+Enter",
  "desk.sendRest": "Shift+Ctrl+Enter",
  "desk.moreWrap": "Alt+w",
  "desk.next": "Alt+ArrowDown",
  "desk.previous": "Alt+ArrowUp",
  "desk.digits": "Ctrl+d",
  "desk.mark": "Alt+m",
  "desk.knowledge": "Ctrl+k",
  "desk.insert": "Alt+i",
  "desk.reject": "Shift+F2",
  "desk.leave": "Alt+q",
  "desk.createOrder": "Alt+Enter",
  "floor.down": "j",
  "floor.up": "k",
  "floor.find": "/",
  "floor.alerts": "a",
  "floor.ready": "r",
  "floor.notReady": "n",
  "floor.out": "o",
  "floor.listen": "m",
  "floor.whisper": "w",
  "floor.barge": "b",
  "floor.leave": "s",
  "floor.takeOver": "t",
  "floor.release": "x",
  "floor.move": "g",
  "quality.submit": "Ctrl+Enter",
} as const;
export type KeyName = keyof typeof defaults;
export const keyNames = Object.keys(defaults) as KeyName[];

const chosen = store(JSON.parse(localStorage.getItem("carillon.keys") ?? "{}") as Partial<Record<KeyName, string>>);
const keyOf = (name: KeyName) => chosen.get()[name] ?? defaults[name];

export function useKeyOf() {
  chosen.use();
  return keyOf;
}

/** Keys that the browser keeps, that mean something in every page, or that pick from lists. */
const kept = /^(Ctrl\+[wtnr]|F5|F11|F12|Tab|Shift\+Tab|Escape|Enter| |[0-9]|Arrow\w+|Backspace|Delete)$/;
const page = (name: KeyName) => name.split(".")[0];

/** Gives an action another key; the action that has it already, or "kept", when it cannot. */
export function remap(name: KeyName, key: string): KeyName | "kept" | undefined {
  if (kept.test(key)) return "kept";
  const taken = keyNames.find((other) => other !== name && page(other) === page(name) && keyOf(other) === key);
  if (taken) return taken;
  choose({ ...chosen.get(), [name]: key });
  return undefined;
}
export const restoreKeys = () => choose({});

function choose(next: Partial<Record<KeyName, string>>) {
  localStorage.setItem("carillon.keys", JSON.stringify(next));
  chosen.set(next);
}

/** An action or a key of a list ("1", "ArrowDown", "n") -> what it does. */
export type Keys = Partial<Record<KeyName | (string & {}), (() => void) | undefined>>;

/** The key of an event by our name, "Shift+Ctrl+Enter"; nothing while an input method composes or for a modifier alone. */
export function spelled(event: KeyboardEvent) {
  if (event.isComposing || event.keyCode === 229 || /^(Shift|Control|Alt|Meta|Process|Dead|Unidentified)$/.test(event.key)) return undefined;
  const key = event.altKey && /^(Digit|Key)/.test(event.code) ? event.code.replace(/^(Digit|Key)/, "").toLowerCase() : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.shiftKey && key.length > 1 ? "Shift+" : ""}${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${key}`;
}

/** Keys of a page, or of its dialogue. None fires while an input method composes; single characters only outside of fields; those
 * of a page not behind an open dialogue, those of a dialogue only while it is the only one. */
export function useKeys(keys: Keys, place: "page" | "dialogue" = "page") {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = spelled(event);
      if (!key || event.repeat) return;
      const target = event.target as HTMLElement;
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (typing && event.key.length === 1 && !event.ctrlKey && !event.altKey) return;
      const open = [...document.querySelectorAll('[role="dialog"]')].filter((one) => one.checkVisibility()).length;
      if (open !== (place === "page" ? 0 : 1)) return;
      const act = Object.entries(now.current).find(([name, act]) => act && (name in defaults ? keyOf(name as KeyName) : name) === key)?.[1];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [place]);
}
