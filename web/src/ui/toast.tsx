import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  tone: "good" | "warn" | "bad";
  text: string;
}
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: readonly Toast[]) {
  toasts = next;
  listeners.forEach((listener) => listener());
}

/** Says something for a while; screen readers read it out. */
export function toast(tone: Toast["tone"], text: string) {
  const id = ++last;
  become([...toasts.slice(-3), { id, tone, text }]);
  setTimeout(() => become(toasts.filter((one) => one.id !== id)), tone === "bad" ? 8_000 : 4_000);
}

export function Toasts() {
  const now = useSyncExternalStore(
    (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {now.map(({ id, tone, text }) => (
        <p key={id} className={`toast pill-${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
