import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { flows, sessions } from "../api/back-office";
import { all, idOf, pageOf } from "../api/clients";
import { businessNow, dateTime, isoDay, lasting, millis, timestamp, zoned } from "../api/time";
import { GetMenuReportRequest_DimensionSchema, type MenuFigures, type SelfServiceFigures } from "../gen/carillon/ivr/v1/report_pb";
import { useT } from "../i18n";
import { Answer, Given } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { saveTable } from "../ui/save-file";

const share = (part: bigint, of: bigint) => (of > 0n ? `${((Number(part) / Number(of)) * 100).toFixed(1)}%` : "—");

/** What callers did in the menus, added up: how many served themselves, where they asked for an agent, where they hung up. */
export function MenuReport() {
  const { t, choices, code, language } = useT();
  const [from, setFrom] = useState(() => isoDay(businessNow()));
  const [until, setUntil] = useState(() => isoDay(businessNow()));
  const [number, setNumber] = useState("");
  const [by, setBy] = useState<number[]>([]);
  const [chosen, choose] = useState("");
  const numbers = useQuery({ queryKey: ["service-numbers", "all"], queryFn: () => all(pageOf(flows.listServiceNumbers, "serviceNumbers", 200)) });
  const list = useQuery({ queryKey: ["flows", "all"], queryFn: () => all(pageOf(flows.listFlows, "flows", 200)) });
  const report = useQuery({
    queryKey: ["menu-report", from, until, number, by],
    queryFn: () => sessions.getMenuReport({ startTime: timestamp(zoned(from, "00:00:00")), endTime: timestamp(zoned(until, "00:00:00") + 86_400_000), number, groupBy: by }),
    enabled: Boolean(from && until && from <= until),
  });
  const title = (one: SelfServiceFigures) =>
    [
      one.startTime && dateTime(millis(one.startTime), language), one.number, one.flow && (list.data?.find(({ name }) => name === one.flow)?.displayName || idOf(one.flow).slice(0, 8)),
      one.flowVersion > 0 && t("flow.versionOf", { number: one.flowVersion }), one.language, one.grade && code("grade", one.grade),
    ].filter(Boolean).join(" · ") || t("all");
  const rows = (report.data?.groups ?? []).map((one, index) => ({ ...one, name: String(index) }));
  const group = rows.find(({ name }) => name === chosen) ?? rows[0];
  const heads = [t("menus.group"), t("menus.sessions"), t("menus.contained"), t("menus.selfServed"), t("menus.toAgent"), t("menus.abandoned"), t("menus.length")];
  const cells = (one: SelfServiceFigures) => [title(one), Number(one.sessions), `${(one.containment * 100).toFixed(1)}%`, Number(one.selfServed), Number(one.toAgent), Number(one.abandoned), lasting(one.averageLength)];
  return (
    <div className="stack">
      <div className="buttons">
        <label className="inline">{t("campaign.from")} <Input type="date" value={from} onChange={({ target }) => setFrom(target.value)} /></label>
        <label className="inline">{t("campaign.to")} <Input type="date" value={until} onChange={({ target }) => setUntil(target.value)} /></label>
        <Select allowClear className="filter" aria-label={t("col.number")} placeholder={t("col.number")} value={number || undefined} onChange={(value?: string) => setNumber(value ?? "")} options={(numbers.data ?? []).map((one) => ({ value: one.number, label: `${one.number} ${one.displayName}` }))} />
        <Select mode="multiple" maxTagCount={2} className="filter" aria-label={t("menus.by")} placeholder={t("menus.by")} value={by} onChange={setBy} options={choices(GetMenuReportRequest_DimensionSchema)} />
        <Button disabled={rows.length === 0} onClick={() => saveTable(`menus-${from}-${until}.csv`, [heads, ...rows.map(cells)])}>{t("report.csv")}</Button>
      </div>
      <Answer of={report}>
        {() => (
          <>
            <PagedTable<SelfServiceFigures & { name: string }>
              id={["menu-groups", from, until, number, by, report.dataUpdatedAt]}
              page={async () => ({ items: rows, next: "" })}
              selected={group?.name}
              onOpen={(row) => choose(row.name)}
              columns={heads.map((head, index) => ({ title: head, align: index > 0 ? ("right" as const) : ("left" as const), render: (_: unknown, row: SelfServiceFigures) => <Given>{cells(row)[index]}</Given> }))}
            />
            {group && group.sessions > 0n && <Group of={group} />}
          </>
        )}
      </Answer>
    </div>
  );
}

function Group({ of }: { of: SelfServiceFigures }) {
  const { t } = useT();
  return (
    <div className="split">
      <section className="stack">
        <h3>{t("menus.menus")}</h3>
        {of.menus.map((one) => <Menu key={one.node} of={one} all={of.sessions} />)}
      </section>
      <section className="stack">
        {of.services.length > 0 && <><h3>{t("session.served")}</h3><Counts of={of.services.map((one) => [one.service, one.times])} /></>}
        {of.passwordsRight + of.passwordsWrong > 0n && <><h3>{t("menus.passwords")}</h3><p>{t("menus.passwordsOf", { right: String(of.passwordsRight), wrong: String(of.passwordsWrong) })}</p></>}
        {of.answers.length > 0 && <><h3>{t("menus.answers")}</h3><Counts of={of.answers.map((one) => [`${one.question} ${one.score}`, one.times])} /></>}
        {of.failures.length > 0 && <><h3>{t("menus.failures")}</h3><Counts of={of.failures.map((one) => [`${one.node} ${one.reason}`, one.times])} /></>}
      </section>
    </div>
  );
}

const Counts = ({ of }: { of: [string, bigint][] }) => (
  <table className="plain">
    <tbody>
      {of.map(([what, count]) => (
        <tr key={what}>
          <td><code>{what}</code></td>
          <td className="n">{String(count)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** The funnel of one menu: how long its bar is says how many callers came to it. */
function Menu({ of, all }: { of: MenuFigures; all: bigint }) {
  const { t, code } = useT();
  const name = of.node || t("menus.prompt");
  const callers = t("menus.callers", { count: String(of.callers), share: share(of.callers, all) });
  return (
    <section aria-label={name}>
      <div className="buttons"><code>{name}</code> <span className="quiet">{callers}</span></div>
      <meter min={0} max={Number(all)} value={Number(of.callers)} aria-label={`${name} ${callers}`} />
      <p className="quiet">{t("menus.ends", { agent: String(of.toAgent), abandoned: String(of.abandoned), served: String(of.selfServed) })}</p>
      <table className="plain">
        <tbody>
          {of.ways.map((way) => (
            <tr key={`${way.answer} ${way.next} ${way.result}`}>
              <td>{/^[\d*#]$/.test(way.answer) ? <kbd className="key">{way.answer}</kbd> : code("answer", way.answer)}</td>
              <td>{way.next ? <>→ <code>{way.next}</code></> : way.result ? <>→ {code("Session.Result", way.result)}</> : "—"}</td>
              <td className="n">{String(way.visits)}</td>
              <td className="n">{share(way.visits, of.visits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
