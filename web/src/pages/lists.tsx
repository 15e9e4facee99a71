import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, InputNumber, Popconfirm, Switch } from "antd";
import { useState } from "react";
import { segments, selections } from "../api/back-office";
import { type Page, pageOf, requestId } from "../api/clients";
import { useUserName } from "../api/names";
import { useMay } from "../api/session";
import { millis } from "../api/time";
import type { SegmentRule } from "../gen/carillon/customer/v1/segment_service_pb";
import type { Selection } from "../gen/carillon/customer/v1/selection_pb";
import type { FilterExplanation } from "../gen/carillon/customer/v1/selection_service_pb";
import type { Customer } from "../gen/carillon/customer/v1/customer_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Given, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { CustomerName } from "./customer-more";

/** What a filter means, part by part, with about how many pass each. */
function Explained({ of }: { of: FilterExplanation }) {
  const { t } = useT();
  const about = (count: bigint) => `${of.exact ? "" : "≈ "}${count}`;
  return (
    <div className="stack">
      <p><strong>{t("lists.passing", { count: about(of.estimatedCount), all: about(of.customers) })}</strong></p>
      <ul>
        {of.parts.map((part, index) => (
          <li key={index} style={{ marginInlineStart: part.depth * 16 }}><Given>{part.text}</Given> · {about(part.estimatedCount)}</li>
        ))}
      </ul>
    </div>
  );
}

const explain = async (filter: string) => <Explained of={await selections.explainFilter({ filter })} />;

/** A field for a condition in the language of the service; what is wrong with it is said with its place. */
function Filter({ disabled = false }: { disabled?: boolean }) {
  const { t } = useT();
  return (
    <Form.Item name="filter" label={t("lists.filter")} rules={need(t("required"))} extra={t("lists.example")} className="wide">
      <Input.TextArea rows={3} maxLength={2000} disabled={disabled} spellCheck={false} />
    </Form.Item>
  );
}

/** Customers by any condition, kept as they were when they were looked for. */
export function Lists() {
  const { t } = useT();
  const may = useMay();
  const who = useUserName();
  const client = useQueryClient();
  const [open, show] = useState<Selection>();
  const [making, make] = useState(false);
  const drop = useAction((name: string) => selections.deleteSelection({ name, requestId: requestId() }), () => {
    void client.invalidateQueries({ queryKey: ["selections"] });
    show(undefined);
  });
  return (
    <div className="stack">
      {may("customer.write") && <div><Button type="primary" onClick={() => make(true)}>{t("lists.new")}</Button></div>}
      <PagedTable<Selection>
        id={["selections"]}
        page={pageOf((page: Page) => selections.listSelections(page), "selections")}
        onOpen={show}
        columns={[
          { title: t("flow.name"), render: (_, row) => <Given>{row.title}</Given> },
          { title: t("lists.filter"), render: (_, row) => <code className="clip">{row.filter}</code> },
          { title: t("lists.count"), align: "right", render: (_, row) => String(row.customerCount) },
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.createTime)} /> },
          { title: t("records.owner"), render: (_, row) => who(row.creator) },
        ]}
      />
      {making && (
        <Editor<{ title: string; filter: string }>
          title={t("lists.new")}
          done="selections"
          close={() => make(false)}
          initial={{}}
          save={({ title, filter }) => selections.createSelection({ selection: { title, filter }, requestId: requestId() })}
          attempt={({ filter }) => explain(filter)}
        >
          <Form.Item name="title" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={128} /></Form.Item>
          <Filter />
        </Editor>
      )}
      <Drawer open={open !== undefined} onClose={() => show(undefined)} size="large" title={t("lists.one")}>
        {open && (
          <div className="stack">
            <h2><Given>{open.title}</Given></h2>
            <code>{open.filter}</code>
            {may("customer.write") && (
              <div>
                <Popconfirm title={t("ask.deleteAsk")} onConfirm={() => drop.mutate(open.name)}>
                  <Button danger loading={drop.isPending}>{t("ask.delete")}</Button>
                </Popconfirm>
              </div>
            )}
            <PagedTable<Customer>
              id={["selected", open.name]}
              page={pageOf((page: Page) => selections.listSelectedCustomers({ ...page, parent: open.name }), "customers")}
              columns={[{ title: t("desk.customer"), render: (_, row) => <CustomerName of={row.name} /> }]}
            />
          </div>
        )}
      </Drawer>
    </div>
  );
}

interface FilledSegment { dimension: string; value: string; filter: string; rank: number; inUse: boolean }

/** When a customer belongs to a segment; computed by the service when what they rest on changes. */
export function Segments() {
  const { t } = useT();
  const may = useMay()("customer.steward");
  const [editing, edit] = useState<SegmentRule | "new">();
  const of = editing === "new" ? undefined : editing;
  const parts = (name: string) => name.replace("segmentRules/", "").split(".");
  return (
    <div className="stack">
      {may && <div><Button type="primary" onClick={() => edit("new")}>{t("segments.new")}</Button></div>}
      <PagedTable<SegmentRule>
        id={["segment-rules"]}
        page={async () => ({ items: (await segments.listSegmentRules({})).segmentRules, next: "" })}
        {...(may ? { onOpen: edit } : {})}
        columns={[
          { title: t("segments.dimension"), render: (_, row) => <code>{parts(row.name)[0]}</code> },
          { title: t("segments.value"), render: (_, row) => <code>{parts(row.name)[1]}</code> },
          { title: t("lists.filter"), render: (_, row) => <code className="clip">{row.filter}</code> },
          { title: t("segments.rank"), align: "right", dataIndex: "rank" },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.retired ? "plain" : "good"}>{t(row.retired ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<FilledSegment>
          title={t(of ? "segments.change" : "segments.new")}
          done="segment-rules"
          close={() => edit(undefined)}
          initial={of ? { filter: of.filter, rank: of.rank, inUse: !of.retired } : { rank: 10, inUse: true }}
          save={(filled) => segments.putSegmentRule({ segmentRule: { name: of?.name ?? `segmentRules/${filled.dimension}.${filled.value}`, filter: filled.filter, rank: filled.rank, retired: !filled.inUse }, requestId: requestId() })}
          attempt={({ filter }) => explain(filter)}
        >
          {!of && <Form.Item name="dimension" label={t("segments.dimension")} rules={[...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{0,62}$/, message: t("admin.codeForm") }]}><Input placeholder="VALUE" /></Form.Item>}
          {!of && <Form.Item name="value" label={t("segments.value")} rules={[...need(t("required")), { pattern: /^[A-Z0-9][A-Z0-9_]{0,62}$/, message: t("admin.codeForm") }]}><Input placeholder="GOLD" /></Form.Item>}
          <Filter />
          <Form.Item name="rank" label={t("segments.rank")} rules={need(t("required"))}><InputNumber min={0} max={1000} /></Form.Item>
          <Form.Item name="inUse" label={t("admin.on")} valuePropName="checked"><Switch /></Form.Item>
        </Editor>
      )}
    </div>
  );
}
