import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Form, Input, Modal, Radio, Select, Timeline } from "antd";
import { useState, type ReactNode } from "react";
import { idOf, requestId } from "../api/clients";
import { orders } from "../api/records";
import { useUserName } from "../api/names";
import { useUnmask } from "../api/purpose";
import { useMay, useSession } from "../api/session";
import { lasting, millis, span, useNow } from "../api/time";
import { useDesks } from "../desk/order-form";
import { orderTone } from "../desk/order-tone";
import {
  ComplaintDetail_CauseSchema, ComplaintDetail_EmotionSchema, ComplaintDetail_RootCauseSchema, ComplaintDetail_ValiditySchema, Revisit_SatisfactionSchema,
  Revisit_SolvedSchema, SlaClock_KindSchema, SlaClock_State, SuspendReasonSchema, WorkOrder_CloseReasonSchema, WorkOrder_PrioritySchema,
  WorkOrder_ReplyChannelSchema, WorkOrder_State, WorkOrder_StateSchema, WorkOrder_Type, WorkOrder_TypeSchema, type WorkOrder,
} from "../gen/carillon/workorder/v1/work_order_pb";
import { useT, type TextKey } from "../i18n";
import { Answer, Facts, PageHead, Panel, Personal, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { toast } from "../ui/toast";

const S = WorkOrder_State;
const openStates = [S.ACCEPTED, S.DISPATCHED, S.RETURNED, S.IN_PROGRESS, S.SUSPENDED, S.REOPENED, S.REVISIT_PENDING];

export default function OrdersPage() {
  const { t, word, choices } = useT();
  const [, id] = usePath();
  const [states, setStates] = useState<number[]>(openStates);
  const [types, setTypes] = useState<number[]>([]);
  const [only, setOnly] = useState<"all" | "overdue" | "escalated">("all");
  const [query, setQuery] = useState("");
  const [desk, setDesk] = useState("");
  const desks = useDesks();
  const may = useMay();
  const [chosen, choose] = useState<WorkOrder[]>([]);
  return (
    <div className="stack">
      <PageHead title={t("nav.orders")} extra={<Input.Search allowClear placeholder={t("orders.searchHint")} aria-label={t("orders.searchHint")} onSearch={(text) => setQuery(text.trim())} />}>
        <Radio.Group
          optionType="button"
          value={only}
          onChange={({ target }) => setOnly(target.value as "all")}
          options={[{ value: "all", label: t("all") }, { value: "overdue", label: t("orders.overdue") }, { value: "escalated", label: t("orders.escalated") }]}
        />
        <Select mode="multiple" maxTagCount={1} className="filter" aria-label={t("order.state")} placeholder={t("order.state")} value={states} onChange={setStates} options={choices(WorkOrder_StateSchema)} />
        <Select mode="multiple" maxTagCount={1} className="filter" aria-label={t("order.type")} placeholder={t("order.type")} value={types} onChange={setTypes} options={choices(WorkOrder_TypeSchema)} />
        <Select allowClear className="filter" aria-label={t("order.desk")} placeholder={t("order.desk")} value={desk || undefined} onChange={(value?: string) => setDesk(value ?? "")} options={(desks.data?.desks ?? []).map((one) => ({ value: one.name, label: one.displayName }))} />
      </PageHead>
      <Panel>
        {chosen.length > 0 && <DispatchAll of={chosen} done={() => choose([])} />}
        <PagedTable<WorkOrder>
          id={["orders", states, types, only, query, desk]}
          selected={id && `workOrders/${id}`}
          choice={may("workorder.dispatch") ? { chosen, choose, can: dispatchable, label: ({ number }) => t("orders.choose", { number }) } : undefined}
          page={async (pageToken) => {
            if (query) return { items: (await orders.searchWorkOrders({ query })).workOrders, next: "" };
            const page = await orders.listWorkOrders({ pageSize: 50, pageToken, states, types, desk, overdue: only === "overdue", escalated: only === "escalated" });
            return { items: page.workOrders, next: page.nextPageToken };
          }}
          onOpen={(row) => navigate(`/orders/${idOf(row.name)}`)}
          columns={[
            { title: t("order.number"), render: (_, row) => <Link to={`/orders/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.number}</Link> },
            { title: t("order.type"), render: (_, row) => word(WorkOrder_TypeSchema, row.type) },
            { title: t("order.title"), render: (_, row) => <span className="clip">{row.title || "—"}</span> },
            { title: t("order.state"), render: (_, row) => <Pill tone={orderTone(row)}>{word(WorkOrder_StateSchema, row.state)}</Pill> },
            { title: t("order.priority"), render: (_, row) => word(WorkOrder_PrioritySchema, row.priority) },
            { title: t("order.desk"), render: (_, row) => desks.data?.desks.find(({ name }) => name === row.assignment?.desk)?.displayName ?? "—" },
            { title: t("orders.due"), render: (_, row) => <Due of={row} /> },
            { title: t("order.created"), render: (_, row) => <Time at={millis(row.createTime)} /> },
          ]}
        />
      </Panel>
      <OrderDrawer id={id} />
    </div>
  );
}

const dispatchable = ({ state }: WorkOrder) => state === S.ACCEPTED || state === S.RETURNED;

/** The ticked orders go to one desk, one after the other; those that the service refuses stay ticked. */
function DispatchAll({ of, done }: { of: WorkOrder[]; done: () => void }) {
  const { t } = useT();
  const client = useQueryClient();
  const desks = useDesks();
  const [desk, setDesk] = useState<string>();
  const send = useAction(
    async (to: string) => {
      for (const { name, etag } of of) await orders.dispatchWorkOrder({ name, etag, desk: to, requestId: requestId() });
    },
    () => {
      toast("good", t("orders.dispatched", { count: of.length }));
      done();
    },
  );
  return (
    <div className="buttons bulk" role="group" aria-label={t("orders.chosen", { count: of.length })}>
      <strong>{t("orders.chosen", { count: of.length })}</strong>
      <Select className="filter" aria-label={t("orders.toDesk")} placeholder={t("orders.toDesk")} value={desk} onChange={setDesk} options={(desks.data?.desks ?? []).map((one) => ({ value: one.name, label: one.displayName }))} />
      <Button type="primary" disabled={!desk} loading={send.isPending} onClick={() => send.mutate(desk!, { onSettled: () => void client.invalidateQueries({ queryKey: ["orders"] }) })}>{t("orders.do.dispatch")}</Button>
      <Button onClick={done}>{t("cancel")}</Button>
    </div>
  );
}

/** The promise that ends next. */
function Due({ of }: { of: WorkOrder }) {
  const now = useNow();
  const next = of.clocks.filter(({ state, dueTime }) => state === SlaClock_State.RUNNING && dueTime).sort((a, b) => millis(a.dueTime) - millis(b.dueTime))[0];
  if (!next) return <>—</>;
  const left = millis(next.dueTime) - now;
  return <span className={left < 0 ? "late" : left < 1_800_000 ? "soon" : ""}>{left < 0 ? `−${span(-left)}` : span(left)}</span>;
}

type Act = "accept" | "return" | "suspend" | "resume" | "complete" | "reply" | "revisit" | "cancel" | "dispatch" | "escalate" | "forceClose" | "answer" | "prioritize" | "convert" | "reject" | "edit";

function OrderDrawer({ id }: { id: string | undefined }) {
  const { t, word } = useT();
  const name = id ? `workOrders/${id}` : "";
  const order = useQuery({ queryKey: ["order", name], queryFn: () => orders.getWorkOrder({ name }), enabled: Boolean(id), refetchInterval: 10_000 });
  return (
    <Drawer open={Boolean(id)} onClose={() => navigate("/orders")} size={720} title={order.data ? `${order.data.number} · ${word(WorkOrder_TypeSchema, order.data.type)}` : t("loading")}>
      {id && <Answer of={order}>{(it) => <OrderView order={it} />}</Answer>}
    </Drawer>
  );
}

function OrderView({ order }: { order: WorkOrder }) {
  const { t, word, code } = useT();
  const desks = useDesks();
  const who = useUserName();
  const unmask = useUnmask(order.name);
  const history = useQuery({ queryKey: ["history", order.name, order.etag], queryFn: () => orders.listHistory({ parent: order.name }) });
  return (
    <div className="stack" role="region" aria-label={order.number} tabIndex={0}>
      <h2 className="order-title" translate="no">{order.title || "—"}</h2>
      <div className="buttons">
        <Pill tone={orderTone(order)}>{word(WorkOrder_StateSchema, order.state)}</Pill>
        {order.overdue && <Pill tone="bad">{t("orders.overdue")}</Pill>}
        {order.escalated && <Pill tone="warn">{t("orders.escalated")}</Pill>}
        {order.reopenedCount > 0 && <Pill tone="warn">{t("orders.reopened", { count: order.reopenedCount })}</Pill>}
      </div>
      <Actions order={order} />
      <p className="text">{order.description || "—"}</p>
      <Facts
        columns={2}
        of={[
          { label: t("desk.customer"), value: order.customer ? <Link to={`/customers/${idOf(order.customer)}`}>{t("orders.openCustomer")}</Link> : "—" },
          { label: t("order.priority"), value: word(WorkOrder_PrioritySchema, order.priority) },
          { label: t("order.contactName"), value: <Personal value={order.contactName} unmask={unmask} /> },
          { label: t("order.contactNumber"), value: <Personal value={order.contactNumber} unmask={unmask} /> },
          { label: t("order.replyChannel"), value: word(WorkOrder_ReplyChannelSchema, order.replyChannel) },
          Boolean(order.promisedTime) && { label: t("orders.promised"), value: <Time at={millis(order.promisedTime)} /> },
          { label: t("orders.owner"), value: who(order.owner) },
          { label: t("orders.creator"), value: who(order.creator) },
          { label: t("order.desk"), value: desks.data?.desks.find(({ name: one }) => one === order.assignment?.desk)?.displayName ?? "—" },
          { label: t("orders.assignee"), value: who(order.assignment?.assignee ?? "") },
          Boolean(order.product) && { label: t("order.product"), value: order.product },
          Boolean(order.result) && { label: t("orders.result"), value: order.result },
          order.closeReason !== 0 && { label: t("orders.closeReason"), value: word(WorkOrder_CloseReasonSchema, order.closeReason) },
          order.complaint && { label: t("complaint.cause"), value: word(ComplaintDetail_CauseSchema, order.complaint.cause) },
          order.complaint && { label: t("complaint.emotion"), value: word(ComplaintDetail_EmotionSchema, order.complaint.emotion) },
          order.complaint && Boolean(order.complaint.demand) && { label: t("complaint.demand"), value: order.complaint.demand },
          order.fault && { label: t("fault.symptom"), value: order.fault.symptom },
        ]}
      />
      <section>
        <h3>{t("orders.clocks")}</h3>
        <table className="plain">
          <tbody>
            {order.clocks.map((clock) => (
              <tr key={clock.kind}>
                <td>{word(SlaClock_KindSchema, clock.kind)}</td>
                <td>{t("orders.target", { time: lasting(clock.target) })}</td>
                <td>{clock.dueTime ? <Time at={millis(clock.dueTime)} /> : "—"}</td>
                <td><Pill tone={clock.breached ? "bad" : clock.state === SlaClock_State.STOPPED ? "good" : "plain"}>{t(clock.breached ? "orders.late" : clock.state === SlaClock_State.STOPPED ? "orders.kept" : clock.state === SlaClock_State.PAUSED ? "orders.paused" : "orders.running")}</Pill></td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h3>{t("orders.history")}</h3>
        <Answer of={history}>
          {({ entries }) => (
            <Timeline
              items={entries.map((entry) => ({
                content: (
                  <>
                    <strong>{code("action", entry.action)}</strong> · {word(WorkOrder_StateSchema, entry.toState)} · {who(entry.actor)} · <Time at={millis(entry.atTime)} />
                    {entry.note && <div className="text">{entry.note}</div>}
                  </>
                ),
              }))}
            />
          )}
        </Answer>
      </section>
    </div>
  );
}

/** What may be done with an order as it stands, by this person. */
function allowed(order: WorkOrder, may: (...permissions: string[]) => boolean, me: string): Act[] {
  const is = (...states: WorkOrder_State[]) => states.includes(order.state);
  const out: Act[] = [];
  if (may("workorder.handle") && is(S.DISPATCHED, S.REOPENED)) out.push("accept");
  if (may("workorder.handle") && is(S.IN_PROGRESS)) out.push("complete", "suspend", "return");
  if (may("workorder.handle") && is(S.SUSPENDED)) out.push("resume");
  if (may("workorder.dispatch") && is(S.ACCEPTED, S.RETURNED)) out.push("dispatch");
  if (may("workorder.create") && is(S.ACCEPTED) && !order.assignment) out.push("answer");
  if (may("workorder.create") && !order.replyTime && is(S.ACCEPTED, S.DISPATCHED, S.IN_PROGRESS, S.SUSPENDED, S.REVISIT_PENDING)) out.push("reply");
  if (may("workorder.revisit") && is(S.REVISIT_PENDING) && !order.handlers.includes(me)) out.push("revisit");
  if (may("workorder.supervise") && !order.escalated && is(...openStates)) out.push("escalate");
  if (may("workorder.supervise") && is(...openStates)) out.push("forceClose");
  if (may("workorder.handle") && order.type === WorkOrder_Type.PRE_ACCEPTANCE && is(S.DISPATCHED, S.IN_PROGRESS)) out.push("convert", "reject");
  if (may("workorder.supervise") && is(...openStates)) out.push("prioritize");
  if (may("workorder.create") && is(...openStates)) out.push("edit");
  if (may("workorder.create") && is(S.ACCEPTED, S.DISPATCHED, S.RETURNED)) out.push("cancel");
  return out;
}

function Actions({ order }: { order: WorkOrder }) {
  const { t } = useT();
  const may = useMay();
  const session = useSession();
  const [act, choose] = useState<Act>();
  const list = allowed(order, may, session.state === "in" ? session.user.name : "");
  return (
    <div className="buttons">
      {list.map((one, index) => (
        <Button key={one} type={index === 0 ? "primary" : "default"} danger={one === "forceClose" || one === "cancel"} onClick={() => choose(one)}>
          {t(`orders.do.${one}` as TextKey)}
        </Button>
      ))}
      {act && <ActForm key={act} act={act} order={order} close={() => choose(undefined)} />}
    </div>
  );
}

interface Filled {
  note?: string;
  priority?: number;
  title?: string;
  description?: string;
  contactName?: string;
  contactNumber?: string;
  product?: string;
  desk?: string;
  reason?: number;
  channel?: number;
  rootCause?: number;
  validity?: number;
  reached?: boolean;
  satisfaction?: number;
  solved?: number;
  steps?: string[];
}

const sevenSteps = ["accept", "apologize", "acknowledge", "analyze", "alternatives", "agreement", "assure"] as const;

function ActForm({ act, order, close }: { act: Act; order: WorkOrder; close: () => void }) {
  const { t, choices } = useT();
  const client = useQueryClient();
  const desks = useDesks();
  const [form] = Form.useForm<Filled>();
  const reached = Form.useWatch("reached", form);
  const complaint = order.type === WorkOrder_Type.COMPLAINT;
  /** A masked value is never sent back. */
  const veiled = order.contactName.includes("*") || order.contactNumber.includes("*");
  const send = useAction(
    ({ note = "", ...filled }: Filled) => {
      const base = { name: order.name, etag: order.etag, requestId: requestId() };
      switch (act) {
        case "accept": return orders.acceptWorkOrder({ ...base, note });
        case "return": return orders.returnWorkOrder({ ...base, reason: note });
        case "suspend": return orders.suspendWorkOrder({ ...base, note, reason: filled.reason ?? 0 });
        case "resume": return orders.resumeWorkOrder({ ...base, note });
        case "complete": return orders.completeWorkOrder({ ...base, result: note, rootCause: filled.rootCause ?? 0, validity: filled.validity ?? 0, ...(complaint ? { sevenSteps: Object.fromEntries(sevenSteps.map((step) => [step, filled.steps?.includes(step) ?? false])) } : {}) });
        case "reply": return orders.recordReply({ ...base, note, channel: filled.channel ?? order.replyChannel });
        case "revisit": return orders.recordRevisit({ ...base, comment: note, reached: filled.reached ?? false, satisfaction: filled.satisfaction ?? 0, solved: filled.solved ?? 0 });
        case "cancel": return orders.cancelWorkOrder({ ...base, reason: note });
        case "dispatch": return orders.dispatchWorkOrder({ ...base, note, desk: filled.desk ?? "" });
        case "escalate": return orders.escalateWorkOrder({ ...base, reason: note });
        case "forceClose": return orders.forceCloseWorkOrder({ ...base, note, closeReason: filled.reason ?? 0 });
        case "answer": return orders.answerWorkOrder({ ...base, answer: note });
        case "prioritize": return orders.prioritizeWorkOrder({ ...base, note, priority: filled.priority ?? 0 });
        case "convert": return orders.convertWorkOrder({ ...base, note });
        case "reject": return orders.rejectWorkOrder({ ...base, reason: note });
        case "edit": {
          const { title = "", description = "", contactName, contactNumber, product = "", channel = 0 } = filled;
          const changed = { title, description, product, replyChannel: channel, ...(veiled ? {} : { contactName: contactName ?? "", contactNumber: contactNumber ?? "" }) };
          return orders.updateWorkOrder({ workOrder: { ...order, ...changed }, updateMask: { paths: ["title", "description", "product", "reply_channel", ...(veiled ? [] : ["contact_name", "contact_number"])] }, requestId: requestId() });
        }
      }
    },
    (changed) => {
      client.setQueryData(["order", changed.name], changed);
      if (changed.name !== order.name) navigate(`/orders/${idOf(changed.name)}`); // the formal one, of a pre-acceptance
      void client.invalidateQueries({ queryKey: ["orders"] });
      close();
    },
  );
  const need = [{ required: true, message: t("required") }];
  const noteNeeded = !["accept", "resume", "dispatch", "suspend", "reply", "revisit", "prioritize", "convert"].includes(act);
  const field = (name: keyof Filled, label: TextKey, of: ReactNode, rules = need) => (
    <Form.Item name={name} label={t(label)} rules={rules}>
      {of}
    </Form.Item>
  );
  return (
    <Modal open title={`${order.number} · ${t(`orders.do.${act}` as TextKey)}`} onCancel={close} okText={t(`orders.do.${act}` as TextKey)} onOk={() => form.submit()} confirmLoading={send.isPending}>
      <Form form={form} layout="vertical" onFinish={(filled) => send.mutate(filled)} initialValues={{ reached: true, ...(order.replyChannel ? { channel: order.replyChannel } : {}), ...(order.priority ? { priority: order.priority } : {}), title: order.title, description: order.description, contactName: order.contactName, contactNumber: order.contactNumber, product: order.product }}>
        {act === "dispatch" && field("desk", "order.desk", <Select options={(desks.data?.desks ?? []).map((one) => ({ value: one.name, label: one.displayName }))} />)}
        {act === "suspend" && field("reason", "floor.reason", <Select options={choices(SuspendReasonSchema)} />)}
        {act === "forceClose" && field("reason", "orders.closeReason", <Select options={choices(WorkOrder_CloseReasonSchema, 1, 2)} />)}
        {act === "reply" && field("channel", "order.replyChannel", <Select options={choices(WorkOrder_ReplyChannelSchema)} />)}
        {act === "complete" && complaint && field("rootCause", "complaint.rootCause", <Select options={choices(ComplaintDetail_RootCauseSchema)} />)}
        {act === "complete" && complaint && field("validity", "complaint.validity", <Select options={choices(ComplaintDetail_ValiditySchema)} />)}
        {act === "complete" && complaint && field("steps", "orders.sevenSteps", <Checkbox.Group options={sevenSteps.map((step) => ({ value: step, label: t(`orders.step.${step}`) }))} />, [])}
        {act === "revisit" && field("reached", "orders.reached", <Radio.Group options={[{ value: true, label: t("yes") }, { value: false, label: t("no") }]} />)}
        {act === "revisit" && reached && field("satisfaction", "orders.satisfaction", <Select options={choices(Revisit_SatisfactionSchema)} />)}
        {act === "revisit" && reached && field("solved", "orders.solved", <Select options={choices(Revisit_SolvedSchema)} />)}
        {act === "prioritize" && field("priority", "order.priority", <Select options={choices(WorkOrder_PrioritySchema)} />)}
        {act === "edit" && (
          <>
            {field("title", "order.title", <Input maxLength={200} />)}
            {field("description", "order.description", <Input.TextArea rows={4} maxLength={4000} />, [])}
            {!veiled && field("contactName", "order.contactName", <Input maxLength={64} />, [])}
            {!veiled && field("contactNumber", "order.contactNumber", <Input inputMode="tel" maxLength={32} />, complaint ? need : [])}
            {field("product", "order.product", <Input maxLength={64} />, [])}
            {field("channel", "order.replyChannel", <Select options={choices(WorkOrder_ReplyChannelSchema)} />)}
          </>
        )}
        {act !== "edit" && field("note", act === "complete" ? "orders.result" : act === "answer" ? "order.answer" : noteNeeded ? "floor.reason" : "wrap.note", <Input.TextArea rows={3} maxLength={500} />, noteNeeded ? need : [])}
      </Form>
    </Modal>
  );
}
