import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, InputNumber, Popconfirm, Select, Space, Switch, Tabs } from "antd";
import { useState, type ReactNode } from "react";
import { access, all, type Page, pageOf, requestId } from "../api/clients";
import { queues } from "../api/records";
import { useUserName, useUsers } from "../api/names";
import { useMay } from "../api/session";
import { fromLocalInput, localInput, millis, timestamp } from "../api/time";
import type { AuditRecord } from "../gen/carillon/access/v1/audit_pb";
import { User_State, User_StateSchema, type User } from "../gen/carillon/access/v1/user_pb";
import { Skill_CategorySchema, type Agent, type Skill } from "../gen/carillon/routing/v1/queue_pb";
import { useT, type TextKey } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Facts, PageHead, Panel, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { navigate, usePath } from "../ui/router";
import { Clients, Roles } from "./admin-roles";
import { Codes, Profiles, Rules, Units, useProfiles, useSkills } from "./admin-rules";
import { tried } from "./dry-run";
import { OrderRules } from "./order-rules";
import { Queues } from "./queues";
import { TenantCard } from "./tenant";

export default function AdminPage() {
  const { t } = useT();
  const may = useMay();
  const [, tab] = usePath();
  const tabs: { key: string; title: TextKey; open: boolean; page: ReactNode }[] = [
    { key: "users", title: "admin.users", open: may("tenant.admin"), page: <Users /> },
    { key: "roles", title: "admin.roles", open: may("tenant.admin"), page: <Roles /> },
    { key: "clients", title: "admin.clients", open: may("tenant.admin"), page: <Clients /> },
    { key: "agents", title: "admin.agents", open: may("routing.admin"), page: <Agents /> },
    { key: "queues", title: "admin.queues", open: may("routing.admin"), page: <Queues /> },
    { key: "profiles", title: "admin.profiles", open: may("routing.admin"), page: <Profiles /> },
    { key: "skills", title: "admin.skills", open: may("routing.admin"), page: <Skills /> },
    { key: "desks", title: "admin.deskRules", open: may("routing.admin"), page: <Rules /> },
    { key: "tenant", title: "tenant.tenant", open: may("tenant.admin"), page: <TenantCard /> },
    { key: "units", title: "admin.units", open: may("tenant.admin"), page: <Units /> },
    { key: "codes", title: "admin.codes", open: may("customer.steward"), page: <Codes /> },
    { key: "orders", title: "orderRules.title", open: may("workorder.supervise", "tenant.admin"), page: <OrderRules /> },
    { key: "audit", title: "admin.audit", open: may("access.audit"), page: <Audit /> },
  ];
  const open = tabs.filter((one) => one.open);
  return (
    <div className="stack">
      <PageHead title={t("nav.admin")} />
      <Panel>
        <Tabs
          activeKey={open.find(({ key }) => key === tab)?.key ?? open[0]?.key ?? ""}
          onChange={(key) => navigate(`/admin/${key}`)}
          destroyOnHidden
          items={open.map(({ key, title, page }) => ({ key, label: t(title), children: page }))}
        />
      </Panel>
    </div>
  );
}

function Users() {
  const { t, word } = useT();
  const client = useQueryClient();
  const [editing, edit] = useState<User | "new">();
  const [locked, unlock] = useState<User>();
  const roles = useQuery({ queryKey: ["roles"], queryFn: () => all(pageOf(access.listRoles, "roles", 200)) });
  const units = useQuery({ queryKey: ["units"], queryFn: () => all(pageOf(access.listOrgUnits, "orgUnits", 200)) });
  const again = () => void client.invalidateQueries({ queryKey: ["users"] });
  const turn = useAction(
    (user: User) => (user.state === User_State.DISABLED || user.state === User_State.LOCKED ? access.enableUser({ name: user.name, requestId: requestId() }) : access.disableUser({ name: user.name, requestId: requestId() })),
    again,
  );
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newUser")}</Button></div>
      <PagedTable<User>
        id={["users"]}
        page={pageOf(access.listUsers, "users")}
        columns={[
          { title: t("signIn.login"), dataIndex: "login" },
          { title: t("customer.name"), render: (_, row) => row.displayName || "—" },
          { title: t("floor.code"), render: (_, row) => row.agentNumber || "—" },
          { title: t("admin.roles"), render: (_, row) => row.roles.map((code) => roles.data?.find((role) => role.code === code)?.displayName || code).join(", ") },
          { title: t("admin.unit"), dataIndex: "unitPath" },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.state === User_State.ACTIVE ? "good" : row.state === User_State.LOCKED ? "bad" : "plain"}>{word(User_StateSchema, row.state)}</Pill> },
          { title: t("admin.lastLogin"), render: (_, row) => <Time at={millis(row.lastLoginTime)} /> },
          {
            title: t("admin.change"),
            render: (_, row) => (
              <Space>
                <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>
                <Button size="small" onClick={() => unlock(row)}>{t("admin.newPassword")}</Button>
                <Popconfirm title={t("admin.turnAsk", { login: row.login })} onConfirm={() => turn.mutate(row)}>
                  <Button size="small" danger={row.state === User_State.ACTIVE}>{t(row.state === User_State.DISABLED || row.state === User_State.LOCKED ? "admin.enable" : "admin.disable")}</Button>
                </Popconfirm>
              </Space>
            ),
          },
        ]}
      />
      {locked && <NewPassword of={locked} close={() => unlock(undefined)} />}
      {editing && (
        <Editor<{ login: string; displayName?: string; agentNumber?: string; roles?: string[]; unit?: string; password: string }>
          title={t(of ? "admin.changeUser" : "admin.newUser")}
          done="users"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, agentNumber: of.agentNumber, roles: of.roles, unit: of.unit } : {}}
          save={(filled) =>
            of
              ? access.updateUser({ user: { name: of.name, etag: of.etag, displayName: filled.displayName ?? "", agentNumber: filled.agentNumber ?? "", roles: filled.roles ?? [], unit: filled.unit ?? "" }, updateMask: { paths: ["display_name", "agent_number", "roles", "unit"] }, requestId: requestId() })
              : access.createUser({ user: { login: filled.login, displayName: filled.displayName ?? "", agentNumber: filled.agentNumber ?? "", roles: filled.roles ?? [], unit: filled.unit ?? "" }, password: filled.password, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="login" label={t("signIn.login")} rules={need(t("required"))}><Input autoComplete="off" maxLength={64} /></Form.Item>}
          {!of && <Form.Item name="password" label={t("admin.firstPassword")} rules={need(t("required"))}><Input.Password autoComplete="new-password" /></Form.Item>}
          <Form.Item name="displayName" label={t("customer.name")}><Input maxLength={100} /></Form.Item>
          <Form.Item name="agentNumber" label={t("floor.code")}><Input maxLength={16} /></Form.Item>
          <Form.Item name="roles" label={t("admin.roles")}><Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={(roles.data ?? []).map((role) => ({ value: role.code, label: role.displayName || role.code }))} /></Form.Item>
          <Form.Item name="unit" label={t("admin.unit")}><Select allowClear options={(units.data ?? []).map((unit) => ({ value: unit.name, label: `${unit.path} ${unit.displayName}` }))} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

/** For who lost theirs: it must be changed at the next sign-in, and other sessions end. */
function NewPassword({ of, close }: { of: User; close: () => void }) {
  const { t } = useT();
  return (
    <Editor<{ password: string }>
      title={`${t("admin.newPassword")} · ${of.login}`}
      done="users"
      close={close}
      initial={{}}
      save={({ password }) => access.resetPassword({ name: of.name, password })}
    >
      <Form.Item name="password" label={t("password.fresh")} rules={need(t("required"))}><Input.Password autoComplete="new-password" maxLength={128} /></Form.Item>
      <p className="quiet">{t("password.rules")}</p>
    </Editor>
  );
}

interface FilledAgent {
  user: string;
  code: string;
  displayName: string;
  routingProfile: string;
  skills?: { skill: string; level: number }[];
  ability?: number;
  rank?: number;
  on?: boolean;
  roster?: { from: string; until: string; profile: string }[];
}

/** What the service keeps of a filled form. */
const agentOf = (filled: FilledAgent) => ({
  displayName: filled.displayName, routingProfile: filled.routingProfile, skills: filled.skills ?? [], serviceAbility: filled.ability ?? 0, rank: filled.rank ?? 0, disabled: !filled.on,
  assignments: (filled.roster ?? []).map((one) => ({ startTime: timestamp(fromLocalInput(one.from)), endTime: timestamp(fromLocalInput(one.until)), routingProfile: one.profile })),
});

function Agents() {
  const { t } = useT();
  const users = useUsers();
  const userName = useUserName();
  const profiles = useProfiles();
  const skills = useSkills();
  const [editing, edit] = useState<Agent | "new">();
  const of = editing === "new" ? undefined : editing;
  const profileChoices = (profiles.data ?? []).map((one) => ({ value: one.name, label: one.displayName || one.code }));
  const skillName = (name: string) => skills.data?.find((one) => one.name === name || one.code === name)?.displayName ?? "…";
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newAgent")}</Button></div>
      <PagedTable<Agent>
        id={["agents-list"]}
        page={pageOf(queues.listAgents, "agents")}
        onOpen={edit}
        columns={[
          { title: t("floor.code"), dataIndex: "code" },
          { title: t("customer.name"), dataIndex: "displayName" },
          { title: t("admin.user"), render: (_, row) => userName(row.user) },
          { title: t("admin.profile"), render: (_, row) => profiles.data?.find(({ name }) => name === row.routingProfile)?.displayName ?? "…" },
          { title: t("admin.skills"), render: (_, row) => row.skills.map((one) => `${skillName(one.skill)} ${one.level}`).join(", ") || "—" },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.disabled ? "plain" : "good"}>{t(row.disabled ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<FilledAgent>
          title={t(of ? "admin.changeAgent" : "admin.newAgent")}
          done="agents-list"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, code: of.code, routingProfile: of.routingProfile, skills: of.skills.map(({ skill, level }) => ({ skill, level })), ability: of.serviceAbility || 50, rank: of.rank, on: !of.disabled, roster: of.assignments.map((one) => ({ from: localInput(millis(one.startTime)), until: localInput(millis(one.endTime)), profile: one.routingProfile })) } : { skills: [], on: true }}
          remove={of ? () => queues.deleteAgent({ name: of.name, requestId: requestId() }) : undefined}
          attempt={of ? (filled) => tried({ case: "agent", value: { ...of, ...(agentOf(filled) as Partial<Omit<Agent, "$typeName" | "$unknown">>) } }) : undefined}
          width={760}
          save={(filled) =>
            of
              ? queues.updateAgent({ agent: { ...agentOf(filled), name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "routing_profile", "skills", "service_ability", "rank", "disabled", "assignments"] }, requestId: requestId() })
              : queues.createAgent({ agent: { ...agentOf(filled), user: filled.user, code: filled.code }, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="user" label={t("admin.user")} rules={need(t("required"))}><Select showSearch={{ optionFilterProp: "label" }} options={[...(users.data?.keys() ?? [])].map((value) => ({ value, label: userName(value) }))} /></Form.Item>}
          {!of && <Form.Item name="code" label={t("floor.code")} rules={need(t("required"))}><Input maxLength={16} /></Form.Item>}
          <Form.Item name="displayName" label={t("customer.name")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          <Form.Item name="routingProfile" label={t("admin.profile")} rules={need(t("required"))}><Select options={profileChoices} /></Form.Item>
          <Form.Item name="ability" label={t("admin.ability")}><InputNumber min={1} max={100} /></Form.Item>
          <Form.Item name="rank" label={t("admin.rank")}><InputNumber min={0} max={100000} /></Form.Item>
          <Form.Item name="on" label={t("admin.on")} valuePropName="checked"><Switch /></Form.Item>
          <Form.List name="skills">
            {(fields, { add, remove }) => (
              <div className="wide">
                {fields.map(({ key, name }) => (
                  <Space key={key} align="baseline">
                    <Form.Item name={[name, "skill"]} rules={need(t("required"))}><Select aria-label={t("admin.skill")} className="filter" options={(skills.data ?? []).map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>
                    <Form.Item name={[name, "level"]} rules={need(t("required"))}><InputNumber aria-label={t("admin.level")} min={1} max={10} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </Space>
                ))}
                <Button onClick={() => add({ level: 5 })}>{t("admin.addSkill")}</Button>
              </div>
            )}
          </Form.List>
          <Form.List name="roster">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("admin.roster")}</h3>
                <p className="quiet">{t("admin.rosterHelp")}</p>
                {fields.map(({ key, name }) => (
                  <Space key={key} align="baseline">
                    <Form.Item name={[name, "from"]} rules={need(t("required"))}><Input type="datetime-local" aria-label={t("campaign.from")} /></Form.Item>
                    <Form.Item name={[name, "until"]} rules={need(t("required"))}><Input type="datetime-local" aria-label={t("campaign.to")} /></Form.Item>
                    <Form.Item name={[name, "profile"]} rules={need(t("required"))}><Select className="filter" aria-label={t("admin.profile")} options={profileChoices} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </Space>
                ))}
                <Button onClick={() => add({})}>{t("admin.addStretch")}</Button>
              </div>
            )}
          </Form.List>
        </Editor>
      )}
    </div>
  );
}

function Skills() {
  const { t, word, choices } = useT();
  const [editing, edit] = useState<Skill | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newSkill")}</Button></div>
      <PagedTable<Skill>
        id={["skills-list"]}
        page={pageOf(queues.listSkills, "skills")}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), dataIndex: "code" },
          { title: t("admin.skill"), dataIndex: "displayName" },
          { title: t("admin.category"), render: (_, row) => word(Skill_CategorySchema, row.category) },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
        ]}
      />
      {editing && (
        <Editor<{ code: string; displayName: string; category?: number }>
          title={t(of ? "admin.changeSkill" : "admin.newSkill")}
          done="skills-list"
          close={() => edit(undefined)}
          remove={of ? () => queues.deleteSkill({ name: of.name, requestId: requestId() }) : undefined}
          initial={of ? { displayName: of.displayName, ...(of.category ? { category: of.category } : {}) } : {}}
          save={(filled) =>
            of
              ? queues.updateSkill({ skill: { name: of.name, etag: of.etag, displayName: filled.displayName, category: filled.category ?? 0 }, updateMask: { paths: ["display_name", "category"] }, requestId: requestId() })
              : queues.createSkill({ skill: { code: filled.code, displayName: filled.displayName, category: filled.category ?? 0 }, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={need(t("required"))}><Input maxLength={32} /></Form.Item>}
          <Form.Item name="displayName" label={t("admin.skill")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          <Form.Item name="category" label={t("admin.category")}><Select allowClear options={choices(Skill_CategorySchema)} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

function Audit() {
  const { t } = useT();
  const client = useQueryClient();
  const users = useUsers();
  const userName = useUserName();
  const [subject, setSubject] = useState("");
  const [written, write] = useState({ action: "", resource: "" });
  const [{ action, resource }, ask] = useState(written);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [one, open] = useState<AuditRecord>();
  const times = { ...(from ? { fromTime: timestamp(fromLocalInput(from)) } : {}), ...(until ? { untilTime: timestamp(fromLocalInput(until)) } : {}) };
  /** What happened a moment ago is chained behind what was done: whoever asks again is answered anew. */
  const again = (change: Partial<typeof written> = {}) => {
    const of = { action: (change.action ?? written.action).trim(), resource: (change.resource ?? written.resource).trim() };
    write(of);
    ask(of);
    void client.invalidateQueries({ queryKey: ["audit"] });
  };
  /** The word of an action or the name of a resource, which is asked for by a click. */
  const only = (field: "action" | "resource", value: string, shown: string) => (
    <button type="button" className="link" translate="no" title={t("admin.only", { what: value })} onClick={(event) => (event.stopPropagation(), open(undefined), again({ [field]: value }))}><code>{shown}</code></button>
  );
  const who = (of: string) => (users.data?.has(of) ? userName(of) : of || "—");
  const result = (row: AuditRecord) => <Pill tone={row.result === "OK" ? "good" : "bad"}>{row.result}</Pill>;
  return (
    <div className="stack">
      <div className="buttons">
        <Select allowClear showSearch={{ optionFilterProp: "label" }} className="filter" aria-label={t("admin.who")} placeholder={t("admin.who")} value={subject || undefined} onChange={(value?: string) => setSubject(value ?? "")} options={[...(users.data?.keys() ?? [])].map((value) => ({ value, label: userName(value) }))} />
        <Input.Search allowClear className="wide-search" aria-label={t("admin.action")} placeholder={t("admin.action")} value={written.action} onChange={({ target }) => write({ ...written, action: target.value })} onSearch={(value) => again({ action: value })} />
        <Input.Search allowClear className="wide-search" aria-label={t("admin.resource")} placeholder={t("admin.resource")} value={written.resource} onChange={({ target }) => write({ ...written, resource: target.value })} onSearch={(value) => again({ resource: value })} />
        <label className="inline">{t("campaign.from")} <Input type="datetime-local" value={from} onChange={({ target }) => setFrom(target.value)} /></label>
        <label className="inline">{t("campaign.to")} <Input type="datetime-local" value={until} onChange={({ target }) => setUntil(target.value)} /></label>
      </div>
      <PagedTable<AuditRecord>
        id={["audit", subject, action, resource, from, until]}
        page={pageOf((page: Page) => access.listAuditRecords({ ...page, subject, action, resource, ...times }), "auditRecords")}
        onOpen={open}
        columns={[
          { title: "#", align: "right", render: (_, row) => String(row.sequence) },
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.occurTime)} /> },
          { title: t("admin.who"), render: (_, row) => who(row.subject) },
          { title: t("admin.service"), dataIndex: "service" },
          { title: t("admin.action"), render: (_, row) => only("action", row.action, row.action.split("/").at(-1)!) },
          { title: t("col.result"), render: (_, row) => result(row) },
          { title: t("admin.shown"), render: (_, row) => <span className="clip">{row.shownFields.join(", ") || row.detail || "—"}</span> },
          { title: t("admin.address"), dataIndex: "address" },
        ]}
      />
      <Drawer destroyOnHidden open={Boolean(one)} onClose={() => open(undefined)} size={640} title={one && `#${one.sequence}`}>
        {one && (
          <Facts
            of={[
              { label: t("col.time"), value: <Time at={millis(one.occurTime)} /> },
              { label: t("admin.who"), value: who(one.subject) },
              { label: t("admin.action"), value: only("action", one.action, one.action) },
              { label: t("col.result"), value: result(one) },
              { label: t("admin.resource"), value: <>{one.resources.map((name) => <div key={name}>{only("resource", name, name)}</div>)}</> },
              { label: t("admin.shown"), value: one.shownFields.join(", ") || one.detail },
              { label: t("admin.address"), value: one.address },
              { label: t("admin.request"), value: <code>{one.requestId}</code> },
              { label: t("admin.before"), value: <code>{one.beforeHash}</code> },
              { label: t("admin.after"), value: <code>{one.afterHash}</code> },
              { label: t("admin.previousHash"), value: <code>{one.previousHash}</code> },
              { label: t("admin.hash"), value: <code>{one.hash}</code> },
            ]}
          />
        )}
      </Drawer>
    </div>
  );
}
