import { AgentSession_State } from "../gen/carillon/routing/v1/agent_pb";
import type { Tone } from "../ui/kit";

export const stateTone = (state: AgentSession_State): Tone =>
  state === AgentSession_State.READY ? "good"
  : state === AgentSession_State.NOT_READY ? "warn"
  : state === AgentSession_State.BUSY || state === AgentSession_State.RESERVED ? "strong"
  : state === AgentSession_State.WRAPPING ? "calm"
  : "plain";
