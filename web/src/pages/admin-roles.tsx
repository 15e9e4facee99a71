import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select, Switch } from "antd";
import { useMemo, useState } from "react";
import { access, all, pageOf, requestId } from "../api/clients";
import { millis } from "../api/time";
import { DataScope_DataSchema, DataScope_ReachSchema, type Role } from "../gen/carillon/access/v1/role_pb";
import { Client_State, Client_StateSchema, type Client } from "../gen/carillon/access/v1/tenant_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Given, Pill, Time } from "../ui/kit";
import { PagedTable } from "../ui/list";

interface FilledRole {
  code: string;
  displayName: string;
  permissions?: string[];
  reach?: Record<string, number>;
  clear?: Record<string, boolean>;
}

const kinds = DataScope_DataSchema.values.filter(({ number }) => number !== 0);

/** What people may do, and whose records they see. */
export function Roles() {
  const { t, word, choices } = useT();
  const [editing, edit] = useState<Role | "new">();
  const of = editing === "new" ? undefined : editing;
  const roles = useQuery({ queryKey: ["roles", "all"], queryFn: () => all(pageOf(access.listRoles, "roles", 200)) });
  /** Those that some role has: the services know no list of their own. */
  const known = useMemo(() => [...new Set((roles.data ?? []).flatMap(({ permissions }) => permissions))].sort(), [roles.data]);
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("roles.new")}</Button></div>
      <PagedTable<Role>
        id={["roles", "list"]}
        page={pageOf(access.listRoles, "roles")}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.code}</code> },
          { title: t("flow.name"), render: (_, row) => <Given>{row.displayName || "—"}</Given> },
          { title: t("roles.permissions"), align: "right", render: (_, row) => row.permissions.length },
          { title: t("roles.reach"), render: (_, row) => row.dataScopes.map((one) => `${word(DataScope_DataSchema, one.data)} ${word(DataScope_ReachSchema, one.reach || 1)}`).join(", ") || "—" },
          { title: t("roles.builtIn"), render: (_, row) => t(row.builtIn ? "yes" : "no") },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
        ]}
      />
      {editing && (
        <Editor<FilledRole>
          title={t(of ? "roles.change" : "roles.new")}
          done="roles"
          width={760}
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, permissions: of.permissions, reach: Object.fromEntries(of.dataScopes.map((one) => [one.data, one.reach || 1])), clear: Object.fromEntries(of.dataScopes.map((one) => [one.data, one.clear])) } : { permissions: [] }}
          save={(filled) => {
            const role = {
              displayName: filled.displayName,
              permissions: filled.permissions ?? [],
              dataScopes: kinds.filter(({ number }) => filled.reach?.[number]).map(({ number }) => ({ data: number, reach: filled.reach![number]!, clear: filled.clear?.[number] ?? false })),
            };
            return of
              ? access.updateRole({ role: { ...role, name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "permissions", "data_scopes"] }, requestId: requestId() })
              : access.createRole({ role: { ...role, code: filled.code }, requestId: requestId() });
          }}
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{1,38}$/, message: t("admin.codeForm") }]}><Input /></Form.Item>}
          <Form.Item name="displayName" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="permissions" label={t("roles.permissions")} className="wide"><Select mode="multiple" showSearch options={known.map((value) => ({ value, label: value }))} /></Form.Item>
          <table className="plain wide">
            <thead>
              <tr>
                <th scope="col">{t("roles.data")}</th>
                <th scope="col">{t("roles.reach")}</th>
                <th scope="col">{t("roles.clear")}</th>
              </tr>
            </thead>
            <tbody>
              {kinds.map(({ number }) => (
                <tr key={number}>
                  <td>{word(DataScope_DataSchema, number)}</td>
                  <td><Form.Item noStyle name={["reach", String(number)]}><Select allowClear className="filter" aria-label={`${word(DataScope_DataSchema, number)} ${t("roles.reach")}`} placeholder={word(DataScope_ReachSchema, 1)} options={choices(DataScope_ReachSchema)} /></Form.Item></td>
                  <td><Form.Item noStyle name={["clear", String(number)]} valuePropName="checked"><Switch aria-label={`${word(DataScope_DataSchema, number)} ${t("roles.clear")}`} /></Form.Item></td>
                </tr>
              ))}
            </tbody>
          </table>
        </Editor>
      )}
    </div>
  );
}

/** The enterprises that are served. */
export function Clients() {
  const { t, word, choices } = useT();
  const [editing, edit] = useState<Client | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("clients.new")}</Button></div>
      <PagedTable<Client>
        id={["clients", "list"]}
        page={pageOf(access.listClients, "clients")}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.code}</code> },
          { title: t("admin.client"), render: (_, row) => <Given>{row.displayName || "—"}</Given> },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.state === Client_State.CLOSED ? "plain" : "good"}>{word(Client_StateSchema, row.state || 1)}</Pill> },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
        ]}
      />
      {editing && (
        <Editor<{ code: string; displayName: string; state?: number }>
          title={t(of ? "clients.change" : "clients.new")}
          done="clients"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, state: of.state || 1 } : {}}
          save={(filled) =>
            of
              ? access.updateClient({ client: { name: of.name, etag: of.etag, displayName: filled.displayName, state: filled.state ?? 0 }, updateMask: { paths: ["display_name", "state"] }, requestId: requestId() })
              : access.createClient({ client: { code: filled.code, displayName: filled.displayName }, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z][a-z0-9-]{1,38}$/, message: t("campaign.codeForm") }]}><Input /></Form.Item>}
          <Form.Item name="displayName" label={t("admin.client")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          {of && <Form.Item name="state" label={t("order.state")}><Select options={choices(Client_StateSchema)} /></Form.Item>}
        </Editor>
      )}
    </div>
  );
}
