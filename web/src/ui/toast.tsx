import { store } from "./store";

interface Toast {
  id: number;
  tone: "good" | "warn" | "bad";
  text: string;
}
const toasts = store<readonly Toast[]>([]);
let last = 0;

/** Says something for a while; screen readers read it out. */
export function toast(tone: Toast["tone"], text: string) {
  const id = ++last;
  toasts.set([...toasts.get().slice(-3), { id, tone, text }]);
  setTimeout(() => toasts.set(toasts.get().filter((one) => one.id !== id)), tone === "bad" ? 8_000 : 4_000);
}

export function Toasts() {
  const now = toasts.use();
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
