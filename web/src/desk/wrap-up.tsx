import { Button, Input, Select } from "antd";
import { agents, make, requestId } from "../api/clients";
import { useDeskRules } from "../api/desk-rules";
import { orders as workOrders, useCodes } from "../api/records";
import { useMay } from "../api/session";
import { businessNow, fromLocalInput, localInput, timestamp } from "../api/time";
import { AgentStatus, type AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import { Interaction_Direction, Interaction_State, type Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { CompleteInteractionRequestSchema } from "../gen/carillon/routing/v1/agent_service_pb";
import { Desk_Kind, WorkOrder_ReplyChannel, WorkOrder_Type } from "../gen/carillon/workorder/v1/work_order_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Field, Key, useAction } from "../ui/kit";
import { useDraft } from "./draft";
import { sourceOf, useDesks } from "./order-form";

/** Unless the tenant has a list DISPOSITION of its own. */
const dispositions = ["RESOLVED", "INFORMED", "ORDER_CREATED", "CALLBACK_PROMISED", "WRONG_NUMBER", "DROPPED", "SILENT", "ABUSE"];
/** What an agent may say of a call the platform made. */
const outbound = ["INTERESTED", "SEND_MATERIAL", "SOLD", "CALLBACK_BOOKED", "REFUSED", "ALREADY_OWN", "GATEKEEPER", "WRONG_PERSON", "HUNG_UP", "COMPLAINT", "DO_NOT_CALL"];

/** An order to call back within half an hour of `at`, on its way to a desk; its name. */
async function bookCallback(work: Interaction, customer: string, title: string, note: string, at: number, desk: string, [made, sent]: string[]) {
  const order = await workOrders.createWorkOrder({
    workOrder: {
      client: work.client, type: WorkOrder_Type.APPOINTMENT, title, description: note, customer, grade: work.grade,
      contactNumber: work.callingNumber.includes("*") ? "" : work.callingNumber, interaction: work.name,
      sourceChannel: sourceOf(work), replyChannel: WorkOrder_ReplyChannel.REPLY_PHONE,
    },
    requestId: made!,
  });
  await workOrders.dispatchWorkOrder({ name: order.name, desk, note, appointmentStartTime: timestamp(at), appointmentEndTime: timestamp(at + 1_800_000), requestId: sent! });
  return order.name;
}

/** The outcome can be written while the customer still speaks; it is sent when wrap-up has begun. */
export function WrapUp({ work, customer, session, orders, idle }: { work: Interaction; customer: string; session: AgentSession; orders: string[]; idle: boolean }) {
  const { t, code } = useT();
  const [draft, change, drop] = useDraft(work.name, "wrap", { disposition: "", note: "", callback: "", desk: "", ids: [requestId(), requestId()] });
  const may = useMay();
  const rules = useDeskRules(true);
  const rest = rules?.choosable.find((one) => one.code === "REST")?.code ?? rules?.choosable[0]?.code ?? "REST";
  const wrapping = work.state === Interaction_State.WRAPPING;
  const disposition = draft.disposition || (orders.length > 0 ? "ORDER_CREATED" : "");
  const selling = work.direction === Interaction_Direction.OUTBOUND;
  const own = useCodes("DISPOSITION").choices;
  const desks = useDesks();
  const desk = draft.desk || (desks.data?.desks.find(({ kind }) => kind === Desk_Kind.BACK_OFFICE) ?? desks.data?.desks[0])?.name || "";
  const promised = (selling ? disposition === "CALLBACK_BOOKED" : disposition === "CALLBACK_PROMISED" && may("workorder.create") && may("workorder.dispatch"));
  const callback = promised ? fromLocalInput(draft.callback) : 0;
  const done = useAction(
    async ({ then }: { then?: AgentStatus }) => {
      if (then === AgentStatus.NOT_READY) await agents.setStatus({ status: then, reason: rest, requestId: requestId() });
      if (then === AgentStatus.READY && session.pendingStatus) await agents.setStatus({ status: then, requestId: requestId() });
      if (selling && work.attachedData["attempt"]) {
        const { recordAttempt } = await import("./attempt");
        await recordAttempt(work.attachedData["attempt"], disposition, orders[0] ?? "", callback);
      }
      // A promise to somebody who called is an appointment for a desk; sent again it is still the same one.
      const appointments = promised && !selling ? [await bookCallback(work, customer, t("wrap.callbackTitle"), draft.note, callback, desk, draft.ids)] : [];
      await agents.completeInteraction(
        make(CompleteInteractionRequestSchema, { name: work.name, disposition, note: draft.note, workOrders: [...orders, ...appointments], requestId: requestId() }),
      );
    },
    () => {
      drop();
    },
  );
  const can = wrapping && disposition !== "" && (!promised || (callback > businessNow() && (selling || desk !== ""))) && !idle && !done.isPending;
  const send = (then: AgentStatus) => can && done.mutate({ then });
  useKeys({ "desk.send": () => send(AgentStatus.READY), "desk.sendRest": () => send(AgentStatus.NOT_READY) });
  return (
    <div className="wrap-up">
      <Field label={t("wrap.disposition")} id="disposition" required>
        <Select
          id="disposition"
          showSearch={{ optionFilterProp: "label" }}
          value={disposition || undefined}
          placeholder={t("wrap.choose")}
          onChange={(value: string) => change({ disposition: value })}
          options={selling ? outbound.map((value) => ({ value, label: code("Disposition", value) })) : own.length > 0 ? own : dispositions.map((value) => ({ value, label: code("disposition", value) }))}
        />
      </Field>
      {promised && (
        <>
          <Field label={t("wrap.callback")} id="callback" required wrong={draft.callback && callback <= businessNow() ? t("wrap.callbackPast") : undefined}>
            <Input id="callback" type="datetime-local" min={localInput(businessNow())} value={draft.callback} onChange={({ target }) => change({ callback: target.value })} />
          </Field>
          {!selling && (
            <Field label={t("order.desk")} id="callback-desk" required>
              <Select id="callback-desk" value={desk || undefined} onChange={(value: string) => change({ desk: value })} options={(desks.data?.desks ?? []).map((one) => ({ value: one.name, label: one.displayName }))} />
            </Field>
          )}
        </>
      )}
      <Field label={t("wrap.note")} id="wrap-note">
        <Input.TextArea id="wrap-note" rows={3} maxLength={2000} value={draft.note} onChange={({ target }) => change({ note: target.value })} />
      </Field>
      {orders.length > 0 && <p className="quiet">{t("wrap.orders", { count: orders.length })}</p>}
      {!wrapping && <p className="quiet">{t("wrap.later")}</p>}
      <div className="buttons">
        <Button type="primary" disabled={!can} loading={done.isPending} onClick={() => send(AgentStatus.READY)}>
          {t("wrap.ready")} <Key of="desk.send" />
        </Button>
        <Button disabled={!can} onClick={() => send(AgentStatus.NOT_READY)}>
          {t("wrap.notReady")} <Key of="desk.sendRest" />
        </Button>
      </div>
    </div>
  );
}
