import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { idOf, requestId } from "../api/clients";
import { localized, orders } from "../api/records";
import { refusal } from "../api/errors";
import { useMay } from "../api/session";
import { businessNow, fromLocalInput, localInput, timestamp } from "../api/time";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { Channel } from "../gen/carillon/type/v1/type_pb";
import {
  ComplaintDetail_CauseSchema, ComplaintDetail_ComplainantSchema, ComplaintDetail_EmotionSchema, CustomField_Kind, Desk_Kind, FaultDetail_ServiceSchema,
  WorkOrder_PrioritySchema, WorkOrder_ReplyChannel, WorkOrder_ReplyChannelSchema, WorkOrder_SourceChannel, WorkOrder_StateSchema, WorkOrder_Type,
  WorkOrder_TypeSchema, type CustomField, type WorkOrder,
} from "../gen/carillon/workorder/v1/work_order_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Answer, Field, Key, Pill, useAction, useRefusalText } from "../ui/kit";
import { Link } from "../ui/router";
import { useDraft } from "./draft";
import { orderTone } from "./order-tone";

interface Draft {
  type: WorkOrder_Type;
  title: string;
  description: string;
  contactName: string;
  contactNumber: string;
  priority: number;
  replyChannel: number;
  promised: string;
  product: string;
  address: string;
  cause: number;
  emotion: number;
  complainant: number;
  demand: string;
  service: number;
  symptom: string;
  businessCode: string;
  relocation: boolean;
  needsSiteVisit: boolean;
  custom: Record<string, string | number | boolean>;
}

const empty: Draft = {
  type: WorkOrder_Type.INQUIRY, title: "", description: "", contactName: "", contactNumber: "", priority: 0, replyChannel: WorkOrder_ReplyChannel.REPLY_PHONE, promised: "",
  product: "", address: "", cause: 0, emotion: 0, complainant: 0, demand: "", service: 0, symptom: "", businessCode: "",
  relocation: false, needsSiteVisit: false, custom: {},
};

const isAcceptance = (type: WorkOrder_Type) =>
  type === WorkOrder_Type.ACCEPTANCE || type === WorkOrder_Type.PRE_ACCEPTANCE || type === WorkOrder_Type.INSTALLATION;

const sources: Partial<Record<Channel, WorkOrder_SourceChannel>> = {
  [Channel.CHAT]: WorkOrder_SourceChannel.CHAT, [Channel.EMAIL]: WorkOrder_SourceChannel.EMAIL, [Channel.FAX]: WorkOrder_SourceChannel.FAX,
  [Channel.SMS]: WorkOrder_SourceChannel.SMS, [Channel.TASK]: WorkOrder_SourceChannel.INTERNAL, [Channel.VOICEMAIL]: WorkOrder_SourceChannel.VOICEMAIL,
};
/** What an order made in this work came by. */
export const sourceOf = ({ channel }: Interaction) => sources[channel] ?? WorkOrder_SourceChannel.PHONE;

export const useDesks = () => useQuery({ queryKey: ["desks"], queryFn: () => orders.listDesks({}), staleTime: 300_000 });
const useFields = () => useQuery({ queryKey: ["custom-fields"], queryFn: () => orders.listCustomFields({}), staleTime: 300_000 });

/** The form of an order is made from its type: what a complaint, a fault or an acceptance needs, and the tenant's own fields. */
export function OrderForm({ work, customer, idle, made, onMade, onTitle }: { work: Interaction; customer: string; idle: boolean; made: string[]; onMade: (name: string) => void; onTitle: (title: string) => void }) {
  const { t, choices } = useT();
  const text = useRefusalText();
  const [draft, change, drop] = useDraft<Draft>(work.name, "order", { ...empty, contactNumber: work.callingNumber.includes("*") ? "" : work.callingNumber });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  useEffect(() => onTitle(draft.title), [draft.title, onTitle]);
  const fields = useFields();
  const own = (fields.data?.fields ?? []).filter(({ type }) => type === 0 || type === draft.type);
  const complaint = draft.type === WorkOrder_Type.COMPLAINT;
  const create = useAction(
    () =>
      orders.createWorkOrder({
        workOrder: {
          client: work.client,
          type: draft.type,
          title: draft.title,
          description: draft.description,
          priority: draft.priority,
          customer,
          contactName: draft.contactName,
          contactNumber: draft.contactNumber,
          product: draft.product,
          grade: work.grade,
          sourceChannel: sourceOf(work),
          interaction: work.name,
          replyChannel: draft.replyChannel,
          ...(draft.promised ? { promisedTime: timestamp(fromLocalInput(draft.promised)) } : {}),
          ...(draft.address ? { serviceAddress: { detail: draft.address } } : {}),
          ...(complaint ? { complaint: { cause: draft.cause, emotion: draft.emotion, complainant: draft.complainant, demand: draft.demand } } : {}),
          ...(draft.type === WorkOrder_Type.FAULT ? { fault: { service: draft.service, symptom: draft.symptom } } : {}),
          ...(isAcceptance(draft.type) ? { acceptance: { businessCode: draft.businessCode, relocation: draft.relocation, needsSiteVisit: draft.needsSiteVisit } } : {}),
          ...(own.length > 0 ? { customFields: draft.custom } : {}),
        },
        requestId: requestId(),
      }),
    (order) => {
      onMade(order.name);
      drop();
    },
  );
  const send = () => {
    const missing: Record<string, string> = {};
    if (!draft.title.trim()) missing["title"] = t("required");
    if (complaint && !draft.contactNumber) missing["contact_number"] = t("order.numberNeeded");
    if (draft.contactNumber && !/^\+\d{7,15}$/.test(draft.contactNumber)) missing["contact_number"] = t("order.numberForm");
    for (const field of own) if (field.required && !draft.custom[field.key]) missing[`custom_fields.${field.key}`] = t("required");
    setWrong(missing);
    if (Object.keys(missing).length === 0)
      create.mutate(undefined, {
        onError: (error) => {
          const { violations } = refusal(error);
          setWrong(Object.fromEntries(violations.map(({ field, description }) => [field.replace(/^work_order\./, ""), description])));
        },
      });
  };
  useKeys({ "desk.createOrder": () => !idle && !create.isPending && send() });
  const item = (name: string, label: string, required = false) => ({ label, required, id: `order-${name}`, wrong: wrong[name] });
  return (
    <>
      {made.map((name) => (
        <MadeOrder key={name} name={name} idle={idle} />
      ))}
      <form className="order-form" onSubmit={(event) => (event.preventDefault(), send())} noValidate>
        <Field {...item("type", t("order.type"), true)}>
          <Select id="order-type" showSearch={{ optionFilterProp: "label" }} value={draft.type} options={choices(WorkOrder_TypeSchema)} onChange={(type: WorkOrder_Type) => change({ type })} />
        </Field>
        <Field {...item("priority", t("order.priority"))}>
          <Select id="order-priority" allowClear value={draft.priority || undefined} placeholder={t("order.byType")} options={choices(WorkOrder_PrioritySchema)} onChange={(priority?: number) => change({ priority: priority ?? 0 })} />
        </Field>
        <Field {...item("title", t("order.title"), true)} wide>
          <Input id="order-title" maxLength={200} value={draft.title} onChange={({ target }) => change({ title: target.value })} />
        </Field>
        <Field {...item("description", t("order.description"))} wide>
          <Input.TextArea id="order-description" rows={2} maxLength={4000} value={draft.description} onChange={({ target }) => change({ description: target.value })} />
        </Field>
        <Field {...item("contact_name", t("order.contactName"))}>
          <Input id="order-contact_name" maxLength={64} value={draft.contactName} onChange={({ target }) => change({ contactName: target.value })} />
        </Field>
        <Field {...item("contact_number", t("order.contactNumber"), complaint)}>
          <Input id="order-contact_number" inputMode="tel" placeholder="+8613800138000" value={draft.contactNumber} onChange={({ target }) => change({ contactNumber: target.value.replace(/\s/g, "") })} />
        </Field>
        <Field {...item("reply_channel", t("order.replyChannel"))}>
          <Select id="order-reply_channel" value={draft.replyChannel} options={choices(WorkOrder_ReplyChannelSchema)} onChange={(replyChannel: number) => change({ replyChannel })} />
        </Field>
        <Field {...item("promised_time", t("orders.promised"))}>
          <Input id="order-promised_time" type="datetime-local" min={localInput(businessNow())} value={draft.promised} onChange={({ target }) => change({ promised: target.value })} />
        </Field>
        {complaint && (
          <>
            <Field {...item("complaint.cause", t("complaint.cause"))}>
              <Select id="order-complaint.cause" value={draft.cause || undefined} options={choices(ComplaintDetail_CauseSchema)} onChange={(cause: number) => change({ cause })} />
            </Field>
            <Field {...item("complaint.emotion", t("complaint.emotion"))}>
              <Select id="order-complaint.emotion" value={draft.emotion || undefined} options={choices(ComplaintDetail_EmotionSchema)} onChange={(emotion: number) => change({ emotion })} />
            </Field>
            <Field {...item("complaint.complainant", t("complaint.complainant"))}>
              <Select id="order-complaint.complainant" value={draft.complainant || undefined} options={choices(ComplaintDetail_ComplainantSchema)} onChange={(complainant: number) => change({ complainant })} />
            </Field>
            <Field {...item("complaint.demand", t("complaint.demand"))}>
              <Input id="order-complaint.demand" value={draft.demand} onChange={({ target }) => change({ demand: target.value })} />
            </Field>
          </>
        )}
        {draft.type === WorkOrder_Type.FAULT && (
          <>
            <Field {...item("fault.service", t("fault.service"))}>
              <Select id="order-fault.service" value={draft.service || undefined} options={choices(FaultDetail_ServiceSchema)} onChange={(service: number) => change({ service })} />
            </Field>
            <Field {...item("fault.symptom", t("fault.symptom"))}>
              <Input id="order-fault.symptom" value={draft.symptom} onChange={({ target }) => change({ symptom: target.value })} />
            </Field>
          </>
        )}
        {isAcceptance(draft.type) && (
          <>
            <Field {...item("acceptance.business_code", t("acceptance.business"))}>
              <Input id="order-acceptance.business_code" value={draft.businessCode} onChange={({ target }) => change({ businessCode: target.value })} />
            </Field>
            <Field label={t("acceptance.needs")} id="order-relocation">
              <Checkbox id="order-relocation" checked={draft.relocation} onChange={({ target }) => change({ relocation: target.checked })}>{t("acceptance.relocation")}</Checkbox>
              <Checkbox checked={draft.needsSiteVisit} onChange={({ target }) => change({ needsSiteVisit: target.checked })}>{t("acceptance.visit")}</Checkbox>
            </Field>
          </>
        )}
        <Field {...item("product", t("order.product"))}>
          <Input id="order-product" maxLength={64} value={draft.product} onChange={({ target }) => change({ product: target.value })} />
        </Field>
        <Field {...item("service_address.detail", t("order.address"))}>
          <Input id="order-service_address.detail" maxLength={256} value={draft.address} onChange={({ target }) => change({ address: target.value })} />
        </Field>
        {own.map((field) => (
          <OwnField key={field.key} field={field} value={draft.custom[field.key]} item={item} change={(value) => change({ custom: { ...draft.custom, [field.key]: value } })} />
        ))}
        <div className="buttons wide">
          <Button type="primary" htmlType="submit" disabled={idle} loading={create.isPending}>
            {t("order.create")} <Key of="desk.createOrder" />
          </Button>
          {create.error && <span className="late">{text(refusal(create.error)).text}</span>}
        </div>
      </form>
    </>
  );
}

function OwnField({ field, value, item, change }: { field: CustomField; value: string | number | boolean | undefined; item: (name: string, label: string, required?: boolean) => { label: string; id: string }; change: (value: string | number | boolean) => void }) {
  const { language } = useT();
  const label = localized(field.displayName, language) || field.key;
  const id = `order-custom_fields.${field.key}`;
  const rest = item(`custom_fields.${field.key}`, label, field.required);
  return (
    <Field {...rest}>
      {field.kind === CustomField_Kind.CHOICE ? (
        <Select id={id} value={value as string | undefined} options={field.choices.map((one) => ({ value: one, label: one }))} onChange={change} />
      ) : field.kind === CustomField_Kind.FLAG ? (
        <Checkbox id={id} checked={Boolean(value)} onChange={({ target }) => change(target.checked)} />
      ) : field.kind === CustomField_Kind.NUMBER ? (
        <Input id={id} type="number" value={(value as number | undefined) ?? ""} onChange={({ target }) => change(Number(target.value))} />
      ) : (
        <Input id={id} type={field.kind === CustomField_Kind.DATE ? "date" : "text"} value={(value as string | undefined) ?? ""} onChange={({ target }) => change(target.value)} />
      )}
    </Field>
  );
}

/** An order of this call: answer it at once, or send it on. */
function MadeOrder({ name, idle }: { name: string; idle: boolean }) {
  const { t, word } = useT();
  const may = useMay();
  const desks = useDesks();
  const order = useQuery({ queryKey: ["order", name], queryFn: () => orders.getWorkOrder({ name }) });
  const [answer, setAnswer] = useState("");
  const [desk, setDesk] = useState<string>();
  const done = (_: WorkOrder) => void order.refetch();
  const close = useAction(() => orders.answerWorkOrder({ name, answer, etag: order.data?.etag ?? "", requestId: requestId() }), done);
  const dispatch = useAction(() => orders.dispatchWorkOrder({ name, desk: desk ?? "", etag: order.data?.etag ?? "", requestId: requestId() }), done);
  useEffect(() => {
    const back = desks.data?.desks.find(({ kind }) => kind === Desk_Kind.BACK_OFFICE) ?? desks.data?.desks[0];
    if (!desk && back) setDesk(back.name);
  }, [desks.data, desk]);
  return (
    <Answer of={order}>
      {(it) => (
        <div className="made-order" role="group" aria-label={it.number}>
          <Alert
            type="success"
            showIcon
            title={
              <>
                <Link to={`/orders/${idOf(name)}`}>{it.number}</Link> · {word(WorkOrder_TypeSchema, it.type)} · {it.title} <Pill tone={orderTone(it)}>{word(WorkOrder_StateSchema, it.state)}</Pill>
              </>
            }
            description={
              !it.assignment && !it.closeTime && (
                <div className="made-order-next">
                  {may("workorder.dispatch") && (
                    <>
                      <Select aria-label={t("order.desk")} value={desk} onChange={setDesk} options={(desks.data?.desks ?? []).map((one) => ({ value: one.name, label: one.displayName }))} />
                      <Button disabled={idle || !desk} loading={dispatch.isPending} onClick={() => dispatch.mutate(undefined)}>{t("order.dispatch")}</Button>
                    </>
                  )}
                  <Input aria-label={t("order.answer")} placeholder={t("order.answer")} value={answer} onChange={({ target }) => setAnswer(target.value)} />
                  <Button disabled={idle || !answer} loading={close.isPending} onClick={() => close.mutate(undefined)}>{t("order.answerAtOnce")}</Button>
                </div>
              )
            }
          />
        </div>
      )}
    </Answer>
  );
}
