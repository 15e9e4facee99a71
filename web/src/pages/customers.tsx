import type { MessageInitShape } from "@bufbuild/protobuf";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, InputNumber, Modal, Radio, Select, Table } from "antd";
import { useState } from "react";
import { idOf, interactions, requestId } from "../api/clients";
import { customers } from "../api/records";
import { useMay } from "../api/session";
import { lasting, millis } from "../api/time";
import { CustomerCard, useCustomer } from "../desk/customer";
import { CustomerOrders } from "../desk/orders-of";
import {
  ContactMedium_Type, ContactMedium_TypeSchema, Customer_GradeSchema, Customer_LifeCycleStageSchema, Customer_StateSchema, CustomerSchema, Person_GenderSchema, type Customer,
} from "../gen/carillon/customer/v1/customer_pb";
import { Interaction_DirectionSchema } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { need } from "../ui/editor";
import { Answer, PageHead, Panel, Pill, Time, useAction, veiled } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { CustomerName, More, RecordActions } from "./customer-more";
import { Duplicates } from "./duplicates";
import { Records } from "./records";

type By = "text" | "phone" | "document" | "account";

export default function CustomersPage() {
  const [, id] = usePath();
  return id === "duplicates" ? <Duplicates /> : id === "records" ? <Records /> : id ? <One id={id} /> : <Find />;
}

function Find() {
  const { t, word, choices } = useT();
  const may = useMay();
  const [by, setBy] = useState<By>("text");
  const [query, setQuery] = useState("");
  const [grade, setGrade] = useState(0);
  const [adding, add] = useState(false);
  const find = (value: string) => {
    switch (by) {
      case "text": return { text: value };
      case "phone": return { phoneSuffix: value };
      case "document": return { identifier: { type: 1, number: value } };
      case "account": return { accountNumber: value };
    }
  };
  return (
    <div className="stack">
      <PageHead title={t("nav.customers")} extra={
          <>
            {may("customer.steward") && <Button onClick={() => navigate("/customers/duplicates")}>{t("duplicates.title")}</Button>}
            <Button onClick={() => navigate("/customers/records")}>{t("records.title")}</Button>
            {may("campaign.plan") && !query && <Button onClick={() => navigate(`/campaigns/new${grade ? `?grade=${grade}` : ""}`)}>{t("campaign.forThese")}</Button>}
            {may("customer.write") && <Button type="primary" onClick={() => add(true)}>{t("customer.create")}</Button>}
          </>
        }>
        <Radio.Group optionType="button" value={by} onChange={({ target }) => setBy(target.value as By)} options={(["text", "phone", "document", "account"] as const).map((value) => ({ value, label: t(`customers.by.${value}`) }))} />
        <Input.Search allowClear className="wide-search" placeholder={t(`customers.hint.${by}`)} aria-label={t(`customers.hint.${by}`)} onSearch={(text) => setQuery(text.trim())} />
        <Select allowClear className="filter" aria-label={t("customers.grade")} placeholder={t("customers.grade")} value={grade || undefined} onChange={(value?: number) => setGrade(value ?? 0)} options={choices(Customer_GradeSchema)} />
      </PageHead>
      <Panel>
        <PagedTable<Customer>
          id={["customers", by, query, grade]}
          page={async (pageToken) => {
            const page = query ? await customers.searchCustomers({ ...find(query), pageSize: 50, pageToken }) : await customers.listCustomers({ pageSize: 50, pageToken, grade });
            return { items: page.customers, next: page.nextPageToken };
          }}
          onOpen={(row) => navigate(`/customers/${idOf(row.name)}`)}
          columns={[
            { title: t("customer.name"), render: (_, row) => <Link to={`/customers/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.displayName}</Link> },
            { title: t("customers.grade"), render: (_, row) => <Pill tone={row.grade >= 3 ? "strong" : "plain"}>{word(Customer_GradeSchema, row.grade)}</Pill> },
            { title: t("order.state"), render: (_, row) => word(Customer_StateSchema, row.state) },
            { title: t("customer.phone"), render: (_, row) => veiled(row.contacts[0]?.number || row.contacts[0]?.address || "") },
            { title: t("customer.occupation"), render: (_, row) => (row.party.case === "person" && row.party.value.occupation) || "—" },
            { title: t("customers.alerts"), render: (_, row) => (row.alerts.length > 0 ? <Pill tone="warn">{row.alerts.length}</Pill> : "—") },
            { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
          ]}
        />
      </Panel>
      {adding && <EditCustomer close={() => add(false)} />}
    </div>
  );
}

function One({ id }: { id: string }) {
  const { t, word, code } = useT();
  const may = useMay();
  const name = `customers/${id}`;
  const customer = useCustomer(name);
  const [editing, edit] = useState(false);
  const calls = useQuery({ queryKey: ["calls-of", name], queryFn: () => interactions.listInteractions({ customer: name, pageSize: 20 }), enabled: may("routing.read") });
  return (
    <div className="stack">
      <PageHead title={t("customers.card")} extra={customer.data && <><RecordActions of={customer.data} />{may("customer.write") && <Button type="primary" onClick={() => edit(true)}>{t("customers.edit")}</Button>}</>}>
        <Link to="/customers">{t("customers.back")}</Link>
        {customer.data?.mergedInto && <span>{t("more.mergedInto")} <CustomerName of={customer.data.mergedInto} /></span>}
      </PageHead>
      <div className="split split-narrow">
        <Panel title={t("desk.customer")}><CustomerCard name={name} /></Panel>
        <div className="stack">
          {may("workorder.read") && <Panel title={t("order.ofCustomer")}><CustomerOrders customer={name} /></Panel>}
          {may("routing.read") && (
            <Panel title={t("customers.calls")}>
              <Answer of={calls}>
                {({ interactions: list }) => (
                  <Table
                    size="small"
                    rowKey="name"
                    pagination={false}
                    dataSource={list}
                    locale={{ emptyText: t("none") }}
                    columns={[
                      { title: t("col.time"), render: (_, row) => <Time at={millis(row.createTime)} /> },
                      { title: t("customers.direction"), render: (_, row) => word(Interaction_DirectionSchema, row.direction || 1) },
                      { title: t("desk.waited"), align: "right", render: (_, row) => lasting(row.waitDuration) },
                      { title: t("col.talk"), align: "right", render: (_, row) => lasting(row.talkDuration) },
                      { title: t("col.result"), render: (_, row) => code(row.direction === 2 ? "Disposition" : "disposition", row.disposition) },
                    ]}
                  />
                )}
              </Answer>
            </Panel>
          )}
          {customer.data && <Panel title={t("more.title")}><More of={customer.data} /></Panel>}
        </div>
      </div>
      {editing && customer.data && <EditCustomer of={customer.data} close={() => edit(false)} />}
    </div>
  );
}

interface Filled {
  fullName: string;
  salutation?: string;
  gender?: number;
  occupation?: string;
  employer?: string;
  grade?: number;
  lifeCycleStage?: number;
  preferredLanguage?: string;
  homeRegion?: string;
  phone?: string;
  birthYear?: number;
  doNotContact?: boolean;
  contacts?: { type: number; value: string; primary?: boolean }[];
  addresses?: { province?: string; city?: string; district?: string; detail?: string }[];
}

/** Whether a kind of contact is a number to call. */
const numbered = (type: number) => [ContactMedium_Type.MOBILE, ContactMedium_Type.HOME_PHONE, ContactMedium_Type.WORK_PHONE, ContactMedium_Type.FAX].includes(type);

/** A masked value is never sent back: what is masked stays out of the form and out of the change. */
function EditCustomer({ of, close }: { of?: Customer; close: () => void }) {
  const { t, choices } = useT();
  const client = useQueryClient();
  const [form] = Form.useForm<Filled>();
  const person = of?.party.case === "person" ? of.party.value : undefined;
  const masked = Boolean(person?.fullName.includes("*"));
  const veiledLists = [...(of?.contacts ?? []).map(({ number, address }) => number || address), ...(of?.addresses ?? []).map(({ detail }) => detail)].some((value) => value.includes("*"));
  const save = useAction(
    (filled: Filled) => {
      const shared = {
        grade: filled.grade ?? 0,
        lifeCycleStage: filled.lifeCycleStage ?? 0,
        preferredLanguage: filled.preferredLanguage ?? "",
        homeRegion: filled.homeRegion ?? "",
        doNotContact: filled.doNotContact ?? false,
      };
      const details = { salutation: filled.salutation ?? "", gender: filled.gender ?? 0, occupation: filled.occupation ?? "", employer: filled.employer ?? "" };
      if (!of)
        return customers.createCustomer({
          customer: {
            ...shared,
            party: { case: "person", value: { ...details, fullName: filled.fullName, ...(filled.birthYear ? { birthDate: { year: filled.birthYear } } : {}) } },
            contacts: filled.phone ? [{ type: ContactMedium_Type.MOBILE, number: filled.phone, primary: true }] : [],
          },
          requestId: requestId(),
        });
      const paths = ["grade", "life_cycle_stage", "preferred_language", "home_region", "do_not_contact"];
      if (person && !masked) paths.push("person");
      const lists: Partial<Pick<MessageInitShape<typeof CustomerSchema>, "contacts" | "addresses">> = veiledLists ? {} : {
        contacts: (filled.contacts ?? []).map((one) => {
          const before = of.contacts.find(({ number, address }) => (number || address) === one.value);
          const said = { type: one.type, primary: one.primary ?? false, number: numbered(one.type) ? one.value : "", address: numbered(one.type) ? "" : one.value };
          return before ? { ...before, ...said } : said;
        }),
        addresses: (filled.addresses ?? []).map((one) => {
          const before = of.addresses.find(({ detail }) => detail === one.detail);
          const said = { province: one.province ?? "", city: one.city ?? "", district: one.district ?? "", detail: one.detail ?? "" };
          return before ? { ...before, ...said } : said;
        }),
      };
      paths.push(...Object.keys(lists));
      return customers.updateCustomer({
        customer: { name: of.name, etag: of.etag, ...shared, ...lists, ...(person && !masked ? { party: { case: "person" as const, value: { ...person, ...details, fullName: filled.fullName } } } : {}) },
        updateMask: { paths },
        requestId: requestId(),
      });
    },
    (saved) => {
      client.setQueryData(["customer", saved.name], saved);
      void client.invalidateQueries({ queryKey: ["customers"] });
      close();
      if (!of) navigate(`/customers/${idOf(saved.name)}`);
    },
  );
  return (
    <Modal open title={t(of ? "customers.edit" : "customer.create")} onCancel={close} okText={t("save")} onOk={() => form.submit()} confirmLoading={save.isPending} width={640}>
      <Form
        form={form}
        layout="vertical"
        className="form-grid"
        onFinish={(filled) => save.mutate(filled)}
        initialValues={of ? { ...person, grade: of.grade || undefined, lifeCycleStage: of.lifeCycleStage || undefined, preferredLanguage: of.preferredLanguage, homeRegion: of.homeRegion, doNotContact: of.doNotContact, gender: person?.gender || undefined, contacts: of.contacts.map((one) => ({ type: one.type, value: one.number || one.address, primary: one.primary })), addresses: of.addresses.map(({ province, city, district, detail }) => ({ province, city, district, detail })) } : {}}
      >
        {(!of || (person && !masked)) && (
          <>
            <Form.Item name="fullName" label={t("customer.name")} rules={[{ required: true, max: 128, message: t("required") }]}><Input /></Form.Item>
            <Form.Item name="salutation" label={t("customers.salutation")}><Input maxLength={16} /></Form.Item>
            <Form.Item name="gender" label={t("customers.gender")}><Select allowClear options={choices(Person_GenderSchema)} /></Form.Item>
            <Form.Item name="occupation" label={t("customer.occupation")}><Input maxLength={64} /></Form.Item>
            <Form.Item name="employer" label={t("customers.employer")}><Input maxLength={128} /></Form.Item>
          </>
        )}
        {!of && <Form.Item name="phone" label={t("customer.phone")} rules={[{ required: true, message: t("required") }]}><Input inputMode="tel" placeholder="+8613800138000" /></Form.Item>}
        {!of && <Form.Item name="birthYear" label={t("customer.birthYear")}><InputNumber min={1900} max={2030} /></Form.Item>}
        <Form.Item name="grade" label={t("customers.grade")}><Select allowClear options={choices(Customer_GradeSchema)} /></Form.Item>
        <Form.Item name="lifeCycleStage" label={t("customers.stage")}><Select allowClear options={choices(Customer_LifeCycleStageSchema)} /></Form.Item>
        <Form.Item name="preferredLanguage" label={t("customer.language")}><Select allowClear options={[{ value: "zh-CN", label: "普通话" }, { value: "yue", label: "粤语" }, { value: "en", label: "English" }]} /></Form.Item>
        <Form.Item name="homeRegion" label={t("customer.region")} rules={[{ pattern: /^\d{6}$/, message: t("customers.regionForm") }]}><Input inputMode="numeric" /></Form.Item>
        <Form.Item name="doNotContact" label={t("customer.doNotContact")}><Radio.Group options={[{ value: false, label: t("no") }, { value: true, label: t("yes") }]} /></Form.Item>
        {of && !veiledLists && (
          <>
            <Form.List name="contacts">
              {(fields, { add, remove }) => (
                <div className="wide">
                  <h3>{t("customers.contacts")}</h3>
                  {fields.map(({ key, name }) => (
                    <div key={key} className="buttons">
                      <Form.Item name={[name, "type"]} rules={need(t("required"))}><Select className="filter" aria-label={t("order.type")} options={choices(ContactMedium_TypeSchema)} /></Form.Item>
                      <Form.Item name={[name, "value"]} rules={need(t("required"))}><Input aria-label={t("customers.contact")} maxLength={254} /></Form.Item>
                      <Form.Item name={[name, "primary"]} valuePropName="checked"><Checkbox>{t("customers.primary")}</Checkbox></Form.Item>
                      <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                    </div>
                  ))}
                  <Button onClick={() => add({ type: ContactMedium_Type.MOBILE })}>{t("customers.addContact")}</Button>
                </div>
              )}
            </Form.List>
            <Form.List name="addresses">
              {(fields, { add, remove }) => (
                <div className="wide">
                  <h3>{t("customers.addresses")}</h3>
                  {fields.map(({ key, name }) => (
                    <div key={key} className="buttons">
                      {(["province", "city", "district", "detail"] as const).map((part) => <Form.Item key={part} name={[name, part]}><Input aria-label={t(`customers.address.${part}`)} placeholder={t(`customers.address.${part}`)} maxLength={part === "detail" ? 256 : 64} /></Form.Item>)}
                      <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                    </div>
                  ))}
                  <Button onClick={() => add({})}>{t("customers.addAddress")}</Button>
                </div>
              )}
            </Form.List>
          </>
        )}
        {of && (masked || veiledLists) && <p className="quiet wide">{t("customers.masked")}</p>}
      </Form>
    </Modal>
  );
}
