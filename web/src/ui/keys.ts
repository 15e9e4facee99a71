import { useEffect, useRef } from "react";

/** "F2", "Alt+1", "Ctrl+Enter", "Shift+Ctrl+Enter", "j" -> what it does. */
export type Keys = Record<string, (() => void) | undefined>;

const spelled = (event: KeyboardEvent) => {
  const key = event.code.startsWith("Digit") && event.altKey ? event.code.slice(5) : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.shiftKey && key.length > 1 ? "Shift+" : ""}${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${key}`;
};

/** Keys of a page. None fires while an input method composes; single characters only outside of fields; none behind an
 * open dialogue. */
export function useKeys(keys: Keys) {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.isComposing || event.keyCode === 229 || event.repeat) return;
      const target = event.target as HTMLElement;
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      const name = spelled(event);
      if (typing && event.key.length === 1 && !event.ctrlKey && !event.altKey) return;
      if (document.querySelector('[role="dialog"]')) return;
      const act = now.current[name];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
