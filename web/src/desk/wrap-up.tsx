import { Button, Input, Select } from "antd";
import { agents, make, requestId } from "../api/clients";
import { AgentStatus, type AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import { Interaction_Direction, Interaction_State, type Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { CompleteInteractionRequestSchema } from "../gen/carillon/routing/v1/agent_service_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Field, Key, useAction } from "../ui/kit";
import { useDraft } from "./draft";

const dispositions = ["RESOLVED", "INFORMED", "ORDER_CREATED", "CALLBACK_PROMISED", "WRONG_NUMBER", "DROPPED", "SILENT", "ABUSE"];
/** What an agent may say of a call the platform made. */
const outbound = ["INTERESTED", "SEND_MATERIAL", "SOLD", "CALLBACK_BOOKED", "REFUSED", "ALREADY_OWN", "GATEKEEPER", "WRONG_PERSON", "HUNG_UP", "COMPLAINT", "DO_NOT_CALL"];

/** The outcome can be written while the customer still speaks; it is sent when wrap-up has begun. */
export function WrapUp({ work, session, orders, idle }: { work: Interaction; session: AgentSession; orders: string[]; idle: boolean }) {
  const { t, code } = useT();
  const [draft, change, drop] = useDraft(work.name, "wrap", { disposition: "", note: "" });
  const wrapping = work.state === Interaction_State.WRAPPING;
  const disposition = draft.disposition || (orders.length > 0 ? "ORDER_CREATED" : "");
  const selling = work.direction === Interaction_Direction.OUTBOUND;
  const done = useAction(
    async ({ then }: { then?: AgentStatus }) => {
      if (then === AgentStatus.NOT_READY) await agents.setStatus({ status: then, reason: "REST", requestId: requestId() });
      if (then === AgentStatus.READY && session.pendingStatus) await agents.setStatus({ status: then, requestId: requestId() });
      if (selling && work.attachedData["attempt"]) {
        const { recordAttempt } = await import("./attempt");
        await recordAttempt(work.attachedData["attempt"], disposition, orders[0] ?? "");
      }
      await agents.completeInteraction(
        make(CompleteInteractionRequestSchema, { name: work.name, disposition, note: draft.note, workOrders: orders, requestId: requestId() }),
      );
    },
    () => {
      drop();
      sessionStorage.removeItem(`carillon.made.${work.name}`);
    },
  );
  const can = wrapping && disposition !== "" && !idle && !done.isPending;
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
          options={(selling ? outbound : dispositions).map((value) => ({ value, label: code(selling ? "Disposition" : "disposition", value) }))}
        />
      </Field>
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
