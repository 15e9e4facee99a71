import { useQuery } from "@tanstack/react-query";
import { Button, Input, Radio, Select } from "antd";
import { useState } from "react";
import { agents, all, pageOf, requestId } from "../api/clients";
import { useDeskRules } from "../api/desk-rules";
import { useAgentName, useQueues } from "../api/names";
import { AgentSession_State, AgentSession_StateSchema, AgentStatus, type AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { Dialog, Field, useAction } from "../ui/kit";

type Kind = "agent" | "queue" | "phoneNumber";

/** Whether a colleague could get the customer, now or when done: the service decides in the end. */
const receives = (one: AgentSession) => one.deskConnected && one.state !== AgentSession_State.NOT_READY && one.pendingStatus !== AgentStatus.NOT_READY && one.pendingStatus !== AgentStatus.SIGNED_OUT;

/** Passes the customer on, or asks for advice first, with a word for who receives: a colleague, a queue, or a number outside that
 * the rules allow. */
export function PassOn({ work, act, close }: { work: Interaction; act: "transfer" | "consult"; close: () => void }) {
  const { t, word } = useT();
  const nameOf = useAgentName();
  const queues = useQueues();
  const outside = useDeskRules(true)?.outsidePrefixes ?? [];
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => all(pageOf(agents.listAgentSessions, "agentSessions", 200)), refetchInterval: 3_000 });
  const [kind, choose] = useState<Kind>("agent");
  const [to, setTo] = useState("");
  const [briefing, setBriefing] = useState("");
  const turn = (next: Kind) => (choose(next), setTo(""));
  const needed = act === "transfer" && Boolean(queues.data?.get(work.queue)?.briefingRequired || (kind === "queue" && queues.data?.get(to)?.briefingRequired));
  const can = kind === "phoneNumber" ? outside.some((prefix) => to.startsWith(prefix)) && /^\+[1-9]\d{5,14}$/.test(to) : to !== "";
  const send = useAction(() => {
    const request = { name: work.name, to: { case: kind, value: to }, briefing: briefing.trim(), requestId: requestId() };
    return act === "transfer" ? agents.transferInteraction(request) : agents.startConsult(request);
  }, close);
  const colleagues = (sessions.data ?? []).filter((one) => one.agent !== work.agent && one.state !== AgentSession_State.SIGNED_OUT);
  return (
    <Dialog
      open
      title={t(act === "transfer" ? "transfer.title" : "consult.title")}
      onClose={close}
      actions={
        <>
          <Button type="primary" disabled={!can || (needed && !briefing.trim())} loading={send.isPending} onClick={() => send.mutate(undefined)}>{t(`desk.${act}`)}</Button>
          <Button onClick={close}>{t("cancel")}</Button>
        </>
      }
    >
      <Radio.Group
        aria-label={t("transfer.to")}
        optionType="button"
        value={kind}
        onChange={({ target }) => turn(target.value as Kind)}
        options={[
          { value: "agent", label: t("transfer.agent") },
          { value: "queue", label: t("desk.queue") },
          { value: "phoneNumber", label: t("transfer.outside"), disabled: outside.length === 0 },
        ]}
      />
      <Field label={t(kind === "agent" ? "transfer.agent" : kind === "queue" ? "desk.queue" : "transfer.number")} id="transfer-to" required>
        {kind === "agent" ? (
          <Select
            id="transfer-to"
           
            showSearch={{ optionFilterProp: "label" }}
            value={to || undefined}
            onChange={setTo}
            options={colleagues.map((one) => ({ value: one.agent, label: `${one.agentCode} ${nameOf(one.agent)} · ${word(AgentSession_StateSchema, one.state)}`, disabled: !receives(one) }))}
          />
        ) : kind === "queue" ? (
          <Select id="transfer-to" showSearch={{ optionFilterProp: "label" }} value={to || undefined} onChange={setTo} options={[...(queues.data?.values() ?? [])].map((one) => ({ value: one.name, label: one.displayName || one.code, disabled: one.closed }))} />
        ) : (
          <Input id="transfer-to" inputMode="tel" placeholder={`${outside[0] ?? "+"}…`} value={to} onChange={({ target }) => setTo(target.value.replace(/\s/g, ""))} />
        )}
      </Field>
      <Field label={t("transfer.briefing")} id="transfer-briefing" required={needed}>
        <Input.TextArea id="transfer-briefing" rows={3} maxLength={2000} value={briefing} onChange={({ target }) => setBriefing(target.value)} />
      </Field>
    </Dialog>
  );
}
