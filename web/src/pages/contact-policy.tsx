import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { contactPolicy } from "../api/back-office";
import { type Page, pageOf, requestId } from "../api/clients";
import { useUserName } from "../api/names";
import { useMay } from "../api/session";
import { millis } from "../api/time";
import { ContactClassSchema } from "../gen/carillon/campaign/v1/campaign_pb";
import {
  DoNotCallEntry_Source, DoNotCallEntry_SourceSchema, FrequencyRule_OnHit, FrequencyRule_OnHitSchema, type DoNotCallEntry, type FrequencyRule,
} from "../gen/carillon/campaign/v1/contact_policy_service_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { CustomerName } from "./customer-more";

/** Who may be called how often, whatever the campaign; and who not at all. */
export function ContactPolicy() {
  const { t } = useT();
  return (
    <div className="stack">
      <h3>{t("policy.frequency")}</h3>
      <Frequency />
      <h3>{t("policy.stops")}</h3>
      <DoNotCall />
    </div>
  );
}

function Frequency() {
  const { t, word, choices } = useT();
  const can = useMay()("campaign.manage");
  const client = useQueryClient();
  const [editing, edit] = useState<FrequencyRule | "new">();
  const of = editing === "new" ? undefined : editing;
  const remove = useAction((name: string) => contactPolicy.deleteFrequencyRule({ name, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["frequency"] }));
  return (
    <>
      {can && <div><Button onClick={() => edit("new")}>{t("policy.newRule")}</Button></div>}
      <PagedTable<FrequencyRule & { id: string }>
        id={["frequency"]}
        page={async () => ({ items: (await contactPolicy.listFrequencyRules({})).frequencyRules.map((one) => ({ ...one, id: one.name, name: `${one.contactClass} ${one.periodDays}` })), next: "" })}
        columns={[
          { title: t("campaign.class"), render: (_, row) => word(ContactClassSchema, row.contactClass) },
          { title: t("policy.most"), render: (_, row) => t("policy.in", { count: row.maxCount, days: row.periodDays }) },
          { title: t("policy.onHit"), render: (_, row) => word(FrequencyRule_OnHitSchema, row.onHit || FrequencyRule_OnHit.DEFER) },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                {can && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                {can && row.id && <Button size="small" onClick={() => remove.mutate(row.id)}>{t("admin.remove")}</Button>}
                {!row.id && <span className="quiet">{t("policy.default")}</span>}
              </span>
            ),
          },
        ]}
      />
      {editing && (
        <Editor<{ contactClass: number; maxCount: number; periodDays: number; onHit?: number }>
          title={t(of ? "policy.changeRule" : "policy.newRule")}
          done="frequency"
          close={() => edit(undefined)}
          initial={of ? { contactClass: of.contactClass, maxCount: of.maxCount, periodDays: of.periodDays, onHit: of.onHit || FrequencyRule_OnHit.DEFER } : { contactClass: 1, maxCount: 1, periodDays: 7, onHit: FrequencyRule_OnHit.DEFER }}
          save={(filled) => contactPolicy.setFrequencyRule({ frequencyRule: { ...filled }, requestId: requestId() })}
        >
          <Form.Item name="contactClass" label={t("campaign.class")} rules={need(t("required"))}><Select disabled={Boolean(of)} options={choices(ContactClassSchema)} /></Form.Item>
          <Form.Item name="maxCount" label={t("policy.most")} rules={need(t("required"))}><InputNumber min={1} max={1000} /></Form.Item>
          <Form.Item name="periodDays" label={t("policy.days")} rules={need(t("required"))}><InputNumber disabled={Boolean(of)} min={1} max={366} /></Form.Item>
          <Form.Item name="onHit" label={t("policy.onHit")}><Select options={choices(FrequencyRule_OnHitSchema)} /></Form.Item>
        </Editor>
      )}
    </>
  );
}

function DoNotCall() {
  const { t, word, choices } = useT();
  const may = useMay();
  const who = useUserName();
  const client = useQueryClient();
  const [adding, add] = useState(false);
  const remove = useAction((name: string) => contactPolicy.removeDoNotCall({ name, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["stops"] }));
  return (
    <>
      {may("campaign.work") && <div><Button onClick={() => add(true)}>{t("policy.addNumber")}</Button></div>}
      <PagedTable<DoNotCallEntry>
        id={["stops", "all"]}
        page={pageOf((page: Page) => contactPolicy.listDoNotCall(page), "doNotCallEntries")}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.createTime)} /> },
          { title: t("desk.customer"), render: (_, row) => (row.customer ? <CustomerName of={row.customer} /> : t("policy.aNumber")) },
          { title: t("more.source"), render: (_, row) => word(DoNotCallEntry_SourceSchema, row.source || 1) },
          { title: t("floor.reason"), render: (_, row) => row.reason || "—" },
          { title: t("admin.who"), render: (_, row) => (row.addedBy.startsWith("users/") ? who(row.addedBy) : row.addedBy || "—") },
          { title: t("qa.next"), render: (_, row) => (may("campaign.manage") ? <Button size="small" onClick={() => remove.mutate(row.name)}>{t("admin.remove")}</Button> : "—") },
        ]}
      />
      {adding && (
        <Editor<{ number: string; source: number; reason?: string }>
          title={t("policy.addNumber")}
          done="stops"
          close={() => add(false)}
          initial={{ source: DoNotCallEntry_Source.NATIONAL }}
          save={(filled) => contactPolicy.addDoNotCall({ doNotCallEntry: { number: filled.number, source: filled.source, reason: filled.reason ?? "" }, requestId: requestId() })}
        >
          <Form.Item name="number" label={t("col.number")} rules={[{ required: true, pattern: /^\+[1-9]\d{5,14}$/, message: t("order.numberForm") }]}><Input inputMode="tel" placeholder="+8613800138000" /></Form.Item>
          <Form.Item name="source" label={t("more.source")} rules={need(t("required"))}><Select options={choices(DoNotCallEntry_SourceSchema)} /></Form.Item>
          <Form.Item name="reason" label={t("floor.reason")}><Input maxLength={500} /></Form.Item>
          <p className="quiet wide">{t("policy.hashed")}</p>
        </Editor>
      )}
    </>
  );
}
