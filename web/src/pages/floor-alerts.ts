import { millis, span } from "../api/time";
import type { Kpi } from "../gen/carillon/insight/v1/report_pb";
import { AgentSession_State, type AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import type { QueueState } from "../gen/carillon/routing/v1/queue_pb";
import type { TextKey } from "../i18n";
import { figure, missed } from "./kpi";

export interface FloorAlert {
  tone: "bad" | "warn";
  text: TextKey;
  values: Record<string, string | number>;
  /** What it is about: opens by a click. */
  queue?: string;
  agent?: string;
  kpi?: Kpi;
}

const minute = 60_000;

/** What a supervisor should look at now, worst first: read from the floor as it is, nothing else. The limits are those of the desk:
 * a customer waits a minute, a talk lasts three, wrap-up one. */
export function alertsOf(queues: QueueState[], sessions: AgentSession[], kpis: Kpi[], now: number): FloorAlert[] {
  const out: FloorAlert[] = [];
  const add = (tone: "bad" | "warn", text: TextKey, rest: Omit<FloorAlert, "tone" | "text" | "values">, values: FloorAlert["values"] = {}) => out.push({ tone, text, values, ...rest });
  for (const one of queues) {
    if (one.waiting === 0) continue;
    const name = one.displayName || one.code;
    const waited = one.oldestQueueTime ? now - millis(one.oldestQueueTime) : 0; // none: an offer rings for each of them
    if (one.agents === 0) add("bad", "floorAlert.nobody", { queue: one.queue }, { queue: name, count: one.waiting });
    else if (waited > minute) add("bad", "floorAlert.longWait", { queue: one.queue }, { queue: name, time: span(waited) });
  }
  for (const kpi of kpis) if (missed(kpi)) add("bad", "floorAlert.kpi", { kpi }, { value: figure(kpi), target: figure({ ...kpi, value: kpi.target! }) });
  for (const one of sessions) {
    const time = span(now - millis(one.stateTime));
    const passed = now - millis(one.stateTime);
    const limit = millis(one.reasonLimitTime);
    const rest = { agent: one.agent };
    if (one.state === AgentSession_State.NOT_READY && limit > 0 && now > limit) add("bad", "floorAlert.overLimit", rest, { time: span(now - limit) });
    else if (one.state === AgentSession_State.NOT_READY && one.reason === "RONA") add("warn", "floorAlert.rona", rest, { time });
    else if (one.state === AgentSession_State.BUSY && passed > 3 * minute) add("warn", "floorAlert.longTalk", rest, { time });
    else if (one.state === AgentSession_State.WRAPPING && passed > minute) add("warn", "floorAlert.longWrap", rest, { time });
  }
  return out.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}
