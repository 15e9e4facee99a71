import { useState } from "react";
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { requestId } from "../api/clients";
import { localized, orders } from "../api/records";
import { useMay } from "../api/session";
import { millis } from "../api/time";
import {
  CustomField_KindSchema, Desk_KindSchema, SlaClock_CalendarSchema, WorkOrder_PrioritySchema, WorkOrder_TypeSchema, type CustomField, type Desk, type SlaPolicy,
} from "../gen/carillon/workorder/v1/work_order_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Given, Time } from "../ui/kit";
import { PagedTable } from "../ui/list";

/** Where orders go, what is promised of them, and the fields that the operator adds. */
export function OrderRules() {
  const { t } = useT();
  const may = useMay();
  return (
    <div className="stack">
      <h3>{t("orderRules.desks")}</h3>
      <Desks />
      <h3>{t("orderRules.promises")}</h3>
      <Promises />
      <h3>{t("records.fields")}</h3>
      <Fields can={may("tenant.admin")} />
    </div>
  );
}

function Desks() {
  const { t, word, choices } = useT();
  const may = useMay();
  const [adding, add] = useState(false);
  return (
    <>
      {may("workorder.supervise") && <div><Button onClick={() => add(true)}>{t("orderRules.newDesk")}</Button></div>}
      <PagedTable<Desk>
        id={["desks", "list"]}
        page={async () => ({ items: (await orders.listDesks({})).desks, next: "" })}
        columns={[
          { title: t("order.desk"), render: (_, row) => <Given>{row.displayName}</Given> },
          { title: t("qa.kind"), render: (_, row) => word(Desk_KindSchema, row.kind || 1) },
          { title: t("admin.site"), render: (_, row) => row.site || "—" },
          { title: t("order.created"), render: (_, row) => <Time at={millis(row.createTime)} /> },
        ]}
      />
      {adding && (
        <Editor<{ displayName: string; kind: number; site?: string }>
          title={t("orderRules.newDesk")}
          done="desks"
          close={() => add(false)}
          initial={{ kind: 1 }}
          save={(filled) => orders.createDesk({ desk: { ...filled }, requestId: requestId() })}
        >
          <Form.Item name="displayName" label={t("order.desk")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          <Form.Item name="kind" label={t("qa.kind")} rules={need(t("required"))}><Select options={choices(Desk_KindSchema)} /></Form.Item>
          <Form.Item name="site" label={t("admin.site")}><Input maxLength={64} /></Form.Item>
        </Editor>
      )}
    </>
  );
}

interface FilledPromise {
  type: number;
  priority?: number;
  acceptMinutes?: number;
  replyMinutes?: number;
  handleMinutes?: number;
  revisitMinutes?: number;
  calendar?: number;
}

function Promises() {
  const { t, word, choices } = useT();
  const may = useMay();
  const [editing, edit] = useState<SlaPolicy | "new">();
  const of = editing === "new" ? undefined : editing;
  const minutes = (value: number) => (value > 0 ? t("orderRules.minutes", { count: value }) : "—");
  const can = may("workorder.supervise");
  return (
    <>
      {can && <div><Button onClick={() => edit("new")}>{t("orderRules.newPromise")}</Button></div>}
      <PagedTable<SlaPolicy & { name: string }>
        id={["sla-policies"]}
        page={async () => ({ items: (await orders.listSlaPolicies({})).policies.map((one) => ({ ...one, name: `${one.type} ${one.priority}` })), next: "" })}
        {...(can ? { onOpen: edit } : {})}
        columns={[
          { title: t("order.type"), render: (_, row) => word(WorkOrder_TypeSchema, row.type) },
          { title: t("order.priority"), render: (_, row) => (row.priority ? word(WorkOrder_PrioritySchema, row.priority) : t("all")) },
          { title: t("orderRules.accept"), align: "right", render: (_, row) => minutes(row.acceptMinutes) },
          { title: t("orderRules.reply"), align: "right", render: (_, row) => minutes(row.replyMinutes) },
          { title: t("orderRules.handle"), align: "right", render: (_, row) => minutes(row.handleMinutes) },
          { title: t("orderRules.revisit"), align: "right", render: (_, row) => minutes(row.revisitMinutes) },
          { title: t("orderRules.calendar"), render: (_, row) => word(SlaClock_CalendarSchema, row.calendar) },
        ]}
      />
      {editing && (
        <Editor<FilledPromise>
          title={t(of ? "orderRules.changePromise" : "orderRules.newPromise")}
          done="sla-policies"
          close={() => edit(undefined)}
          initial={of ? { type: of.type, acceptMinutes: of.acceptMinutes, replyMinutes: of.replyMinutes, handleMinutes: of.handleMinutes, revisitMinutes: of.revisitMinutes, ...(of.priority ? { priority: of.priority } : {}), ...(of.calendar ? { calendar: of.calendar } : {}) } : {}}
          save={(filled) =>
            orders.setSlaPolicy({
              policy: { type: filled.type, priority: filled.priority ?? 0, acceptMinutes: filled.acceptMinutes ?? 0, replyMinutes: filled.replyMinutes ?? 0, handleMinutes: filled.handleMinutes ?? 0, revisitMinutes: filled.revisitMinutes ?? 0, calendar: filled.calendar ?? 0 },
              requestId: requestId(),
            })
          }
        >
          <Form.Item name="type" label={t("order.type")} rules={need(t("required"))}><Select disabled={Boolean(of)} options={choices(WorkOrder_TypeSchema)} /></Form.Item>
          <Form.Item name="priority" label={t("order.priority")}><Select disabled={Boolean(of)} allowClear placeholder={t("all")} options={choices(WorkOrder_PrioritySchema)} /></Form.Item>
          {(["acceptMinutes", "replyMinutes", "handleMinutes", "revisitMinutes"] as const).map((field) => (
            <Form.Item key={field} name={field} label={t(`orderRules.${field}`)}><InputNumber min={0} max={525_600} /></Form.Item>
          ))}
          <Form.Item name="calendar" label={t("orderRules.calendar")}><Select allowClear options={choices(SlaClock_CalendarSchema)} /></Form.Item>
        </Editor>
      )}
    </>
  );
}

interface FilledField {
  key: string;
  type?: number;
  kind: number;
  chinese: string;
  english: string;
  choices?: string[];
  required?: boolean;
}

function Fields({ can }: { can: boolean }) {
  const { t, word, choices, language } = useT();
  const [editing, edit] = useState<CustomField | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <>
      {can && <div><Button onClick={() => edit("new")}>{t("records.newField")}</Button></div>}
      <PagedTable<CustomField & { name: string }>
        id={["custom-fields", "list"]}
        page={async () => ({ items: (await orders.listCustomFields({})).fields.map((one) => ({ ...one, name: one.key })), next: "" })}
        {...(can ? { onOpen: edit } : {})}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.key}</code> },
          { title: t("flow.name"), render: (_, row) => <Given>{localized(row.displayName, language) || "—"}</Given> },
          { title: t("orderRules.orders"), render: (_, row) => (row.type ? word(WorkOrder_TypeSchema, row.type) : t("all")) },
          { title: t("order.type"), render: (_, row) => word(CustomField_KindSchema, row.kind) },
          { title: t("records.choices"), render: (_, row) => row.choices.join(", ") || "—" },
          { title: t("required"), render: (_, row) => t(row.required ? "yes" : "no") },
        ]}
      />
      {editing && (
        <Editor<FilledField>
          title={t(of ? "records.changeField" : "records.newField")}
          done="custom-fields"
          close={() => edit(undefined)}
          initial={of ? { key: of.key, kind: of.kind, chinese: of.displayName?.texts["zh-CN"] ?? "", english: of.displayName?.texts["en"] ?? "", choices: of.choices, required: of.required, ...(of.type ? { type: of.type } : {}) } : { kind: 1 }}
          save={(filled) => orders.setCustomField({ field: { key: filled.key, type: filled.type ?? 0, kind: filled.kind, required: filled.required ?? false, choices: filled.choices ?? [], displayName: { texts: { "zh-CN": filled.chinese, en: filled.english } } }, requestId: requestId() })}
        >
          <Form.Item name="key" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z][a-z0-9_]{0,62}$/, message: t("records.keyForm") }]}><Input disabled={Boolean(of)} /></Form.Item>
          <Form.Item name="type" label={t("orderRules.orders")}><Select allowClear placeholder={t("all")} options={choices(WorkOrder_TypeSchema)} /></Form.Item>
          <Form.Item name="kind" label={t("order.type")} rules={need(t("required"))}><Select options={choices(CustomField_KindSchema)} /></Form.Item>
          <Form.Item name="required" label={t("required")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="chinese" label="中文" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="english" label="English" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="choices" label={t("records.choices")} className="wide"><Select mode="tags" open={false} /></Form.Item>
        </Editor>
      )}
    </>
  );
}
