import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { store } from "../ui/store";

/** Business time runs beside real time: the platform may play a day faster than it passes. */
let offset = 0;

export function noteBusinessTime(header: string | null) {
  const at = Number(header);
  if (!header || !Number.isFinite(at)) return;
  offset = at - Date.now();
}

export const businessNow = () => Date.now() + offset;

export const millis = (at: Timestamp | undefined) => (at ? Number(at.seconds) * 1000 + at.nanos / 1e6 : 0);
export const seconds = (length: Duration | undefined) => (length ? Number(length.seconds) + length.nanos / 1e9 : 0);

const tick = store(businessNow());
setInterval(() => tick.set(businessNow()), 500);

/** Business time, twice a second. */
export const useNow = tick.use;

let zone = "Asia/Shanghai";
/** The tenant's own, when it has one. */
export function setTimeZone(next: string) {
  if (next) zone = next;
}

/** What the deployment says of itself. */
export async function loadSettings() {
  const answer = await fetch("/settings.json");
  const settings = (await answer.json()) as { timeZone?: string };
  setTimeZone(settings.timeZone ?? "");
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(locale: string, key: string, options: Intl.DateTimeFormatOptions) {
  const id = `${locale} ${key} ${zone}`;
  let found = formats.get(id);
  if (!found) formats.set(id, (found = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options })));
  return found;
}

export const clockTime = (ms: number, locale: string) =>
  format(locale, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
export const dateTime = (ms: number, locale: string) =>
  format(locale, "full", { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).format(ms);
/** "2026-04-02" in the tenant's zone. */
export const isoDay = (ms: number) => format("en-CA", "day", { year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);

export const timestamp = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 });

/** The value of a field for a date and time, "2026-04-02T10:30", in the tenant's zone. */
export const localInput = (ms: number) => `${isoDay(ms)}T${clockTime(ms, "en-GB").slice(0, 5)}`;
/** The moment such a value names; 0 for none. */
export const fromLocalInput = (value: string) => (value ? zoned(value.slice(0, 10), `${value.slice(11, 16)}:00`) : 0);

/** The moment a wall-clock time names in the tenant's zone. */
export function zoned(day: string, clock: string) {
  const wall = Date.parse(`${day}T${clock}Z`);
  const shown = (at: number) => Date.parse(`${isoDay(at)}T${clockTime(at, "en-GB")}Z`);
  const first = wall - (shown(wall) - wall);
  return first - (shown(first) - wall);
}

/** 1 = Monday. */
export const weekday = (day: number, locale: string, style: "long" | "short") => new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" }).format(Date.UTC(2026, 5, day));

/** 0:42, 12:05, 1:02:33 */
export function span(ms: number) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** The same of a length that a service gives. */
export const lasting = (length: Duration | undefined) => span(seconds(length) * 1000);
