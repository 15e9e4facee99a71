import { useQuery } from "@tanstack/react-query";
import { Button, DatePicker, Select, Table, Tabs } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { reports } from "../api/back-office";
import { useAgentName, useQueues } from "../api/names";
import { useMay } from "../api/session";
import { businessNow, isoDay, lasting, seconds } from "../api/time";
import type { AgentLine, Interval, Kpi } from "../gen/carillon/insight/v1/report_pb";
import { useT } from "../i18n";
import { Answer, Facts, PageHead, Panel, Pill } from "../ui/kit";
import { figure, missed } from "./kpi";
import { Facts as DayFacts, Spans } from "./report-spans";
import { Trend, useForecast } from "./trend";
import { saveTable } from "../ui/save-file";
import "../ui/later";

export default function ReportsPage() {
  const { t, language } = useT();
  const may = useMay();
  const [day, setDay] = useState(() => isoDay(businessNow()));
  const [queue, setQueue] = useState("");
  const queues = useQueues(may("routing.read"));
  const agentName = useAgentName(may("routing.read"));
  const report = useQuery({ queryKey: ["day", day, queue], queryFn: () => reports.getDayReport({ date: day, queue }) });
  const forecast = useForecast(day, queue);
  const title = (kpi: Kpi) => (language === "en" ? kpi.title : kpi.titleZh);
  const counts = (one: Interval) => {
    const v = one.volume!;
    return [one.label, Number(v.calls), Number(v.selfServed), Number(v.offered), Number(v.answered), Number(v.answeredInThreshold), Number(v.abandoned)] as (string | number)[];
  };
  const heads = [t("report.interval"), t("report.calls"), t("report.selfServed"), t("report.offered"), t("report.answered"), t("report.inThreshold"), t("report.abandoned")];
  return (
    <div className="stack">
      <PageHead title={t("nav.reports")}>
        <DatePicker aria-label={t("report.day")} allowClear={false} value={dayjs(day)} onChange={(value) => value && setDay(value.format("YYYY-MM-DD"))} />
        {queues.data && <Select allowClear className="filter" aria-label={t("desk.queue")} placeholder={t("report.allQueues")} value={queue || undefined} onChange={(value?: string) => setQueue(value ?? "")} options={[...queues.data.values()].map((one) => ({ value: one.name, label: one.displayName }))} />}
        {report.data && <span className="quiet">{t("report.zone", { zone: report.data.timeZone, threshold: seconds(report.data.serviceThreshold) })}</span>}
      </PageHead>
      <Answer of={report}>
        {(it) => (
          <>
            <div className="tiles tiles-kpi">
              {it.day?.kpis.filter((kpi) => kpi.value !== undefined).slice(0, 12).map((kpi) => (
                <div key={kpi.code} className={`tile ${missed(kpi) ? "tile-bad" : ""}`} title={kpi.formula}>
                  <span>{kpi.code} {title(kpi)}</span>
                  <strong>{figure(kpi)}</strong>
                  <small>{kpi.target === undefined ? "\u00a0" : t("report.target", { target: figure({ ...kpi, value: kpi.target }) })}</small>
                </div>
              ))}
            </div>
            <Panel>
              <Tabs
                items={[
                  {
                    key: "intervals",
                    label: t("report.intervals"),
                    children: (
                      <div className="stack">
                        <Trend intervals={it.intervals} forecast={forecast.data} />
                        <div><Button onClick={() => saveTable(`intervals-${day}.csv`, [heads, ...it.intervals.map(counts), counts({ ...it.day!, label: t("report.wholeDay") })])}>{t("report.csv")}</Button></div>
                        <Table
                          size="small"
                          pagination={false}
                          rowKey="label"
                          dataSource={it.intervals.filter(({ volume }) => volume && (volume.calls > 0n || volume.offered > 0n))}
                          locale={{ emptyText: t("none") }}
                          columns={heads.map((head, index) => ({ title: head, align: index > 0 ? ("right" as const) : ("left" as const), render: (_: unknown, row: Interval) => counts(row)[index] }))}
                        />
                      </div>
                    ),
                  },
                  {
                    key: "agents",
                    label: t("report.agents"),
                    children: <Agents lines={it.agents} name={agentName} day={day} />,
                  },
                  {
                    key: "kpis",
                    label: t("report.kpis"),
                    children: (
                      <Table
                        size="small"
                        pagination={false}
                        rowKey="code"
                        dataSource={it.day?.kpis ?? []}
                        columns={[
                          { title: t("campaign.code"), dataIndex: "code" },
                          { title: t("report.kpi"), render: (_, row) => title(row) },
                          { title: t("report.value"), align: "right", render: (_, row) => <span className={missed(row) ? "late" : ""}>{figure(row)}</span> },
                          { title: t("report.formula"), render: (_, row) => <span className="quiet" lang="en">{row.formula}</span> },
                          { title: t("report.fraction"), align: "right", render: (_, row) => `${row.numerator.toFixed(0)} / ${row.denominator.toFixed(0)}` },
                        ]}
                      />
                    ),
                  },
                  { key: "spans", label: t("report.spans"), children: <Spans key={day} day={day} queue={queue} /> },
                  { key: "facts", label: t("report.facts"), children: <DayFacts day={day} /> },
                  { key: "check", label: t("report.check"), children: <Check day={day} /> },
                ]}
              />
            </Panel>
          </>
        )}
      </Answer>
    </div>
  );
}

function Agents({ lines, name, day }: { lines: AgentLine[]; name: (agent: string) => string; day: string }) {
  const { t } = useT();
  const heads = [t("floor.agent"), t("desk.handledCalls"), t("desk.talkTime"), t("desk.onHold"), t("desk.wrapTime"), t("report.signedIn"), t("report.occupied"), t("report.outbound")];
  const row = (one: AgentLine) => [
    name(one.agent), one.handled.toString(), ...[one.talk, one.hold, one.wrap, one.signedIn, one.occupied].map((length) => lasting(length)), one.outboundHandled.toString(),
  ];
  return (
    <div className="stack">
      <div><Button onClick={() => saveTable(`agents-${day}.csv`, [heads, ...lines.map(row)])}>{t("report.csv")}</Button></div>
      <Table size="small" pagination={false} rowKey="agent" dataSource={lines} locale={{ emptyText: t("none") }} columns={heads.map((head, index) => ({ title: head, align: index > 0 ? ("right" as const) : ("left" as const), render: (_: unknown, one: AgentLine) => row(one)[index] }))} />
    </div>
  );
}

/** Whether the day adds up, recounted from the facts. */
function Check({ day }: { day: string }) {
  const { t, code } = useT();
  const check = useQuery({ queryKey: ["reconciliation", day], queryFn: () => reports.getReconciliation({ date: day }) });
  return (
    <Answer of={check}>
      {(it) => (
        <div className="stack">
          <div><Pill tone={it.reconciled ? "good" : "bad"}>{t(it.reconciled ? "report.addsUp" : "report.addsNot")}</Pill></div>
          <Facts
            columns={3}
            of={[
              { label: t("report.calls"), value: String(it.calls) },
              ...it.outcomes.map((one) => ({ label: code("outcome", one.outcome), value: String(one.count) })),
              { label: t("report.undecided"), value: String(it.undecided) },
              { label: t("report.orphans"), value: String(it.orphans) },
              { label: t("report.attempts"), value: String(it.attempts) },
              { label: t("report.outboundCalls"), value: String(it.outboundCalls) },
              { label: t("qa.planned"), value: String(it.evaluationsPlanned) },
              { label: t("qa.drawn"), value: String(it.evaluationsDrawn) },
            ]}
          />
        </div>
      )}
    </Answer>
  );
}
