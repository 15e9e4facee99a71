import type { AnchorHTMLAttributes } from "react";
import { store } from "./store";

const path = store(location.pathname);
const changed = () => path.set(location.pathname);
window.addEventListener("popstate", changed);

export function navigate(to: string, replace = false) {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  changed();
}

/** The parts of the path: "/orders/123" is ["orders", "123"]. */
export function usePath() {
  return path.use().split("/").filter(Boolean).map(decodeURIComponent);
}

/** A link that does not load the page anew; with a modifier the browser does what it always does. */
export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(to);
      }}
      {...rest}
    />
  );
}
