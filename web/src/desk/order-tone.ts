import { WorkOrder_State, type WorkOrder } from "../gen/carillon/workorder/v1/work_order_pb";
import type { Tone } from "../ui/kit";

export const orderTone = (of: Pick<WorkOrder, "state" | "overdue">): Tone =>
  of.state === WorkOrder_State.CLOSED || of.state === WorkOrder_State.CONVERTED ? "good"
  : of.state === WorkOrder_State.CANCELLED || of.state === WorkOrder_State.REJECTED ? "plain"
  : of.overdue ? "bad"
  : of.state === WorkOrder_State.RETURNED || of.state === WorkOrder_State.REOPENED ? "warn"
  : of.state === WorkOrder_State.SUSPENDED ? "calm"
  : "strong";
