import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { access, requestId } from "../api/clients";
import { useMay, useSession } from "../api/session";
import { millis } from "../api/time";
import { Tenant_State, Tenant_StateSchema, type Tenant } from "../gen/carillon/access/v1/tenant_pb";
import { useT } from "../i18n";
import { Editor } from "../ui/editor";
import { Answer, Facts, Given, Pill, Time } from "../ui/kit";

/** The organisation itself, and the keys that its tokens are signed with. */
export function TenantCard() {
  const { t, word } = useT();
  const session = useSession();
  const changes = useMay()("access.admin");
  const name = session.state === "in" ? `tenants/${session.tenant}` : "";
  const [editing, edit] = useState(false);
  const tenant = useQuery({ queryKey: ["tenant", name], queryFn: () => access.getTenant({ name }) });
  const keys = useQuery({ queryKey: ["signing-keys"], queryFn: () => access.getJsonWebKeySet({}) });
  return (
    <Answer of={tenant}>
      {(it) => (
        <div className="stack">
          {changes && <div><Button type="primary" onClick={() => edit(true)}>{t("admin.change")}</Button></div>}
          <Facts
            columns={2}
            of={[
              { label: t("flow.name"), value: <Given>{it.displayName}</Given> },
              { label: t("tenant.slug"), value: <code translate="no">{it.slug}</code> },
              { label: t("order.state"), value: <Pill tone={it.state === Tenant_State.ACTIVE ? "good" : "warn"}>{word(Tenant_StateSchema, it.state)}</Pill> },
              { label: t("tenant.levels"), value: <Given>{it.unitLevels.join(" › ")}</Given> },
              { label: t("tenant.seats"), value: it.seatQuota || t("tenant.unlimited") },
              { label: t("tenant.single"), value: t(it.singleSession ? "yes" : "no") },
              { label: t("order.created"), value: <Time at={millis(it.createTime)} /> },
              { label: t("customers.changed"), value: <Time at={millis(it.updateTime)} /> },
            ]}
          />
          <h3>{t("tenant.keys")}</h3>
          <p className="quiet">{t("tenant.keysHelp")}</p>
          <Answer of={keys}>
            {({ keys: known }) => (
              <table className="plain">
                <thead>
                  <tr><th scope="col">{t("tenant.kid")}</th><th scope="col">{t("tenant.algorithm")}</th><th scope="col">{t("tenant.curve")}</th></tr>
                </thead>
                <tbody>
                  {known.map(({ kid, alg, crv }) => (
                    <tr key={kid}><td><code translate="no">{kid}</code></td><td>{alg}</td><td>{crv}</td></tr>
                  ))}
                </tbody>
              </table>
            )}
          </Answer>
          {editing && <TenantEditor of={it} close={() => edit(false)} />}
        </div>
      )}
    </Answer>
  );
}

/** Only what was changed is sent: who made the levels of units shorter than the tree is told so. */
function TenantEditor({ of, close }: { of: Tenant; close: () => void }) {
  const { t, choices } = useT();
  const initial = { displayName: of.displayName, state: of.state, unitLevels: of.unitLevels, seatQuota: of.seatQuota, singleSession: of.singleSession };
  const paths = { displayName: "display_name", state: "state", unitLevels: "unit_levels", seatQuota: "seat_quota", singleSession: "single_session" };
  return (
    <Editor<typeof initial>
      title={t("tenant.change")}
      done="tenant"
      close={close}
      initial={initial}
      save={(filled) => {
        const changed = (Object.keys(paths) as (keyof typeof paths)[]).filter((key) => JSON.stringify(filled[key]) !== JSON.stringify(initial[key]));
        return access.updateTenant({ tenant: { ...filled, seatQuota: filled.seatQuota ?? 0, name: of.name, etag: of.etag }, updateMask: { paths: changed.map((key) => paths[key]) }, requestId: requestId() });
      }}
    >
      <Form.Item name="displayName" label={t("flow.name")}><Input maxLength={100} /></Form.Item>
      <Form.Item name="state" label={t("order.state")} extra={t("tenant.stateHelp")}><Select options={choices(Tenant_StateSchema)} /></Form.Item>
      <Form.Item name="unitLevels" label={t("tenant.levels")} className="wide"><Select mode="tags" open={false} /></Form.Item>
      <Form.Item name="seatQuota" label={t("tenant.seats")} extra={t("tenant.seatsHelp")}><InputNumber min={0} max={1_000_000} /></Form.Item>
      <Form.Item name="singleSession" label={t("tenant.single")} valuePropName="checked"><Switch /></Form.Item>
    </Editor>
  );
}
