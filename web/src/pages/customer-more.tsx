import { toJson } from "@bufbuild/protobuf";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Select, Tabs } from "antd";
import { useState } from "react";
import { contactPolicy, privacy, stewards } from "../api/back-office";
import { all, idOf, type Page, pageOf, requestId } from "../api/clients";
import { useUserName, useUsers } from "../api/names";
import { useUnmask } from "../api/purpose";
import { customers, profiles, useCodes } from "../api/records";
import { useMay } from "../api/session";
import { fromLocalInput, millis, timestamp } from "../api/time";
import { useCustomer } from "../desk/customer";
import { ContactClassSchema, RefusalSchema } from "../gen/carillon/campaign/v1/campaign_pb";
import { DoNotCallEntry_Source, DoNotCallEntry_SourceSchema, type DoNotCallEntry } from "../gen/carillon/campaign/v1/contact_policy_service_pb";
import { Consent_DecisionSchema, Consent_PurposeSchema, Customer_GradeSchema, Customer_State, Customer_StateSchema, type Customer } from "../gen/carillon/customer/v1/customer_pb";
import { ExportedItemSchema } from "../gen/carillon/customer/v1/privacy_pb";
import { CheckConsentResponse_ReasonSchema } from "../gen/carillon/customer/v1/privacy_service_pb";
import { ManagerAssignment_RoleSchema, type ManagerAssignment, type Relationship, type Transaction } from "../gen/carillon/customer/v1/profile_pb";
import { AgreementSchema, MatchCondition_AttributeSchema } from "../gen/carillon/customer/v1/record_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, Facts, Given, Personal, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link } from "../ui/router";
import { saveFile } from "../ui/save-file";
import { toast } from "../ui/toast";

/** Another customer of the master by name; a click goes there. */
export function CustomerName({ of }: { of: string }) {
  const customer = useCustomer(of);
  return <Link to={`/customers/${idOf(of)}`} onClick={(event) => event.stopPropagation()}><Given>{customer.data?.displayName || "…"}</Given></Link>;
}

/** Who a customer is to whom, what was agreed, what happened, and where the record comes from. */
export function More({ of }: { of: Customer }) {
  const { t } = useT();
  const may = useMay();
  return (
    <Tabs
      destroyOnHidden
      items={[
        { key: "people", label: t("more.people"), children: <People of={of} /> },
        { key: "consents", label: t("more.consents"), children: <Consents of={of} /> },
        ...(may("campaign.read") ? [{ key: "stops", label: t("more.stops"), children: <Stops of={of} /> }] : []),
        { key: "transactions", label: t("more.transactions"), children: <Transactions of={of} /> },
        { key: "sources", label: t("more.sources"), children: <Sources of={of} /> },
        { key: "changes", label: t("more.changes"), children: <Changes of={of} /> },
        { key: "alike", label: t("more.alike"), children: <Alike of={of} /> },
      ]}
    />
  );
}

function People({ of }: { of: Customer }) {
  const { t, word, choices } = useT();
  const may = useMay();
  const client = useQueryClient();
  const userName = useUserName();
  const users = useUsers();
  const types = useCodes("RELATIONSHIP");
  const [adding, add] = useState<"relationship" | "manager">();
  const again = (list: string) => () => void client.invalidateQueries({ queryKey: [list] });
  const end = useAction((name: string) => profiles.endRelationship({ name, requestId: requestId() }), again("relationships"));
  const leave = useAction((name: string) => profiles.endManagerAssignment({ name, requestId: requestId() }), again("managers"));
  return (
    <div className="stack">
      <h3>{t("more.relationships")}</h3>
      <PagedTable<Relationship>
        id={["relationships", of.name]}
        page={pageOf((page: Page) => profiles.listRelationships({ ...page, parent: of.name }), "relationships")}
        columns={[
          { title: t("more.isTo"), render: (_, row) => <Given>{types.label(row.type)}</Given> },
          { title: t("more.whom"), render: (_, row) => <CustomerName of={row.other} /> },
          { title: t("campaign.from"), render: (_, row) => <Time at={millis(row.startTime)} /> },
          { title: t("more.source"), render: (_, row) => row.source || "—" },
          { title: t("qa.next"), render: (_, row) => (may("customer.write") ? <Button size="small" onClick={() => end.mutate(row.name)}>{t("more.end")}</Button> : "—") },
        ]}
      />
      <h3>{t("more.managers")}</h3>
      <PagedTable<ManagerAssignment>
        id={["managers", of.name]}
        page={pageOf((page: Page) => profiles.listManagerAssignments({ ...page, parent: of.name }), "assignments")}
        columns={[
          { title: t("more.manager"), render: (_, row) => userName(row.manager) },
          { title: t("more.role"), render: (_, row) => word(ManagerAssignment_RoleSchema, row.role) },
          { title: t("more.branch"), render: (_, row) => row.branch || "—" },
          { title: t("campaign.from"), render: (_, row) => <Time at={millis(row.startTime)} /> },
          { title: t("qa.next"), render: (_, row) => (may("customer.write") ? <Button size="small" onClick={() => leave.mutate(row.name)}>{t("more.end")}</Button> : "—") },
        ]}
      />
      {may("customer.write") && (
        <div className="buttons">
          <Button onClick={() => add("relationship")}>{t("more.addRelationship")}</Button>
          <Button onClick={() => add("manager")}>{t("more.addManager")}</Button>
        </div>
      )}
      {adding === "relationship" && (
        <Editor<{ type: string; other: string; source?: string }>
          title={t("more.addRelationship")}
          done="relationships"
          close={() => add(undefined)}
          initial={{}}
          save={(filled) => profiles.addRelationship({ parent: of.name, relationship: { ...filled }, requestId: requestId() })}
        >
          <Form.Item name="type" label={t("more.isTo")} rules={need(t("required"))}><Select options={types.choices} /></Form.Item>
          <Form.Item name="other" label={t("more.whom")} rules={need(t("required"))}><PickCustomer without={of.name} /></Form.Item>
          <Form.Item name="source" label={t("more.source")}><Input maxLength={64} /></Form.Item>
        </Editor>
      )}
      {adding === "manager" && (
        <Editor<{ manager: string; role: number; branch?: string }>
          title={t("more.addManager")}
          done="managers"
          close={() => add(undefined)}
          initial={{ role: 1 }}
          save={(filled) => profiles.assignManager({ parent: of.name, assignment: { ...filled }, requestId: requestId() })}
        >
          <Form.Item name="manager" label={t("more.manager")} rules={need(t("required"))}><Select showSearch={{ optionFilterProp: "label" }} options={[...(users.data?.keys() ?? [])].map((value) => ({ value, label: userName(value) }))} /></Form.Item>
          <Form.Item name="role" label={t("more.role")} rules={need(t("required"))}><Select options={choices(ManagerAssignment_RoleSchema)} /></Form.Item>
          <Form.Item name="branch" label={t("more.branch")}><Input maxLength={64} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

/** A customer found by name as it is typed. */
function PickCustomer({ without, value, onChange, id }: { without: string; value?: string; onChange?: (name: string) => void; id?: string }) {
  const [text, setText] = useState("");
  const found = useQuery({ queryKey: ["pick-by-name", text], queryFn: () => customers.searchCustomers({ text, pageSize: 20 }), enabled: text.length > 0 });
  return (
    <Select
      {...(id ? { id } : {})}
      showSearch={{ filterOption: false, onSearch: (typed: string) => setText(typed.trim()) }}
      loading={found.isFetching}
      value={value ?? null}
      {...(onChange ? { onChange: (name: string | null) => name && onChange(name) } : {})}
      options={(found.data?.customers ?? []).filter(({ name }) => name !== without).map((one) => ({ value: one.name, label: one.displayName }))}
    />
  );
}

/** The customer's word on being contacted, with its proof; what holds for a channel and a purpose is asked of the service. */
function Consents({ of }: { of: Customer }) {
  const { t, word, choices } = useT();
  const may = useMay();
  const client = useQueryClient();
  const who = useUserName();
  const [adding, add] = useState(false);
  const [channel, setChannel] = useState(1);
  const [purpose, setPurpose] = useState(2);
  const holds = useQuery({ queryKey: ["consents", of.name, "holds", channel, purpose], queryFn: () => privacy.checkConsent({ name: of.name, channel, purpose }) });
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("more.channel")} value={channel} onChange={setChannel} options={choices(ChannelSchema)} />
        <Select className="filter" aria-label={t("more.purpose")} value={purpose} onChange={setPurpose} options={choices(Consent_PurposeSchema)} />
        {holds.data && <><Pill tone={holds.data.allowed ? "good" : "bad"}>{t(holds.data.allowed ? "more.allowed" : "more.forbidden")}</Pill> <span className="quiet">{word(CheckConsentResponse_ReasonSchema, holds.data.reason)}</span></>}
        {may("customer.write") && <Button onClick={() => add(true)}>{t("more.addConsent")}</Button>}
      </div>
      <PagedTable
        id={["consents", of.name]}
        page={async (pageToken) => {
          const page = await privacy.listConsents({ parent: of.name, pageSize: 50, pageToken });
          return { items: page.consents.map((one, index) => ({ ...one, name: `${pageToken}${index}` })), next: page.nextPageToken };
        }}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.consent?.decideTime)} /> },
          { title: t("more.channel"), render: (_, row) => (row.consent?.channel ? word(ChannelSchema, row.consent.channel) : t("all")) },
          { title: t("more.purpose"), render: (_, row) => (row.consent?.purpose ? word(Consent_PurposeSchema, row.consent.purpose) : t("all")) },
          { title: t("more.word"), render: (_, row) => <Pill tone={row.consent?.decision === 1 ? "good" : "bad"}>{word(Consent_DecisionSchema, row.consent?.decision ?? 0)}</Pill> },
          { title: t("more.evidence"), render: (_, row) => row.consent?.evidence || "—" },
          { title: t("admin.who"), render: (_, row) => (row.recordedBy.startsWith("users/") ? who(row.recordedBy) : row.recordedBy || "—") },
        ]}
      />
      {adding && (
        <Editor<{ channel?: number; purpose?: number; decision: number; evidence: string; time?: string }>
          title={t("more.addConsent")}
          done="consents"
          close={() => add(false)}
          initial={{ decision: 1 }}
          save={async (filled) => {
            const changed = await privacy.recordConsent({ parent: of.name, consent: { channel: filled.channel ?? 0, purpose: filled.purpose ?? 0, decision: filled.decision, evidence: filled.evidence, ...(filled.time ? { decideTime: timestamp(fromLocalInput(filled.time)) } : {}) }, requestId: requestId() });
            void client.setQueryData(["customer", of.name], changed);
          }}
        >
          <Form.Item name="decision" label={t("more.word")} rules={need(t("required"))}><Select options={choices(Consent_DecisionSchema)} /></Form.Item>
          <Form.Item name="channel" label={t("more.channel")}><Select allowClear placeholder={t("all")} options={choices(ChannelSchema)} /></Form.Item>
          <Form.Item name="purpose" label={t("more.purpose")}><Select allowClear placeholder={t("all")} options={choices(Consent_PurposeSchema)} /></Form.Item>
          <Form.Item name="time" label={t("more.saidAt")}><Input type="datetime-local" /></Form.Item>
          <Form.Item name="evidence" label={t("more.evidence")} rules={need(t("required"))} className="wide"><Input maxLength={128} placeholder={t("more.evidenceHint")} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

/** Whether a campaign might call this customer now, and what forbids it whatever the campaign. */
function Stops({ of }: { of: Customer }) {
  const { t, word, choices } = useT();
  const may = useMay();
  const client = useQueryClient();
  const who = useUserName();
  const [adding, add] = useState(false);
  const [contactClass, setClass] = useState(1);
  const gate = useQuery({ queryKey: ["stops", of.name, "gate", contactClass], queryFn: () => contactPolicy.checkContact({ customer: of.name, contactClass }) });
  const remove = useAction((name: string) => contactPolicy.removeDoNotCall({ name, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["stops"] }));
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("campaign.class")} value={contactClass} onChange={setClass} options={choices(ContactClassSchema)} />
        {gate.data && (
          <>
            <Pill tone={gate.data.refusal ? "bad" : "good"}>{t(gate.data.refusal ? "more.mayNotCall" : "more.mayCall")}</Pill>
            {gate.data.refusal !== 0 && <span className="quiet">{word(RefusalSchema, gate.data.refusal)}</span>}
            {gate.data.nextTime && <span className="quiet">{t("campaign.nextTime")} <Time at={millis(gate.data.nextTime)} /></span>}
          </>
        )}
        {may("campaign.work") && <Button danger onClick={() => add(true)}>{t("more.addStop")}</Button>}
      </div>
      <PagedTable<DoNotCallEntry>
        id={["stops", of.name]}
        page={pageOf((page: Page) => contactPolicy.listDoNotCall({ ...page, customer: of.name }), "doNotCallEntries")}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.createTime)} /> },
          { title: t("more.source"), render: (_, row) => word(DoNotCallEntry_SourceSchema, row.source || 1) },
          { title: t("floor.reason"), render: (_, row) => row.reason || "—" },
          { title: t("admin.who"), render: (_, row) => (row.addedBy.startsWith("users/") ? who(row.addedBy) : row.addedBy || "—") },
          { title: t("qa.next"), render: (_, row) => (may("campaign.manage") ? <Button size="small" onClick={() => remove.mutate(row.name)}>{t("admin.remove")}</Button> : "—") },
        ]}
      />
      {adding && (
        <Editor<{ source: number; reason?: string }>
          title={t("more.addStop")}
          done="stops"
          close={() => add(false)}
          initial={{ source: DoNotCallEntry_Source.CUSTOMER_WISH }}
          save={(filled) => contactPolicy.addDoNotCall({ doNotCallEntry: { customer: of.name, source: filled.source, reason: filled.reason ?? "" }, requestId: requestId() })}
        >
          <Form.Item name="source" label={t("more.source")} rules={need(t("required"))}><Select options={choices(DoNotCallEntry_SourceSchema)} /></Form.Item>
          <Form.Item name="reason" label={t("floor.reason")}><Input maxLength={500} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

function Transactions({ of }: { of: Customer }) {
  const { t, language } = useT();
  const channels = useCodes("TRANSACTION_CHANNEL");
  const money = ({ amount }: Transaction) => {
    if (!amount) return "—";
    const value = Number(amount.units) + amount.nanos / 1e9;
    // A source may say anything: what is no currency stands as it was sent.
    if (amount.currencyCode && !/^[A-Za-z]{3}$/.test(amount.currencyCode)) return `${amount.currencyCode} ${value.toFixed(2)}`;
    return new Intl.NumberFormat(language, { style: "currency", currency: amount.currencyCode || "CNY" }).format(value);
  };
  return (
    <PagedTable<Transaction>
      id={["transactions", of.name]}
      page={pageOf((page: Page) => profiles.listTransactions({ ...page, parent: of.name }), "transactions")}
      columns={[
        { title: t("col.time"), render: (_, row) => <Time at={millis(row.occurTime)} /> },
        { title: t("more.channel"), render: (_, row) => <Given>{channels.label(row.channel)}</Given> },
        { title: t("order.type"), render: (_, row) => row.type || "—" },
        { title: t("customers.by.account"), render: (_, row) => row.account || "—" },
        { title: t("more.amount"), align: "right", render: (_, row) => money(row) },
        { title: t("more.summary"), render: (_, row) => row.summary || "—" },
      ]}
    />
  );
}

/** What each system said, and which of it the record took. */
function Sources({ of }: { of: Customer }) {
  const { t } = useT();
  const unmask = useUnmask(of.name);
  const raw = useQuery({ queryKey: ["raw-records", of.name], queryFn: () => stewards.listRawRecords({ parent: of.name }) });
  const from = useQuery({ queryKey: ["provenance", of.name], queryFn: () => stewards.getProvenance({ name: of.name }) });
  return (
    <Answer of={raw}>
      {({ records }) => (
        <div className="stack">
          <PagedTable
            id={["raw-list", of.name, records.length]}
            page={async () => ({ items: records, next: "" })}
            columns={[
              { title: t("more.system"), dataIndex: "system" },
              { title: t("more.key"), dataIndex: "key" },
              { title: t("customer.name"), render: (_, row) => (row.values?.displayName ? <Personal value={row.values.displayName} unmask={unmask} /> : "—") },
              { title: t("customer.phone"), render: (_, row) => (row.values?.contacts[0]?.number ? <Personal value={row.values.contacts[0].number} unmask={unmask} /> : "—") },
              { title: t("more.knownAt"), render: (_, row) => <Time at={millis(row.observeTime)} /> },
              { title: t("more.cameAt"), render: (_, row) => <Time at={millis(row.receiveTime)} /> },
            ]}
          />
          <Answer of={from}>
            {({ values }) =>
              values.length === 0 ? <p className="quiet">{t("more.noSource")}</p> : (
                <>
                  <h3>{t("more.taken")}</h3>
                  <div className="buttons">{values.map((one) => <span key={one.path}><code>{one.path}</code> <span className="quiet">{one.system}</span></span>)}</div>
                </>
              )
            }
          </Answer>
        </div>
      )}
    </Answer>
  );
}

/** Who changed what; the record as it was at a moment. */
function Changes({ of }: { of: Customer }) {
  const { t, word } = useT();
  const who = useUserName();
  const [at, show] = useState<bigint>();
  const past = useQuery({ queryKey: ["customer-at", of.name, String(at)], queryFn: () => profiles.getCustomerAt({ name: of.name, time: { seconds: at!, nanos: 999_000_000 } }), enabled: at !== undefined });
  return (
    <div className="stack">
      <PagedTable
        id={["changes", of.name, of.etag]}
        page={async (pageToken) => {
          const page = await profiles.listCustomerChanges({ parent: of.name, pageSize: 50, pageToken });
          return { items: page.changes.map((one) => ({ ...one, name: one.etag })), next: page.nextPageToken };
        }}
        onOpen={(row) => show(row.changeTime?.seconds)}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.changeTime)} /> },
          { title: t("admin.who"), render: (_, row) => (row.changedBy.startsWith("users/") ? who(row.changedBy) : row.changedBy || "—") },
          { title: t("admin.action"), render: (_, row) => <code>{row.method.split("/").at(-1)}</code> },
          { title: t("more.fields"), render: (_, row) => <span className="clip">{row.changedFields.join(", ") || "—"}</span> },
        ]}
      />
      {at !== undefined && (
        <section aria-live="polite">
          <h3>{t("more.asItWas")} <Time at={Number(at) * 1000} /></h3>
          <Answer of={past}>
            {(it) => (
              <Facts
                columns={2}
                of={[
                  { label: t("order.state"), value: word(Customer_StateSchema, it.state) },
                  { label: t("customers.grade"), value: word(Customer_GradeSchema, it.grade) },
                  { label: t("customer.region"), value: it.homeRegion },
                  { label: t("customer.phone"), value: it.contacts.map(({ number, address }) => number || address).join(", ") },
                  { label: t("customer.accounts"), value: it.accounts.map(({ type }) => type).join(", ") },
                ]}
              />
            )}
          </Answer>
        </section>
      )}
    </div>
  );
}

function Alike({ of }: { of: Customer }) {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const found = useQuery({ queryKey: ["alike", of.name], queryFn: () => stewards.findDuplicates({ name: of.name }) });
  const [merging, merge] = useState<string>();
  return (
    <>
      <Answer of={found}>
        {({ candidates }) => (
          <PagedTable
            id={["alike-list", of.name, candidates.length]}
            page={async () => ({ items: candidates.map((one) => ({ ...one, name: one.customer })), next: "" })}
            columns={[
              { title: t("desk.customer"), render: (_, row) => <CustomerName of={row.customer} /> },
              { title: t("duplicates.rule"), align: "right", dataIndex: "level" },
              { title: t("duplicates.alike"), render: (_, row) => <span className="buttons">{row.evidence.map((one) => <Pill key={one.attribute}>{word(MatchCondition_AttributeSchema, one.attribute)}: {word(AgreementSchema, one.agreement)}</Pill>)}</span> },
              { title: t("duplicates.conflict"), render: (_, row) => (row.conflict ? <Pill tone="bad">{t("yes")}</Pill> : "—") },
              { title: t("qa.next"), render: (_, row) => (may("customer.steward") ? <Button size="small" onClick={() => merge(row.customer)}>{t("duplicates.merge")}</Button> : "—") },
            ]}
          />
        )}
      </Answer>
      {merging && (
        <Editor<{ reason: string }>
          title={t("duplicates.merge")}
          done="alike"
          close={() => merge(undefined)}
          initial={{}}
          save={async ({ reason }) => {
            const kept = await stewards.mergeCustomers({ customers: [of.name, merging], reason, requestId: requestId() });
            void client.setQueryData(["customer", kept.name], kept);
            void client.invalidateQueries({ queryKey: ["customer"] });
          }}
        >
          <Form.Item name="reason" label={t("floor.reason")} rules={need(t("required"))} className="wide"><Input maxLength={200} /></Form.Item>
        </Editor>
      )}
    </>
  );
}

type Act = "suspend" | "resume" | "close" | "export" | "erase" | "unmerge" | "password";

/** What may be done with the record as a whole. */
export function RecordActions({ of }: { of: Customer }) {
  const { t } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [act, choose] = useState<Act>();
  const reasons = useCodes("ERASURE_REASON");
  const purposes = useCodes("UNMASK_PURPOSE");
  const live = ![Customer_State.CLOSED, Customer_State.MERGED, Customer_State.ERASED].includes(of.state);
  const acts: [Act, boolean][] = [
    ["password", may("customer.write") && live],
    ["suspend", may("customer.write") && live && of.state !== Customer_State.SUSPENDED],
    ["resume", may("customer.write") && of.state === Customer_State.SUSPENDED],
    ["close", may("customer.write") && live],
    ["unmerge", may("customer.steward") && of.state === Customer_State.MERGED],
    ["export", may("customer.unmask") && of.state !== Customer_State.ERASED],
    ["erase", may("customer.steward") && of.state !== Customer_State.ERASED && of.state !== Customer_State.MERGED],
  ];
  const send = async (act: Act, { reason = "", purpose = "", password = "" }: { reason?: string; purpose?: string; password?: string }) => {
    const base = { name: of.name, requestId: requestId() };
    switch (act) {
      case "suspend": await customers.suspendCustomer({ ...base, etag: of.etag }); break;
      case "resume": await customers.resumeCustomer({ ...base, etag: of.etag }); break;
      case "close": await customers.deleteCustomer({ ...base, etag: of.etag, reason }); break;
      case "unmerge": await stewards.unmergeCustomer({ ...base, reason }); break;
      case "password": await customers.setServicePassword({ name: of.name, password }); break;
      case "erase": await privacy.eraseCustomer({ ...base, reason }); break;
      case "export": {
        const items = await all(async (pageToken) => {
          const page = await privacy.exportCustomerData({ name: of.name, purpose, pageSize: 200, pageToken });
          return { items: page.items, next: page.nextPageToken };
        }, 1_000_000);
        saveFile(`customer-${idOf(of.name)}.json`, JSON.stringify(items.map((one) => toJson(ExportedItemSchema, one)), null, 2), "application/json");
      }
    }
    if (act !== "export") void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === of.name || queryKey[0] === "customers" });
    toast("good", t(`more.did.${act}`));
  };
  return (
    <>
      {acts.filter(([, open]) => open).map(([one]) => <Button key={one} danger={one === "erase" || one === "close"} onClick={() => choose(one)}>{t(`more.do.${one}`)}</Button>)}
      {act && (
        <Editor<{ reason?: string; purpose?: string; password?: string; sure?: boolean }> title={t(`more.do.${act}`)} ok={t(`more.do.${act}`)} done="customers" close={() => choose(undefined)} initial={{}} save={(filled) => send(act, filled)}>
          <p className="wide">{t(`more.ask.${act}`)}</p>
          {act === "password" && <Form.Item name="password" label={t("more.newPassword")} rules={[{ required: true, pattern: /^\d{4,12}$/, message: t("more.passwordForm") }]}><Input.Password inputMode="numeric" autoComplete="new-password" maxLength={12} /></Form.Item>}
          {act === "export" && <Form.Item name="purpose" label={t("purpose.title")} rules={need(t("required"))} className="wide"><Select options={purposes.choices} /></Form.Item>}
          {act === "erase" && <Form.Item name="reason" label={t("floor.reason")} rules={need(t("required"))} className="wide"><Select options={reasons.choices} /></Form.Item>}
          {(act === "close" || act === "unmerge") && <Form.Item name="reason" label={t("floor.reason")} rules={need(t("required"))} className="wide"><Input maxLength={200} /></Form.Item>}
          {act === "erase" && <Form.Item name="sure" valuePropName="checked" className="wide" rules={[{ validator: (_, value) => (value ? Promise.resolve() : Promise.reject(new Error(t("required")))) }]}><Checkbox>{t("more.sure")}</Checkbox></Form.Item>}
        </Editor>
      )}
    </>
  );
}
