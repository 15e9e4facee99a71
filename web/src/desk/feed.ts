/** The stream of the desk: one a browser. The tab that holds the lock watches; the others look on. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { useEffect } from "react";
import { Code, ConnectError, deskStream } from "../api/clients";
import { millis, noteBusinessTime } from "../api/time";
import { DeskSchema, type Desk } from "../gen/carillon/routing/v1/agent_pb";
import { store } from "../ui/store";

export interface DeskFeed {
  /** `none`: the person is no agent. */
  link: "connecting" | "live" | "lost" | "viewer" | "none";
  desk?: Desk;
  /** Real time the line was lost. */
  lostAt?: number;
}

const feed = store<DeskFeed>({ link: "connecting" });

function take(desk: Desk) {
  const { link, desk: before } = feed.get();
  if (before && desk.version < before.version && link === "live") return;
  if (desk.time) noteBusinessTime(String(millis(desk.time)));
  feed.set({ link: link === "viewer" ? "viewer" : "live", desk });
}

/** Resolves after `ms`, or as soon as the browser says that it is online again. */
const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end, { once: true });
  });

async function watch(signal: AbortSignal, channel: BroadcastChannel) {
  channel.onmessage = ({ data }) => {
    const { desk } = feed.get();
    if (data === "hello" && desk) channel.postMessage(toBinary(DeskSchema, desk));
  };
  feed.set({ ...feed.get(), link: "connecting" });
  for (let wait = 300; !signal.aborted; wait = Math.min(wait * 2, 5_000)) {
    const line = new AbortController();
    const cut = () => line.abort();
    window.addEventListener("offline", cut);
    signal.addEventListener("abort", cut, { once: true });
    try {
      for await (const desk of deskStream.watchDesk({}, { signal: line.signal })) {
        wait = 300;
        take(desk);
        channel.postMessage(toBinary(DeskSchema, desk));
      }
    } catch (error) {
      if (!signal.aborted && ConnectError.from(error).code === Code.NotFound) return feed.set({ link: "none" });
    } finally {
      window.removeEventListener("offline", cut);
    }
    if (signal.aborted) return;
    feed.set({ ...feed.get(), link: "lost", lostAt: feed.get().lostAt ?? Date.now() });
    await pause(wait * (0.7 + Math.random() * 0.6), signal);
  }
}

/** Watches while the component lives. */
export function useDeskFeed(user: string) {
  useEffect(() => {
    const end = new AbortController();
    const channel = new BroadcastChannel(`carillon.desk.${user}`);
    const look = async () => {
      await navigator.locks.request(`carillon.desk.${user}`, { ifAvailable: true }, async (lock) => {
        if (lock) return watch(end.signal, channel);
        feed.set({ link: "viewer" });
        channel.onmessage = ({ data }) => data instanceof Uint8Array && take(fromBinary(DeskSchema, data));
        channel.postMessage("hello");
        return undefined;
      });
      if (end.signal.aborted || feed.get().link !== "viewer") return;
      await navigator.locks.request(`carillon.desk.${user}`, { signal: end.signal }, () => watch(end.signal, channel));
    };
    look().catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
    return () => {
      end.abort();
      channel.close();
      feed.set({ link: "connecting" });
    };
  }, [user]);
  return feed.use();
}
