import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { stewards } from "../api/back-office";
import { type Page, pageOf, requestId } from "../api/clients";
import { millis } from "../api/time";
import { CustomerCard } from "../desk/customer";
import { Agreement, AgreementSchema, MatchCondition_AttributeSchema, MergeCase_State, type MergeCase } from "../gen/carillon/customer/v1/record_pb";
import { useT } from "../i18n";
import { Field, PageHead, Panel, Pill, Time, useAction, type Tone } from "../ui/kit";
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
            { title: t("duplicates.rule"), align: "right", dataIndex: "level" },
            { title: t("duplicates.alike"), render: (_, row) => <Evidence of={row} /> },
            { title: t("duplicates.conflict"), render: (_, row) => (row.conflict ? <Pill tone="bad">{t("yes")}</Pill> : "—") },
          ]}
        />
      </Panel>
      <Drawer destroyOnHidden open={Boolean(one)} onClose={() => open(undefined)} size={1100} title={one && `${t("duplicates.rule")} ${one.level}`}>
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
      <Evidence of={of} />
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
