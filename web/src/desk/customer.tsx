import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { requestId } from "../api/clients";
import { customers, useCodes } from "../api/records";
import { useUnmask } from "../api/purpose";
import { useMay } from "../api/session";
import { millis } from "../api/time";
import {
  Account_StateSchema, ContactMedium_TypeSchema, ContactMedium_Type, Customer_GradeSchema, Customer_StateSchema,
  Identifier_TypeSchema, LastContact_DirectionSchema, type Customer,
} from "../gen/carillon/customer/v1/customer_pb";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Answer, Facts, Field, Given, Key, Personal, Pill, Time, useAction, veiled, type Fact } from "../ui/kit";
import { Alerts } from "./alerts";

/** One customer: who it is. Several: the agent picks, never the first by itself. None: search or make one. */
export function CustomerPanel({ work, customer, choose }: { work: Interaction; customer: string; choose: (name: string) => void }) {
  if (customer) return <CustomerCard name={customer} />;
  return <PickCustomer number={work.callingNumber} client={work.client} choose={choose} />;
}

function PickCustomer({ number, client, choose }: { number: string; client: string; choose: (name: string) => void }) {
  const { t, word } = useT();
  const may = useMay();
  const suffix = /\d{4}$/.exec(number)?.[0] ?? "";
  const [text, setText] = useState("");
  const [person, setPerson] = useState({ fullName: "", phone: number.includes("*") ? "" : number });
  const found = useQuery({
    queryKey: ["pick", suffix, text],
    queryFn: () => customers.searchCustomers(text ? { text, pageSize: 9 } : { phoneSuffix: suffix, pageSize: 9 }),
    enabled: Boolean(text || suffix),
  });
  const list = found.data?.customers ?? [];
  useKeys(Object.fromEntries(list.map((one, index) => [String(index + 1), () => choose(one.name)])));
  const add = useAction(
    ({ fullName, phone }: { fullName: string; phone: string }) =>
      customers.createCustomer({
        customer: { client, party: { case: "person", value: { fullName } }, contacts: [{ type: ContactMedium_Type.MOBILE, number: phone, primary: true }] },
        requestId: requestId(),
      }),
    (made) => choose(made.name),
  );
  return (
    <div className="pick">
      <Alert type={list.length > 1 ? "warning" : "info"} showIcon title={list.length > 1 ? t("customer.many", { count: list.length }) : list.length === 1 ? t("customer.maybe") : t("customer.none")} />
      <Input.Search placeholder={t("customer.searchHint")} aria-label={t("customer.searchHint")} allowClear onSearch={(value) => setText(value.trim())} />
      <ul>
        {list.map((one, index) => (
          <li key={one.name}>
            <Button block onClick={() => choose(one.name)}>
              <Key>{String(index + 1)}</Key> {one.displayName} · {word(Customer_GradeSchema, one.grade)} · {veiled(one.contacts[0]?.number ?? "")}
            </Button>
          </li>
        ))}
      </ul>
      {may("customer.write") && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (person.fullName.trim() && person.phone.trim()) add.mutate(person);
          }}
        >
          <h3>{t("customer.quick")}</h3>
          <Field label={t("customer.name")} id="quick-name" required>
            <Input id="quick-name" maxLength={128} value={person.fullName} onChange={({ target }) => setPerson({ ...person, fullName: target.value })} />
          </Field>
          <Field label={t("customer.phone")} id="quick-phone" required>
            <Input id="quick-phone" inputMode="tel" maxLength={40} value={person.phone} onChange={({ target }) => setPerson({ ...person, phone: target.value })} />
          </Field>
          <Button htmlType="submit" loading={add.isPending}>
            {t("customer.create")}
          </Button>
        </form>
      )}
    </div>
  );
}

export const useCustomer = (name: string) =>
  useQuery({ queryKey: ["customer", name], queryFn: () => customers.getCustomer({ name }), enabled: Boolean(name), staleTime: 30_000 });

/** The whole of one customer, as much as a glance takes. */
export function CustomerCard({ name }: { name: string }) {
  const { t, word, code, disposition } = useT();
  const may = useMay();
  const unmask = useUnmask(name);
  const { open, turn } = unmask;
  const customer = useCustomer(name);
  const needs = useCodes("SPECIAL_NEED");
  const last = useQuery({ queryKey: ["last", name], queryFn: () => customers.listLastContacts({ parent: name }), staleTime: 30_000 });
  useKeys({ "desk.unmask": turn });
  return (
    <Answer of={customer}>
      {(it) => (
        <div className="card360">
          <div className="card360-head">
            <strong>
              {isOrganisation(it) ? it.displayName : <Personal value={it.displayName} unmask={unmask} />} {it.party.case === "person" && it.party.value.salutation}
            </strong>
            <Pill tone="strong">{word(Customer_GradeSchema, it.grade)}</Pill>
            <Pill>{word(Customer_StateSchema, it.state)}</Pill>
            {it.specialNeeds.map((need) => (
              <Pill key={need} tone="calm"><Given>{needs.label(need)}</Given></Pill>
            ))}
            {may("customer.unmask") && !isOrganisation(it) && (
              <Button size="small" onClick={turn}>
                {t(open ? "personal.hide" : "personal.show")} <Key of="desk.unmask" />
              </Button>
            )}
          </div>
          {it.doNotContact && <Alert type="error" showIcon title={t("customer.doNotContact")} />}
          <Alerts of={it} />
          <Facts
            of={[
              ...it.contacts.map((one): Fact => ({ label: word(ContactMedium_TypeSchema, one.type), value: <Personal value={one.number || one.address} unmask={unmask} /> })),
              ...it.identifiers.map((one): Fact => ({ label: word(Identifier_TypeSchema, one.type), value: <Personal value={one.number} unmask={unmask} /> })),
              it.party.case === "person" && Boolean(it.party.value.occupation) && { label: t("customer.occupation"), value: it.party.value.occupation },
              it.party.case === "person" && Boolean(it.party.value.birthDate?.year) && { label: t("customer.birthYear"), value: it.party.value.birthDate!.year },
              Boolean(it.homeRegion) && { label: t("customer.region"), value: it.homeRegion },
              Boolean(it.preferredLanguage) && { label: t("customer.language"), value: it.preferredLanguage },
              ...it.addresses.map((one): Fact => ({ label: t("customer.address"), value: `${one.province}${one.city}${one.district} ${one.detail}` })),
            ]}
          />
          {it.accounts.length > 0 && (
            <>
              <h3>{t("customer.accounts")}</h3>
              <Facts of={it.accounts.slice(0, 6).map((one) => ({ label: code("account", one.type), value: <><Personal value={one.number} unmask={unmask} /> {word(Account_StateSchema, one.state)}</> }))} />
            </>
          )}
          <h3>{t("customer.lastContacts")}</h3>
          <Answer of={last}>
            {({ lastContacts }) =>
              lastContacts.length === 0 ? (
                <p className="quiet">{t("customer.noContacts")}</p>
              ) : (
                <ul className="plain-list">
                  {lastContacts.map((one) => (
                    <li key={one.name}>
                      {word(LastContact_DirectionSchema, one.direction)} <Time at={millis(one.contactTime)} /> · {disposition(one.disposition)} ·{" "}
                      {t("customer.in30days", { count: one.contactsIn30Days })}
                    </li>
                  ))}
                </ul>
              )
            }
          </Answer>
        </div>
      )}
    </Answer>
  );
}

const isOrganisation = (of: Customer) => of.party.case === "organisation";
