/** Who is signed in. The access token lives in memory only; the refresh token in a cookie that no script can read. */
import { Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccessService } from "../gen/carillon/access/v1/access_service_pb";
import type { Tokens } from "../gen/carillon/access/v1/token_pb";
import type { User } from "../gen/carillon/access/v1/user_pb";
import { store } from "../ui/store";
import { purposeOf } from "./purpose";
import { millis, noteBusinessTime } from "./time";

export type Session =
  | { state: "starting" }
  | { state: "out"; reason?: "ended" }
  | { state: "password"; user: User; oldPassword: string }
  | { state: "in"; user: User; permissions: ReadonlySet<string>; tenant: string };

const session = store<Session>({ state: "starting" });
let accessToken = "";
let renewal: ReturnType<typeof setTimeout> | undefined;

export const useSession = session.use;

/** Remembers that a cookie may be there, so that a first visit asks for nothing. */
const mark = "carillon.signed-in";

function claims(token: string): { perms?: string[]; tid?: string } {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as { perms?: string[]; tid?: string };
}

const time: Interceptor = (next) => async (request) => {
  const answer = await next(request);
  noteBusinessTime(answer.header.get("carillon-time"));
  return answer;
};

const bearer: Interceptor = (next) => async (request) => {
  const sent = accessToken;
  if (sent) request.header.set("authorization", `Bearer ${sent}`);
  const purpose = !request.stream && "name" in request.message && purposeOf(String(request.message.name));
  if (purpose) request.header.set("carillon-purpose", purpose);
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unauthenticated || !sent) throw error;
    if (accessToken === sent) await refresh();
    if (!accessToken) throw error;
    request.header.set("authorization", `Bearer ${accessToken}`);
    return await next(request);
  }
};

const baseUrl = location.origin;
const open = createClient(AccessService, createGrpcWebTransport({ baseUrl, interceptors: [time] }));
/** Every other call goes through here: it carries the token and renews it when it has run out. */
export const transport: Transport = createGrpcWebTransport({ baseUrl, interceptors: [bearer, time], defaultTimeoutMs: 20_000 });
/** Streams have no time-out. */
export const streams: Transport = createGrpcWebTransport({ baseUrl, interceptors: [bearer] });
const access = createClient(AccessService, transport);

function take(tokens: Tokens) {
  accessToken = tokens.accessToken;
  localStorage.setItem(mark, "1");
  const { perms = [], tid = "" } = claims(accessToken);
  session.set({ state: "in", user: tokens.user!, permissions: new Set(perms), tenant: tid });
  clearTimeout(renewal);
  renewal = setTimeout(() => void refresh(), Math.max(5_000, millis(tokens.expireTime) - Date.now() - 60_000));
}

function leave(reason?: "ended") {
  accessToken = "";
  clearTimeout(renewal);
  localStorage.removeItem(mark);
  session.set(reason ? { state: "out", reason } : { state: "out" });
}

let refreshing: Promise<void> | undefined;

/** One tab at a time: a refresh token that is used twice ends the session. */
export function refresh(): Promise<void> {
  refreshing ??= navigator.locks
    .request("carillon.refresh", async () => {
      try {
        take(await open.refreshTokens({}));
      } catch (error) {
        const { code } = ConnectError.from(error);
        if (code === Code.Unauthenticated || code === Code.PermissionDenied) leave(session.get().state === "in" ? "ended" : undefined);
        else if (session.get().state === "starting") session.set({ state: "out" });
        else renewal = setTimeout(() => void refresh(), 5_000); // no way there just now; what we have may still be good
      }
    })
    .finally(() => (refreshing = undefined)) as Promise<void>;
  return refreshing;
}

export async function start() {
  if (localStorage.getItem(mark)) await refresh();
  else session.set({ state: "out" });
}

export async function signIn(tenant: string, login: string, password: string, replaceSession = false) {
  const tokens = await open.login({ tenant, login, password, replaceSession, sessionCookie: true });
  if (tokens.mustChangePassword) {
    accessToken = tokens.accessToken;
    session.set({ state: "password", user: tokens.user!, oldPassword: password });
  } else {
    take(tokens);
  }
}

export async function changePassword(oldPassword: string, newPassword: string) {
  take(await access.changePassword({ oldPassword, newPassword }));
}

export async function signOut() {
  try {
    await open.logout({});
  } finally {
    sessionStorage.clear();
    new BroadcastChannel("carillon.session").postMessage("out");
    leave();
  }
}

new BroadcastChannel("carillon.session").onmessage = () => {
  if (session.get().state === "in") leave();
};

/** Whether the person may; a screen shows only what it can do. The services check again. */
export function useMay() {
  const now = useSession();
  return (...permissions: string[]) => now.state === "in" && permissions.some((one) => now.permissions.has(one));
}
