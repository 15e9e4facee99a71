import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Space, Switch } from "antd";
import { useState } from "react";
import { access, all, pageOf, requestId } from "../api/clients";
import { useQueues, useUserName, useUsers } from "../api/names";
import { profiles as records, queues } from "../api/records";
import { millis, seconds } from "../api/time";
import { OrgUnit_TypeSchema, type OrgUnit } from "../gen/carillon/access/v1/org_unit_pb";
import type { Code } from "../gen/carillon/customer/v1/profile_pb";
import { NotReadyReason_SetterSchema, type RoutingProfile } from "../gen/carillon/routing/v1/queue_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";

export const useProfiles = () => useQuery({ queryKey: ["profiles"], queryFn: () => all(pageOf(queues.listRoutingProfiles, "routingProfiles", 200)) });
export const useSkills = () => useQuery({ queryKey: ["skills-all"], queryFn: () => all(pageOf(queues.listSkills, "skills", 200)) });
const length = (value: number | undefined) => ({ seconds: BigInt(value ?? 0), nanos: 0 });

/** Which queues a group of agents serves, in which order. */
export function Profiles() {
  const { t } = useT();
  const known = useQueues();
  const [editing, edit] = useState<RoutingProfile | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newProfile")}</Button></div>
      <PagedTable<RoutingProfile>
        id={["profiles-list"]}
        page={pageOf(queues.listRoutingProfiles, "routingProfiles")}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), dataIndex: "code" },
          { title: t("admin.profile"), dataIndex: "displayName" },
          { title: t("admin.queues"), render: (_, row) => row.entries.map((one) => `${known.data?.get(one.queue)?.displayName ?? "…"} ${one.priority || 1}`).join(", ") },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
        ]}
      />
      {editing && (
        <Editor<{ code: string; displayName: string; entries?: { queue: string; priority?: number; delay?: number }[] }>
          title={t(of ? "admin.changeProfile" : "admin.newProfile")}
          done="profiles-list"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, entries: of.entries.map((one) => ({ queue: one.queue, priority: one.priority || 1, delay: seconds(one.delay) })) } : { entries: [] }}
          remove={of ? () => queues.deleteRoutingProfile({ name: of.name, requestId: requestId() }) : undefined}
          save={(filled) => {
            const profile = { displayName: filled.displayName, entries: (filled.entries ?? []).map((one) => ({ queue: one.queue, priority: one.priority ?? 1, delay: length(one.delay) })) };
            return of
              ? queues.updateRoutingProfile({ routingProfile: { ...profile, name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "entries"] }, requestId: requestId() })
              : queues.createRoutingProfile({ routingProfile: { ...profile, code: filled.code }, requestId: requestId() });
          }}
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={need(t("required"))}><Input maxLength={63} /></Form.Item>}
          <Form.Item name="displayName" label={t("admin.profile")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.List name="entries">
            {(fields, { add, remove }) => (
              <div className="wide">
                {fields.map(({ key, name }) => (
                  <Space key={key} align="baseline">
                    <Form.Item name={[name, "queue"]} rules={need(t("required"))}><Select className="filter" aria-label={t("floor.queue")} options={[...(known.data?.values() ?? [])].map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>
                    <Form.Item name={[name, "priority"]}><InputNumber aria-label={t("admin.priority")} prefix={t("admin.priority")} min={1} max={99} /></Form.Item>
                    <Form.Item name={[name, "delay"]}><InputNumber aria-label={t("admin.delay")} prefix={t("admin.delay")} min={0} max={3600} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </Space>
                ))}
                <Button onClick={() => add({ priority: 1 })}>{t("admin.addQueue")}</Button>
              </div>
            )}
          </Form.List>
        </Editor>
      )}
    </div>
  );
}

interface FilledRules {
  zone?: string;
  outside?: string[];
  reasons?: { code: string; displayName?: string; minutes?: number; setBy?: number }[];
}

/** The reasons for being not ready, their daily limits, and the zone of the tenant's days. */
export function Rules() {
  const { t, choices } = useT();
  const client = useQueryClient();
  const rules = useQuery({ queryKey: ["rules"], queryFn: () => queues.getDeskRules({}) });
  const save = useAction(
    (filled: FilledRules) =>
      queues.updateDeskRules({
        deskRules: {
          etag: rules.data!.etag,
          timeZone: filled.zone ?? "",
          outsidePrefixes: filled.outside ?? [],
          reasons: (filled.reasons ?? []).map((one) => ({ code: one.code, displayName: one.displayName ?? "", setBy: one.setBy ?? 0, ...(one.minutes ? { dailyLimit: length(one.minutes * 60) } : {}) })),
        },
        requestId: requestId(),
      }),
    (kept) => {
      client.setQueryData(["rules"], kept);
      void client.invalidateQueries({ queryKey: ["desk-rules"] });
    },
  );
  return (
    <Answer of={rules}>
      {(it) => (
        <Form<FilledRules>
          key={it.etag}
          layout="vertical"
          initialValues={{ zone: it.timeZone, outside: it.outsidePrefixes, reasons: it.reasons.map((one) => ({ code: one.code, displayName: one.displayName, setBy: one.setBy || 1, ...(one.dailyLimit ? { minutes: seconds(one.dailyLimit) / 60 } : {}) })) }}
          onFinish={(filled) => save.mutate(filled)}
        >
          <Form.Item name="zone" label={t("flow.zone")}><Input className="wide-search" placeholder="Asia/Shanghai" /></Form.Item>
          <Form.Item name="outside" label={t("admin.outside")} rules={[{ validator: (_, prefixes: string[] = []) => (prefixes.every((one) => /^\+[1-9]\d{0,14}$/.test(one)) ? Promise.resolve() : Promise.reject(new Error(t("admin.outsideForm")))) }]}><Select mode="tags" placeholder="+8620" /></Form.Item>
          <h3>{t("admin.reasons")}</h3>
          <p className="quiet">{t("admin.reasonsHelp")}</p>
          <Form.List name="reasons">
            {(fields, { add, remove }) => (
              <>
                {fields.map(({ key, name }) => (
                  <Space key={key} align="baseline">
                    <Form.Item name={[name, "code"]} rules={[...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{0,31}$/, message: t("admin.codeForm") }]}><Input aria-label={t("campaign.code")} placeholder="MEAL" /></Form.Item>
                    <Form.Item name={[name, "displayName"]}><Input aria-label={t("flow.name")} placeholder={t("flow.name")} maxLength={100} /></Form.Item>
                    <Form.Item name={[name, "minutes"]}><InputNumber aria-label={t("admin.minutes")} prefix={t("admin.minutes")} min={1} max={1440} /></Form.Item>
                    <Form.Item name={[name, "setBy"]}><Select className="filter" aria-label={t("admin.setBy")} options={choices(NotReadyReason_SetterSchema)} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </Space>
                ))}
                <div className="buttons">
                  <Button onClick={() => add({ setBy: 1 })}>{t("admin.addReason")}</Button>
                  <Button type="primary" htmlType="submit" loading={save.isPending}>{t("save")}</Button>
                </div>
              </>
            )}
          </Form.List>
        </Form>
      )}
    </Answer>
  );
}

/** The organisation as a tree. */
export function Units() {
  const { t, word, choices } = useT();
  const users = useUsers();
  const userName = useUserName();
  const units = useQuery({ queryKey: ["units"], queryFn: () => all(pageOf(access.listOrgUnits, "orgUnits", 200)) });
  const [editing, edit] = useState<OrgUnit | "new">();
  const of = editing === "new" ? undefined : editing;
  const people = [...(users.data?.keys() ?? [])].map((value) => ({ value, label: userName(value) }));
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newUnit")}</Button></div>
      <PagedTable<OrgUnit>
        id={["units", "list"]}
        page={pageOf(access.listOrgUnits, "orgUnits", 200)}
        onOpen={edit}
        columns={[
          { title: t("admin.unit"), render: (_, row) => <span className={`depth-${Math.min(row.path.split("/").length - 3, 4)}`}>{row.displayName || row.code}</span> },
          { title: t("campaign.code"), dataIndex: "path" },
          { title: t("order.type"), render: (_, row) => word(OrgUnit_TypeSchema, row.type) },
          { title: t("admin.leader"), render: (_, row) => userName(row.leader) },
          { title: t("admin.site"), render: (_, row) => row.site || "—" },
        ]}
      />
      {editing && (
        <Editor<{ code: string; displayName: string; parent: string; type: number; site?: string; leader?: string }>
          title={t(of ? "admin.changeUnit" : "admin.newUnit")}
          done="units"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, parent: of.parent, site: of.site, ...(of.type ? { type: of.type } : {}), ...(of.leader ? { leader: of.leader } : {}) } : {}}
          save={(filled) => {
            const unit = { displayName: filled.displayName, parent: filled.parent ?? "", type: filled.type, site: filled.site ?? "", leader: filled.leader ?? "" };
            return of
              ? access.updateOrgUnit({ orgUnit: { ...unit, name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "type", "site", "leader", ...(unit.parent !== of.parent ? ["parent"] : [])] }, requestId: requestId() })
              : access.createOrgUnit({ orgUnit: { ...unit, code: filled.code }, requestId: requestId() });
          }}
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={need(t("required"))}><Input maxLength={39} /></Form.Item>}
          <Form.Item name="displayName" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          {of?.parent !== "" && <Form.Item name="parent" label={t("admin.parent")} rules={need(t("required"))}><Select showSearch={{ optionFilterProp: "label" }} options={(units.data ?? []).filter(({ name }) => name !== of?.name).map((one) => ({ value: one.name, label: `${one.path} ${one.displayName}` }))} /></Form.Item>}
          <Form.Item name="type" label={t("order.type")} rules={need(t("required"))}><Select options={choices(OrgUnit_TypeSchema)} /></Form.Item>
          <Form.Item name="leader" label={t("admin.leader")}><Select allowClear showSearch={{ optionFilterProp: "label" }} options={people} /></Form.Item>
          <Form.Item name="site" label={t("admin.site")}><Input maxLength={64} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

const lists = ["DISPOSITION", "ALERT", "SPECIAL_NEED", "RELATIONSHIP", "TRANSACTION_CHANNEL", "CONTACT_PLACE"] as const;

/** Lists of codes that desks offer: the service's, and what the tenant adds or words anew. */
export function Codes() {
  const { t } = useT();
  const [list, choose] = useState<string>(lists[0]);
  const [editing, edit] = useState<Code | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("admin.codeList")} value={list} onChange={choose} options={lists.map((value) => ({ value, label: t(`codes.${value}`) }))} />
        <Button type="primary" onClick={() => edit("new")}>{t("admin.newCode")}</Button>
      </div>
      <PagedTable<Code>
        id={["codes-list", list]}
        page={async () => ({ items: (await records.listCodes({ list })).codes, next: "" })}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.name.split(".")[1]}</code> },
          { title: "中文", render: (_, row) => row.label?.texts["zh-CN"] ?? "—" },
          { title: "English", render: (_, row) => row.label?.texts["en"] ?? "—" },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.retired ? "plain" : "good"}>{t(row.retired ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<{ code: string; chinese: string; english: string; inUse?: boolean }>
          title={t(of ? "admin.changeCode" : "admin.newCode")}
          done="codes-list"
          close={() => edit(undefined)}
          initial={of ? { chinese: of.label?.texts["zh-CN"] ?? "", english: of.label?.texts["en"] ?? "", inUse: !of.retired } : { inUse: true }}
          save={(filled) =>
            records.putCode({ code: { ...(of ? { inverse: of.inverse } : {}), name: of?.name ?? `codes/${list}.${filled.code}`, label: { texts: { "zh-CN": filled.chinese, en: filled.english } }, retired: !filled.inUse }, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{0,62}$/, message: t("admin.codeForm") }]}><Input /></Form.Item>}
          <Form.Item name="chinese" label="中文" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="english" label="English" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="inUse" label={t("admin.on")} valuePropName="checked"><Switch /></Form.Item>
        </Editor>
      )}
    </div>
  );
}
