import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Switch, Tabs } from "antd";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { privacy, records, stewards } from "../api/back-office";
import { type Page, pageOf, requestId } from "../api/clients";
import { useUserName, useUsers } from "../api/names";
import { localized, useCodes } from "../api/records";
import { useMay, useSession } from "../api/session";
import { dateTime, millis } from "../api/time";
import { CustomField_KindSchema, type CustomField } from "../gen/carillon/customer/v1/privacy_pb";
import {
  QualityDimensionSchema, QualityIssue_State, QualityIssue_StateSchema, QualityRule_AttributeSchema, QualityRule_PartySchema, QualityRule_TestSchema,
  type QualityIssue, type QualityRule, type QualityRun, type QualityScore,
} from "../gen/carillon/customer/v1/quality_pb";
import { AgreementSchema, IngestResult_OutcomeSchema, MatchCondition_AttributeSchema, MatchModel_State, MatchModel_StateSchema, SyncJob_State, SyncJob_StateSchema, type SourceSystem, type SyncJob } from "../gen/carillon/customer/v1/record_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, Facts, Given, Loading, PageHead, Panel, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { toast } from "../ui/toast";
import { CustomerName } from "./customer-more";
import { Lists, Segments } from "./lists";

const Chart = lazy(() => import("../ui/chart"));
const percent = (of: number) => `${(of * 100).toFixed(1)}%`;

/** How good the customers' records are, where they come from, and what was done about it. */
export function Records() {
  const { t } = useT();
  const may = useMay();
  const [, , tab] = usePath();
  return (
    <div className="stack">
      <PageHead title={t("records.title")}>
        <Link to="/customers">{t("customers.back")}</Link>
      </PageHead>
      <Panel>
        <Tabs
          activeKey={tab ?? "scores"}
          onChange={(key) => navigate(`/customers/records/${key}`)}
          destroyOnHidden
          items={[
            { key: "scores", label: t("records.scores"), children: <Scores /> },
            { key: "issues", label: t("records.issues"), children: <Issues /> },
            { key: "rules", label: t("records.rules"), children: <Rules /> },
            { key: "sources", label: t("more.sources"), children: <Sources /> },
            { key: "matching", label: t("records.matching"), children: <div className="stack"><Matching /><h3>{t("records.learnt")}</h3><Learnt /></div> },
            { key: "lists", label: t("lists.title"), children: <Lists /> },
            { key: "segments", label: t("segments.title"), children: <Segments /> },
            { key: "fields", label: t("records.fields"), children: <Fields /> },
            ...(may("customer.steward") ? [{ key: "erasures", label: t("records.erasures"), children: <Erasures /> }] : []),
          ]}
        />
      </Panel>
    </div>
  );
}

const dimensions = [1, 2, 3, 4, 5, 6];

function Scores() {
  const { t, word, language } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [run, setRun] = useState("");
  const trend = useQuery({ queryKey: ["quality", "trend"], queryFn: () => records.listQualityScores({}) });
  const check = useAction(() => records.runQualityCheck({ requestId: requestId() }), () => {
    toast("good", t("records.begun"));
    void client.invalidateQueries({ queryKey: ["quality"] });
  });
  const option = useMemo(() => {
    const scores = [...(trend.data?.qualityScores ?? [])].reverse();
    const times = [...new Set(scores.map((one) => millis(one.runTime)))];
    return {
      xAxis: { type: "category", data: times.map((at) => dateTime(at, language)) },
      yAxis: { type: "value", min: 0, max: 100, axisLabel: { formatter: "{value}%" } },
      series: dimensions.map((dimension) => ({ name: word(QualityDimensionSchema, dimension), type: "line", data: times.map((at) => { const one = scores.find((score) => score.dimension === dimension && millis(score.runTime) === at); return one ? Math.round(one.score * 1000) / 10 : null; }) })),
    };
  }, [trend.data, language]);
  return (
    <div className="stack">
      {may("customer.steward") && <div><Button type="primary" loading={check.isPending} onClick={() => check.mutate(undefined)}>{t("records.check")}</Button></div>}
      <Answer of={trend}>{(it) => (it.qualityScores.length > 0 ? <Suspense fallback={<Loading />}><Chart option={option} label={t("records.trend")} /></Suspense> : <p className="quiet">{t("records.never")}</p>)}</Answer>
      <h3>{t("records.runs")}</h3>
      <PagedTable<QualityRun>
        id={["quality", "runs"]}
        page={pageOf(records.listQualityRuns, "qualityRuns", 10)}
        selected={run}
        onOpen={(row) => setRun(row.name === run ? "" : row.name)}
        columns={[
          { title: t("campaign.from"), render: (_, row) => <Time at={millis(row.startTime)} /> },
          { title: t("campaign.to"), render: (_, row) => (row.endTime ? <Time at={millis(row.endTime)} /> : <Pill tone="warn">{t("records.going")}</Pill>) },
          { title: t("nav.customers"), align: "right", render: (_, row) => String(row.customers) },
          { title: t("records.opened"), align: "right", render: (_, row) => String(row.opened) },
          { title: t("records.resolved"), align: "right", render: (_, row) => String(row.resolved) },
        ]}
      />
      {run && <ScoresOf run={run} />}
    </div>
  );
}

function ScoresOf({ run }: { run: string }) {
  const { t, word } = useT();
  return (
    <>
      <h3>{t("records.ofRun")}</h3>
      <PagedTable<QualityScore & { name: string }>
        id={["quality", "scores", run]}
        page={async () => ({ items: (await records.listQualityScores({ run })).qualityScores.map((one) => ({ ...one, name: `${one.source} ${one.rule} ${one.dimension}` })), next: "" })}
        columns={[
          { title: t("records.dimension"), render: (_, row) => (row.rule ? word(QualityDimensionSchema, row.dimension) : <strong>{word(QualityDimensionSchema, row.dimension)}</strong>) },
          { title: t("records.rule"), render: (_, row) => (row.rule ? <code>{row.rule.split("/")[1]}</code> : "—") },
          { title: t("more.source"), render: (_, row) => row.source || t("all") },
          { title: t("records.passed"), align: "right", render: (_, row) => `${row.passed} / ${row.asked}` },
          { title: t("report.value"), align: "right", render: (_, row) => <span className={row.score < 0.9 ? "late" : ""}>{percent(row.score)}</span> },
        ]}
      />
    </>
  );
}

function Issues() {
  const { t, word, choices } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const client = useQueryClient();
  const users = useUsers();
  const who = useUserName();
  const [state, setState] = useState(0);
  const [mine, setMine] = useState(false);
  const [one, resolve] = useState<QualityIssue>();
  const again = () => void client.invalidateQueries({ queryKey: ["issues"] });
  const assign = useAction(({ name, owner }: { name: string; owner: string }) => records.assignQualityIssue({ name, owner, requestId: requestId() }), again);
  return (
    <div className="stack">
      <div className="buttons">
        <Select allowClear className="filter" aria-label={t("order.state")} placeholder={t("order.state")} value={state || undefined} onChange={(value?: number) => setState(value ?? 0)} options={choices(QualityIssue_StateSchema)} />
        <label className="inline"><Switch aria-label={t("records.mine")} checked={mine} onChange={setMine} /> {t("records.mine")}</label>
      </div>
      <PagedTable<QualityIssue>
        id={["issues", state, mine]}
        page={pageOf((page: Page) => records.listQualityIssues({ ...page, state, owner: mine ? me : "" }), "qualityIssues")}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.openTime)} /> },
          { title: t("desk.customer"), render: (_, row) => (row.customer ? <CustomerName of={row.customer} /> : row.source || "—") },
          { title: t("records.dimension"), render: (_, row) => word(QualityDimensionSchema, row.dimension) },
          { title: t("records.rule"), render: (_, row) => <code>{row.rule.split("/")[1]}</code> },
          { title: t("records.wrong"), render: (_, row) => <span className="clip">{row.details.join(", ") || "—"}</span> },
          {
            title: t("records.owner"),
            render: (_, row) =>
              may("customer.steward") && row.state === QualityIssue_State.OPEN ? (
                <Select size="small" className="filter" aria-label={t("records.owner")} showSearch={{ optionFilterProp: "label" }} value={row.owner || null} onChange={(owner) => owner && assign.mutate({ name: row.name, owner })} options={[...(users.data?.keys() ?? [])].map((value) => ({ value, label: who(value) }))} />
              ) : row.owner ? who(row.owner) : "—",
          },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.state === QualityIssue_State.OPEN ? "warn" : "good"}>{word(QualityIssue_StateSchema, row.state)}</Pill> },
          { title: t("qa.next"), render: (_, row) => (may("customer.write") && row.state === QualityIssue_State.OPEN ? <Button size="small" onClick={() => resolve(row)}>{t("records.resolve")}</Button> : row.note || "—") },
        ]}
      />
      {one && (
        <Editor<{ resolution: number; note?: string }>
          title={t("records.resolve")}
          done="issues"
          close={() => resolve(undefined)}
          initial={{ resolution: QualityIssue_State.FIXED }}
          save={(filled) => records.resolveQualityIssue({ name: one.name, resolution: filled.resolution, note: filled.note ?? "", requestId: requestId() })}
        >
          <Form.Item name="resolution" label={t("col.result")} rules={need(t("required"))}><Select options={choices(QualityIssue_StateSchema, QualityIssue_State.OPEN)} /></Form.Item>
          <Form.Item name="note" label={t("floor.reason")}><Input maxLength={256} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

interface FilledRule {
  code: string; dimension: number; attribute: number; test: number; party?: number; maxAgeDays?: number; customField?: string; weight?: number; chinese?: string; english?: string; inUse?: boolean; opensIssues?: boolean;
}

function Rules() {
  const { t, word, choices, language } = useT();
  const may = useMay();
  const [editing, edit] = useState<QualityRule | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      {may("customer.steward") && <div><Button type="primary" onClick={() => edit("new")}>{t("records.newRule")}</Button></div>}
      <PagedTable<QualityRule>
        id={["quality-rules"]}
        page={async () => ({ items: (await records.listQualityRules({})).qualityRules, next: "" })}
        {...(may("customer.steward") ? { onOpen: edit } : {})}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.name.split("/")[1]}</code> },
          { title: t("flow.name"), render: (_, row) => <Given>{localized(row.label, language) || "—"}</Given> },
          { title: t("records.dimension"), render: (_, row) => word(QualityDimensionSchema, row.dimension) },
          { title: t("records.attribute"), render: (_, row) => word(QualityRule_AttributeSchema, row.attribute) },
          { title: t("records.test"), render: (_, row) => <>{word(QualityRule_TestSchema, row.test)} {row.maxAgeDays > 0 && t("records.days", { count: row.maxAgeDays })}</> },
          { title: t("records.weight"), align: "right", render: (_, row) => row.weight || 1 },
          { title: t("records.opensIssues"), render: (_, row) => t(row.opensIssues ? "yes" : "no") },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.retired ? "plain" : "good"}>{t(row.retired ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<FilledRule>
          title={t(of ? "records.changeRule" : "records.newRule")}
          done="quality-rules"
          close={() => edit(undefined)}
          initial={of ? { ...of, chinese: of.label?.texts["zh-CN"] ?? "", english: of.label?.texts["en"] ?? "", inUse: !of.retired, weight: of.weight || 1, ...(of.party ? {} : { party: undefined as never }) } : { inUse: true, opensIssues: true, weight: 1 }}
          save={(filled) =>
            records.putQualityRule({
              qualityRule: {
                name: of?.name ?? `qualityRules/${filled.code}`, dimension: filled.dimension, attribute: filled.attribute, test: filled.test, party: filled.party ?? 0, maxAgeDays: filled.maxAgeDays ?? 0,
                customField: filled.customField ?? "", weight: filled.weight ?? 1, label: { texts: { "zh-CN": filled.chinese ?? "", en: filled.english ?? "" } }, retired: !filled.inUse, opensIssues: filled.opensIssues ?? false,
              },
              requestId: requestId(),
            })
          }
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{0,62}$/, message: t("admin.codeForm") }]}><Input /></Form.Item>}
          <Form.Item name="dimension" label={t("records.dimension")} rules={need(t("required"))}><Select options={choices(QualityDimensionSchema)} /></Form.Item>
          <Form.Item name="attribute" label={t("records.attribute")} rules={need(t("required"))}><Select options={choices(QualityRule_AttributeSchema)} /></Form.Item>
          <Form.Item name="test" label={t("records.test")} rules={need(t("required"))}><Select options={choices(QualityRule_TestSchema)} /></Form.Item>
          <Form.Item name="party" label={t("records.party")}><Select allowClear placeholder={t("all")} options={choices(QualityRule_PartySchema)} /></Form.Item>
          <Form.Item name="maxAgeDays" label={t("records.maxAge")}><InputNumber min={0} max={36500} /></Form.Item>
          <Form.Item name="customField" label={t("records.field")}><Input maxLength={63} /></Form.Item>
          <Form.Item name="weight" label={t("records.weight")}><InputNumber min={1} max={100} /></Form.Item>
          <Form.Item name="chinese" label="中文"><Input maxLength={100} /></Form.Item>
          <Form.Item name="english" label="English"><Input maxLength={100} /></Form.Item>
          <Form.Item name="opensIssues" label={t("records.opensIssues")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="inUse" label={t("admin.on")} valuePropName="checked"><Switch /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

const piece = 256 * 1024;

/** A file goes over piece by piece; what was taken already is not sent again. */
async function upload(sourceSystem: string, file: File, told: (job: SyncJob) => void) {
  let job = await stewards.startSync({ sourceSystem, fileName: file.name, requestId: requestId() });
  while (job.state === SyncJob_State.RUNNING) {
    told(job);
    const from = Number(job.offset);
    const data = new Uint8Array(await file.slice(from, from + piece).arrayBuffer());
    job = await stewards.uploadSyncPiece({ name: job.name, offset: job.offset, data, last: from + data.length >= file.size, requestId: requestId() });
  }
  return job;
}

function Sources() {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [editing, edit] = useState<SourceSystem | "new">();
  const [job, setJob] = useState<SyncJob>();
  const picker = useRef<HTMLInputElement>(null);
  const [into, setInto] = useState("");
  const of = editing === "new" ? undefined : editing;
  const send = useAction((file: File) => upload(into, file, setJob), (done) => {
    setJob(done);
    void client.invalidateQueries({ queryKey: ["source-systems"] });
  });
  return (
    <div className="stack">
      {may("customer.steward") && <div><Button type="primary" onClick={() => edit("new")}>{t("records.newSource")}</Button></div>}
      <PagedTable<SourceSystem>
        id={["source-systems"]}
        page={async () => ({ items: (await stewards.listSourceSystems({})).sourceSystems, next: "" })}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.name.split("/")[1]}</code> },
          { title: t("flow.name"), render: (_, row) => row.displayName || "—" },
          { title: t("records.rank"), align: "right", dataIndex: "trustRank" },
          { title: t("records.watermark"), render: (_, row) => <Time at={millis(row.watermark)} /> },
          { title: t("records.lastSync"), render: (_, row) => <Time at={millis(row.lastSyncTime)} /> },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                {may("customer.steward") && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                {may("customer.import") && <Button size="small" loading={send.isPending && into === row.name} onClick={() => (setInto(row.name), picker.current?.click())}>{t("records.import")}</Button>}
              </span>
            ),
          },
        ]}
      />
      <input
        ref={picker}
        type="file"
        accept=".csv,text/csv"
        hidden
        aria-label={t("records.import")}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) send.mutate(file);
          target.value = "";
        }}
      />
      {job && (
        <section aria-live="polite" className="stack">
          <h3><Given>{job.fileName}</Given></h3>
          <Facts
            columns={3}
            of={[
              { label: t("order.state"), value: word(SyncJob_StateSchema, job.state) },
              { label: t("records.rows"), value: String(job.rows) },
              { label: word(IngestResult_OutcomeSchema, 1), value: String(job.created) },
              { label: word(IngestResult_OutcomeSchema, 2), value: String(job.updated) },
              { label: word(IngestResult_OutcomeSchema, 3), value: String(job.unchanged) },
              { label: word(IngestResult_OutcomeSchema, 4), value: String(job.rejected) },
            ]}
          />
          {job.state === SyncJob_State.DONE && (
            <PagedTable
              id={["sync-results", job.name]}
              page={async (pageToken) => {
                const page = await stewards.listSyncResults({ parent: job.name, pageSize: 50, pageToken });
                return { items: page.results.map((one, index) => ({ ...one, name: `${pageToken}${index}` })), next: page.nextPageToken };
              }}
              columns={[
                { title: t("more.key"), dataIndex: "key" },
                { title: t("col.result"), render: (_, row) => <Pill tone={row.outcome === 4 ? "bad" : "good"}>{word(IngestResult_OutcomeSchema, row.outcome)}</Pill> },
                { title: t("desk.customer"), render: (_, row) => (row.customer ? <CustomerName of={row.customer} /> : "—") },
                { title: t("records.wrong"), render: (_, row) => [row.reason, ...row.violations].filter(Boolean).join("; ") || "—" },
              ]}
            />
          )}
        </section>
      )}
      {editing && (
        <Editor<{ code: string; displayName?: string; rank: number }>
          title={t(of ? "records.changeSource" : "records.newSource")}
          done="source-systems"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, rank: of.trustRank } : { rank: 50 }}
          save={(filled) => stewards.putSourceSystem({ sourceSystem: { name: of?.name ?? `sourceSystems/${filled.code}`, displayName: filled.displayName ?? "", trustRank: filled.rank }, requestId: requestId() })}
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9_-]{0,31}$/, message: t("campaign.codeForm") }]}><Input /></Form.Item>}
          <Form.Item name="displayName" label={t("flow.name")}><Input maxLength={64} /></Form.Item>
          <Form.Item name="rank" label={t("records.rank")} rules={need(t("required"))}><InputNumber min={1} max={1000} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

interface FilledPolicy {
  merge?: number;
  review?: number;
  rules: { conditions: { attribute: number; atLeast: number }[] }[];
  mergeUpTo?: number;
  reviewUpTo?: number;
}

/** What the customers themselves taught of who is who: how much each agreement speaks for one customer. */
function Learnt() {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const model = useQuery({ queryKey: ["match-model"], queryFn: () => stewards.getMatchModel({}), refetchInterval: ({ state }) => (state.data?.state === MatchModel_State.LEARNING || state.data?.state === MatchModel_State.ASKING ? 2_000 : false) });
  const learn = useAction(() => stewards.learnMatchModel({ requestId: requestId() }), (begun) => client.setQueryData(["match-model"], begun));
  const chance = (of: number) => (of === 0 ? "—" : of < 0.0001 ? of.toExponential(1) : of.toFixed(4));
  return (
    <Answer of={model}>
      {(it) => (
        <div className="stack">
          <div className="buttons">
            {may("customer.steward") && <Button loading={learn.isPending} onClick={() => learn.mutate(undefined)}>{t("records.learn")}</Button>}
            {it.state !== 0 && <Pill tone={it.state === MatchModel_State.DONE ? "good" : "warn"}>{word(MatchModel_StateSchema, it.state)}</Pill>}
            {it.state !== 0 && <span className="quiet">{t("records.swept", { customers: String(it.customers), cases: String(it.cases) })} <Time at={millis(it.endTime ?? it.startTime)} /></span>}
          </div>
          {([["records.people", it.people], ["records.organisations", it.organisations]] as const).map(([title, weights]) =>
            !weights || weights.records === 0n ? null : (
              <section key={title}>
                <h3>{t(title)}</h3>
                <p className="quiet">{t("records.learntFrom", { records: String(weights.records), pairs: String(weights.pairs) })}</p>
                <table className="plain">
                  <thead>
                    <tr>
                      <th scope="col">{t("duplicates.field")}</th>
                      <th scope="col">{t("duplicates.alike")}</th>
                      <th scope="col" className="n">{t("records.ofOne")}</th>
                      <th scope="col" className="n">{t("records.ofTwo")}</th>
                      <th scope="col" className="n">{t("duplicates.weight")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {weights.attributes.flatMap((attribute) =>
                      attribute.chances.map((one) => (
                        <tr key={`${attribute.attribute} ${one.agreement}`}>
                          <td>{word(MatchCondition_AttributeSchema, attribute.attribute)}</td>
                          <td>{one.agreement ? word(AgreementSchema, one.agreement) : t("records.unknown")}</td>
                          <td className="n">{chance(one.ofOne)}</td>
                          <td className="n">{chance(one.ofTwo)}</td>
                          <td className="n">{one.weight.toFixed(1)}</td>
                        </tr>
                      )),
                    )}
                  </tbody>
                </table>
              </section>
            ),
          )}
        </div>
      )}
    </Answer>
  );
}

/** When two records are one customer: rules from the strictest on. */
function Matching() {
  const { t, choices } = useT();
  const may = useMay();
  const client = useQueryClient();
  const policy = useQuery({ queryKey: ["match-policy"], queryFn: () => stewards.getMatchPolicy({}) });
  const save = useAction(
    (filled: FilledPolicy) => stewards.updateMatchPolicy({ policy: { ...policy.data!, rules: filled.rules.map(({ conditions }) => ({ $typeName: "carillon.customer.v1.MatchRule" as const, conditions: conditions.map((one) => ({ $typeName: "carillon.customer.v1.MatchCondition" as const, ...one })) })), mergeUpTo: filled.mergeUpTo ?? 0, reviewUpTo: filled.reviewUpTo ?? 0, mergeProbability: (filled.merge ?? 0) / 100, reviewProbability: (filled.review ?? 0) / 100 }, requestId: requestId() }),
    (kept) => (client.setQueryData(["match-policy"], kept), toast("good", t("saved"))),
  );
  const can = may("customer.steward");
  return (
    <Answer of={policy}>
      {(it) => (
        <Form<FilledPolicy> layout="vertical" disabled={!can} onFinish={(filled) => save.mutate(filled)} initialValues={{ merge: Number((it.mergeProbability * 100).toFixed(4)), review: Number((it.reviewProbability * 100).toFixed(4)), mergeUpTo: it.mergeUpTo, reviewUpTo: it.reviewUpTo, rules: it.rules.map(({ conditions }) => ({ conditions: conditions.map(({ attribute, atLeast }) => ({ attribute, atLeast })) })) }}>
          <p className="quiet">{t("records.matchHelp")}</p>
          <div className="form-grid">
            <Form.Item name="mergeUpTo" label={t("records.mergeUpTo")}><InputNumber min={0} max={15} /></Form.Item>
            <Form.Item name="reviewUpTo" label={t("records.reviewUpTo")}><InputNumber min={0} max={15} /></Form.Item>
            <Form.Item name="merge" label={t("records.mergeProbability")}><InputNumber min={0} max={100} step={0.01} /></Form.Item>
            <Form.Item name="review" label={t("records.reviewProbability")}><InputNumber min={0} max={100} step={0.01} /></Form.Item>
          </div>
          <Form.List name="rules">
            {(rules, { add, remove }) => (
              <div className="stack">
                {rules.map(({ key, name }) => (
                  <div key={key} className="buttons" role="group" aria-label={t("records.level", { level: name + 1 })}>
                    <strong>{name + 1}</strong>
                    <Form.List name={[name, "conditions"]}>
                      {(conditions, inner) => (
                        <>
                          {conditions.map((one) => (
                            <span key={one.key} className="buttons">
                              <Form.Item noStyle name={[one.name, "attribute"]} rules={need(t("required"))}><Select className="filter" aria-label={t("duplicates.field")} options={choices(MatchCondition_AttributeSchema)} /></Form.Item>
                              <Form.Item noStyle name={[one.name, "atLeast"]} rules={need(t("required"))}><Select className="filter" aria-label={t("records.atLeast")} options={choices(AgreementSchema, 5)} /></Form.Item>
                              {conditions.length > 1 && <Button size="small" onClick={() => inner.remove(one.name)} aria-label={t("admin.remove")}>×</Button>}
                            </span>
                          ))}
                          <Button size="small" onClick={() => inner.add({ atLeast: 1 })}>{t("records.and")}</Button>
                        </>
                      )}
                    </Form.List>
                    {rules.length > 1 && <Button size="small" onClick={() => remove(name)}>{t("admin.remove")}</Button>}
                  </div>
                ))}
                {can && (
                  <div className="buttons">
                    <Button onClick={() => add({ conditions: [{ atLeast: 1 }] })}>{t("records.addRule")}</Button>
                    <Button type="primary" htmlType="submit" loading={save.isPending}>{t("save")}</Button>
                  </div>
                )}
              </div>
            )}
          </Form.List>
        </Form>
      )}
    </Answer>
  );
}

interface FilledField {
  key: string; kind: number; chinese: string; english: string; choices?: string[]; required?: boolean; masked?: boolean; indexed?: boolean; inUse?: boolean;
}

/** The fields that the operator adds to customers. */
function Fields() {
  const { t, word, choices, language } = useT();
  const may = useMay();
  const [editing, edit] = useState<CustomField | "new">();
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      {may("customer.steward") && <div><Button type="primary" onClick={() => edit("new")}>{t("records.newField")}</Button></div>}
      <PagedTable<CustomField>
        id={["customer-fields"]}
        page={async () => ({ items: (await privacy.listCustomFields({})).customFields, next: "" })}
        {...(may("customer.steward") ? { onOpen: edit } : {})}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.name.split("/")[1]}</code> },
          { title: t("flow.name"), render: (_, row) => <Given>{localized(row.label, language) || "—"}</Given> },
          { title: t("order.type"), render: (_, row) => word(CustomField_KindSchema, row.kind) },
          { title: t("records.choices"), render: (_, row) => row.choices.join(", ") || "—" },
          { title: t("required"), render: (_, row) => t(row.required ? "yes" : "no") },
          { title: t("records.masked"), render: (_, row) => t(row.masked ? "yes" : "no") },
          { title: t("records.indexed"), render: (_, row) => t(row.indexed ? "yes" : "no") },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.retired ? "plain" : "good"}>{t(row.retired ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<FilledField>
          title={t(of ? "records.changeField" : "records.newField")}
          done="customer-fields"
          close={() => edit(undefined)}
          initial={of ? { kind: of.kind, chinese: of.label?.texts["zh-CN"] ?? "", english: of.label?.texts["en"] ?? "", choices: of.choices, required: of.required, masked: of.masked, indexed: of.indexed, inUse: !of.retired } : { inUse: true, kind: 1 }}
          save={(filled) =>
            privacy.putCustomField({
              customField: {
                name: of?.name ?? `customFields/${filled.key}`, kind: filled.kind, label: { texts: { "zh-CN": filled.chinese, en: filled.english } }, choices: filled.choices ?? [],
                required: filled.required ?? false, masked: filled.masked ?? false, indexed: filled.indexed ?? false, retired: !filled.inUse,
              },
              requestId: requestId(),
            })
          }
        >
          {!of && <Form.Item name="key" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z][a-z0-9_]{0,62}$/, message: t("records.keyForm") }]}><Input /></Form.Item>}
          <Form.Item name="kind" label={t("order.type")} rules={need(t("required"))}><Select disabled={Boolean(of)} options={choices(CustomField_KindSchema)} /></Form.Item>
          <Form.Item name="chinese" label="中文" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="english" label="English" rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="choices" label={t("records.choices")} className="wide"><Select mode="tags" open={false} /></Form.Item>
          <Form.Item name="required" label={t("required")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="masked" label={t("records.masked")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="indexed" label={t("records.indexed")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="inUse" label={t("admin.on")} valuePropName="checked"><Switch /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

/** Who was erased, why, and what the law has us keep: nobody's name is in it. */
function Erasures() {
  const { t } = useT();
  const who = useUserName();
  const reasons = useCodes("ERASURE_REASON");
  return (
    <PagedTable
      id={["erasures"]}
      page={async (pageToken) => {
        const page = await privacy.listErasures({ pageSize: 50, pageToken });
        return { items: page.erasures.map((one) => ({ ...one, name: one.customer })), next: page.nextPageToken };
      }}
      columns={[
        { title: t("col.time"), render: (_, row) => <Time at={millis(row.eraseTime)} /> },
        { title: t("desk.customer"), render: (_, row) => <code>{row.customer.split("/")[1]}</code> },
        { title: t("floor.reason"), render: (_, row) => <Given>{reasons.label(row.reason)}</Given> },
        { title: t("admin.who"), render: (_, row) => (row.erasedBy.startsWith("users/") ? who(row.erasedBy) : row.erasedBy) },
        { title: t("records.kept"), render: (_, row) => <>{row.kept.map((one) => <div key={one.kind}><code>{one.kind}</code> {String(one.count)} · <Time at={millis(one.untilTime)} /></div>)}</> },
      ]}
    />
  );
}
