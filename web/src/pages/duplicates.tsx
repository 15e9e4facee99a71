import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { stewards } from "../api/back-office";
import { type Page, pageOf, requestId } from "../api/clients";
import { millis } from "../api/time";
import { useUnmask, type Unmask } from "../api/purpose";
import { CustomerCard, useCustomer } from "../desk/customer";
import type { Customer } from "../gen/carillon/customer/v1/customer_pb";
import { Agreement, AgreementSchema, MatchCondition_Attribute, MatchCondition_AttributeSchema, MergeCase_State, type MergeCase } from "../gen/carillon/customer/v1/record_pb";
import { useT } from "../i18n";
import { Field, Given, PageHead, Panel, Personal, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link } from "../ui/router";

const tone = (of: Agreement): Tone => (of === Agreement.EXACT || of === Agreement.SAME ? "good" : of === Agreement.DIFFERENT ? "bad" : of === Agreement.AGREEMENT_UNSPECIFIED ? "plain" : "warn");

/** Pairs who may be one customer, and that no rule decides alone. */
export function Duplicates() {
  const { t } = useT();
  const [one, open] = useState<MergeCase>();
  return (
    <div className="stack">
      <PageHead title={t("duplicates.title")}>
        <Link to="/customers">{t("customers.back")}</Link>
      </PageHead>
      <Panel>
        <PagedTable<MergeCase>
          id={["merge-cases"]}
          page={pageOf((page: Page) => stewards.listMergeCases(page), "mergeCases")}
          onOpen={open}
          columns={[
            { title: t("col.time"), render: (_, row) => <Time at={millis(row.openTime)} /> },
            { title: t("duplicates.rule"), align: "right", render: (_, row) => row.level || "—" },
            { title: t("duplicates.probability"), align: "right", render: (_, row) => (row.probability > 0 ? probable(row.probability) : "—") },
            { title: t("duplicates.alike"), render: (_, row) => <Evidence of={row} /> },
            { title: t("duplicates.conflict"), render: (_, row) => (row.conflict ? <Pill tone="bad">{t("yes")}</Pill> : "—") },
          ]}
        />
      </Panel>
      <Drawer destroyOnHidden open={Boolean(one)} onClose={() => open(undefined)} size={1100} title={one && (one.level > 0 ? `${t("duplicates.rule")} ${one.level}` : `${t("duplicates.probability")} ${probable(one.probability)}`)}>
        {one && <Decide of={one} close={() => open(undefined)} />}
      </Drawer>
    </div>
  );
}

const Evidence = ({ of }: { of: MergeCase }) => {
  const { word } = useT();
  return (
    <span className="buttons">
      {of.evidence.map(({ attribute, agreement }) => (
        <Pill key={attribute} tone={tone(agreement)}>{word(MatchCondition_AttributeSchema, attribute)}: {word(AgreementSchema, agreement)}</Pill>
      ))}
    </span>
  );
};

/** Bits for or against the two being one, by the weights that the customers themselves taught. */
const bits = (weight: number) => (weight === 0 ? "—" : `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(1)}`);
/** Never more certain than it is. */
const probable = (of: number) => `${(Math.floor(of * 10_000) / 100).toFixed(2)}%`;

const date = (of?: { year: number; month: number; day: number }) => (of?.year ? `${of.year}-${String(of.month).padStart(2, "0")}-${String(of.day).padStart(2, "0")}` : "");

/** What a customer has of what rules compare. */
function valuesOf(of: Customer | undefined, attribute: MatchCondition_Attribute): string[] {
  if (!of) return [];
  switch (attribute) {
    case MatchCondition_Attribute.NAME: return [of.displayName];
    case MatchCondition_Attribute.IDENTIFIER: return of.identifiers.map(({ number }) => number);
    case MatchCondition_Attribute.ACCOUNT: return of.accounts.map(({ number }) => number);
    case MatchCondition_Attribute.PHONE: return of.contacts.map(({ number }) => number);
    case MatchCondition_Attribute.EMAIL: return of.contacts.map(({ address }) => address);
    case MatchCondition_Attribute.BIRTH_DATE: return of.party.case === "person" ? [date(of.party.value.birthDate)] : [];
    case MatchCondition_Attribute.ADDRESS: return of.addresses.map((one) => `${one.province}${one.city}${one.district} ${one.detail}`);
    default: return [];
  }
}

function Values({ of, attribute, unmask }: { of: Customer | undefined; attribute: MatchCondition_Attribute; unmask: Unmask }) {
  const values = valuesOf(of, attribute).filter(Boolean);
  const open = attribute === MatchCondition_Attribute.BIRTH_DATE || of?.party.case === "organisation";
  return values.length === 0 ? <>—</> : <>{values.map((value) => <div key={value}>{open ? value : <Personal value={value} unmask={unmask} />}</div>)}</>;
}

/** Field by field: what each has, how alike the two are, and what the rule that found them asks for. */
function SideBySide({ of }: { of: MergeCase }) {
  const { t, word } = useT();
  const [left, right] = [of.customers[0]!, of.customers[1]!];
  const [one, other] = [useCustomer(left), useCustomer(right)];
  const [unmaskOne, unmaskOther] = [useUnmask(left), useUnmask(right)];
  const policy = useQuery({ queryKey: ["match-policy"], queryFn: () => stewards.getMatchPolicy({}), staleTime: 300_000 });
  const asked = policy.data?.rules[of.level - 1]?.conditions ?? [];
  return (
    <table className="plain side-by-side">
      <thead>
        <tr>
          <th scope="col">{t("duplicates.field")}</th>
          <th scope="col"><Given>{one.data?.displayName ?? "…"}</Given></th>
          <th scope="col"><Given>{other.data?.displayName ?? "…"}</Given></th>
          <th scope="col">{t("duplicates.alike")}</th>
          <th scope="col" className="n">{t("duplicates.weight")}</th>
          {of.level > 0 && <th scope="col">{t("duplicates.asked", { level: of.level })}</th>}
        </tr>
      </thead>
      <tbody>
        {of.evidence.map(({ attribute, agreement, weight }) => {
          const rule = asked.find((condition) => condition.attribute === attribute);
          return (
            <tr key={attribute}>
              <th scope="row">{word(MatchCondition_AttributeSchema, attribute)}</th>
              <td><Values of={one.data} attribute={attribute} unmask={unmaskOne} /></td>
              <td><Values of={other.data} attribute={attribute} unmask={unmaskOther} /></td>
              <td><Pill tone={tone(agreement)}>{word(AgreementSchema, agreement)}</Pill></td>
              <td className="n">{bits(weight)}</td>
              {of.level > 0 && <td>{rule ? word(AgreementSchema, rule.atLeast) : "—"}</td>}
            </tr>
          );
        })}
        {of.probability > 0 && (
          <tr>
            <th scope="row">{t("duplicates.together")}</th>
            <td colSpan={2} />
            <td>{probable(of.probability)}</td>
            <td className="n"><strong>{bits(of.weight)}</strong></td>
            {of.level > 0 && <td />}
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** The two side by side, what they share above them. */
function Decide({ of, close }: { of: MergeCase; close: () => void }) {
  const { t } = useT();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const decide = useAction(
    (decision: MergeCase_State) => stewards.decideMergeCase({ name: of.name, decision, reason, requestId: requestId() }),
    () => {
      void client.invalidateQueries({ queryKey: ["merge-cases"] });
      close();
    },
  );
  return (
    <div className="stack">
      {of.conflict && <p className="late">{t("duplicates.conflictHelp")}</p>}
      <SideBySide of={of} />
      <div className="columns">
        {of.customers.map((name) => <Panel key={name}><CustomerCard name={name} /></Panel>)}
      </div>
      <Field label={t("floor.reason")} id="merge-reason">
        <Input id="merge-reason" maxLength={200} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
      <div className="buttons">
        <Button type="primary" danger={of.conflict} loading={decide.isPending} onClick={() => decide.mutate(MergeCase_State.MERGED)}>{t("duplicates.merge")}</Button>
        <Button loading={decide.isPending} onClick={() => decide.mutate(MergeCase_State.APART)}>{t("duplicates.apart")}</Button>
      </div>
    </div>
  );
}
