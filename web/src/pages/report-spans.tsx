import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select, Table } from "antd";
import { useMemo, useState } from "react";
import { reports } from "../api/back-office";
import { all } from "../api/clients";
import { useAgentName, useQueues } from "../api/names";
import { useMay } from "../api/session";
import { dateTime, lasting, millis, timestamp, zoned } from "../api/time";
import { OutcomeSchema, type Fact } from "../gen/carillon/insight/v1/fact_pb";
import { ListFactsRequest_KindSchema } from "../gen/carillon/insight/v1/insight_service_pb";
import { useT } from "../i18n";
import { Answer, Given, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { saveTable } from "../ui/save-file";
import { Trend } from "./trend";
import { figure, missed } from "./kpi";

/** Any days up to a month, by half-hour, hour or day, beside each other. */
export function Spans({ day, queue }: { day: string; queue: string }) {
  const { t, language } = useT();
  const [from, setFrom] = useState(day);
  const [until, setUntil] = useState(day);
  const [minutes, setMinutes] = useState(60);
  const spans = useQuery({
    queryKey: ["intervals", from, until, minutes, queue],
    queryFn: () => reports.getIntervals({ startTime: timestamp(zoned(from, "00:00:00")), endTime: timestamp(zoned(until, "00:00:00") + 86_400_000), intervalMinutes: minutes, queue }),
    enabled: Boolean(from && until && from <= until),
  });
  const rows = (spans.data?.intervals ?? []).filter(({ volume }) => volume && (volume.calls > 0n || volume.offered > 0n));
  /** The service level, and what somebody set a target for. */
  const kpis = (spans.data?.total?.kpis ?? []).filter(({ code, value, target }) => value !== undefined && (code === "SL-C" || target !== undefined)).slice(0, 5);
  const heads = [t("report.interval"), t("report.calls"), t("report.offered"), t("report.answered"), t("report.abandoned"), ...kpis.map((kpi) => `${kpi.code} ${language === "en" ? kpi.title : kpi.titleZh}`)];
  const cells = (one: (typeof rows)[number]): (string | number)[] => [
    `${dateTime(millis(one.startTime), language)}`, Number(one.volume!.calls), Number(one.volume!.offered), Number(one.volume!.answered), Number(one.volume!.abandoned),
    ...kpis.map(({ code }) => { const kpi = one.kpis.find((other) => other.code === code); return kpi ? figure(kpi) : "—"; }),
  ];
  return (
    <div className="stack">
      <div className="buttons">
        <label className="inline">{t("campaign.from")} <Input type="date" value={from} onChange={({ target }) => setFrom(target.value)} /></label>
        <label className="inline">{t("campaign.to")} <Input type="date" value={until} onChange={({ target }) => setUntil(target.value)} /></label>
        <Select className="filter" aria-label={t("report.interval")} value={minutes} onChange={setMinutes} options={[30, 60, 1440].map((value) => ({ value, label: t(`report.by${value}` as "report.by60") }))} />
        <Button disabled={rows.length === 0} onClick={() => saveTable(`intervals-${from}-${until}.csv`, [heads, ...rows.map(cells)])}>{t("report.csv")}</Button>
      </div>
      <Answer of={spans}>
        {() => (
          <>
            <Trend intervals={rows} />
            <Table size="small" pagination={false} rowKey={(row) => String(millis(row.startTime))} dataSource={rows} locale={{ emptyText: t("none") }} columns={heads.map((head, index) => ({ title: head, align: index > 0 ? ("right" as const) : ("left" as const), render: (_: unknown, row: (typeof rows)[number]) => { const kpi = index >= 5 ? row.kpis.find(({ code }) => code === kpis[index - 5]!.code) : undefined; return <span className={kpi && missed(kpi) ? "late" : ""}>{cells(row)[index]}</span>; } }))} />
          </>
        )}
      </Answer>
    </div>
  );
}

type Cell = { head: string; of: (fact: Fact) => string };

/** What stands behind the figures of a day, one by one. */
export function Facts({ day }: { day: string }) {
  const { t, word, code, choices, language } = useT();
  const may = useMay();
  const agentName = useAgentName(may("routing.read"));
  const queues = useQueues(may("routing.read"));
  const [kind, setKind] = useState(1);
  const at = (of: Parameters<typeof millis>[0]) => (of ? dateTime(millis(of), language) : "—");
  const columns = useMemo<Cell[]>(() => {
    const cell = <K extends Fact["kind"]["case"]>(of: K, head: string, value: (fact: Extract<Fact["kind"], { case: K }> extends { value: infer V } ? V : never) => string): Cell => ({
      head,
      of: ({ kind }) => (kind.case === of ? value(kind.value as never) : "—"),
    });
    switch (kind) {
      case 2: return [cell("session", t("col.time"), (one) => at(one.startTime)), cell("session", t("desk.menu"), (one) => one.path || "—"), cell("session", t("col.result"), (one) => code("Session.Result", one.result))];
      case 3: return [cell("call", t("col.time"), (one) => at(one.arriveTime)), cell("call", t("campaign.to"), (one) => at(one.endTime)), cell("call", t("col.result"), (one) => word(OutcomeSchema, one.outcome)), cell("call", t("floor.reason"), (one) => one.cause || "—")];
      case 4: return [cell("agentState", t("col.time"), (one) => at(one.startTime)), cell("agentState", t("campaign.to"), (one) => at(one.endTime)), cell("agentState", t("floor.agent"), (one) => agentName(one.agent)), cell("agentState", t("order.state"), (one) => code("AgentSession.State", one.state)), cell("agentState", t("floor.reason"), (one) => code("reason", one.reason))];
      case 5: return [cell("order", t("order.created"), (one) => at(one.createTime)), cell("order", t("order.type"), (one) => code("WorkOrder.Type", one.type)), cell("order", t("order.state"), (one) => code("WorkOrder.State", one.state)), cell("order", t("order.priority"), (one) => code("WorkOrder.Priority", one.priority)), cell("order", t("orders.overdue"), (one) => t(one.overdue ? "yes" : "no"))];
      case 6: return [cell("attempt", t("col.time"), (one) => at(one.dialTime)), cell("attempt", t("col.result"), (one) => code("Disposition", one.disposition)), cell("attempt", t("floor.agent"), (one) => agentName(one.agent)), cell("attempt", t("col.talk"), (one) => lasting(one.talk))];
      case 7: return [cell("evaluation", t("qa.drawn"), (one) => at(one.drawTime)), cell("evaluation", t("floor.agent"), (one) => agentName(one.agent)), cell("evaluation", t("order.state"), (one) => code("Evaluation.State", one.state)), cell("evaluation", t("qa.total"), (one) => (one.total === undefined ? "—" : (one.total / 100).toFixed(2)))];
      default: return [
        cell("interaction", t("col.time"), (one) => at(one.arriveTime)), cell("interaction", t("desk.queue"), (one) => queues.data?.get(one.queue)?.displayName ?? "—"), cell("interaction", t("floor.agent"), (one) => agentName(one.agent)),
        cell("interaction", t("desk.waited"), (one) => lasting(one.wait)), cell("interaction", t("col.talk"), (one) => lasting(one.talk)), cell("interaction", t("desk.onHold"), (one) => lasting(one.hold)),
        cell("interaction", t("desk.wrapTime"), (one) => lasting(one.wrap)), cell("interaction", t("col.result"), (one) => code(one.direction === 2 ? "Disposition" : "disposition", one.disposition)),
      ];
    }
  }, [kind, language, queues.data, agentName]);
  const page = async (pageToken: string, pageSize: number) => {
    const start = zoned(day, "00:00:00");
    const answer = await reports.listFacts({ kind, startTime: timestamp(start), endTime: timestamp(start + 86_400_000), pageSize, pageToken });
    return { items: answer.facts.map((fact, index) => ({ fact, name: `${pageToken}${index}` })), next: answer.nextPageToken };
  };
  const save = useAction(async () => {
    const facts = await all((token) => page(token, 200), 50_000);
    saveTable(`facts-${day}.csv`, [columns.map(({ head }) => head), ...facts.map(({ fact }) => columns.map((column) => column.of(fact)))]);
  });
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("report.facts")} value={kind} onChange={setKind} options={choices(ListFactsRequest_KindSchema)} />
        <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>{t("report.csv")}</Button>
      </div>
      <PagedTable<{ fact: Fact; name: string }> id={["facts", day, kind]} page={(token) => page(token, 50)} columns={columns.map(({ head, of }) => ({ title: head, render: (_: unknown, row: { fact: Fact }) => <Given>{of(row.fact)}</Given> }))} />
    </div>
  );
}
