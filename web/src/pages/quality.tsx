import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, InputNumber, Popconfirm, Radio, Select, Tabs } from "antd";
import { useState } from "react";
import { evaluations, sampling, scorecards } from "../api/back-office";
import { all, idOf, interactions, type Page, pageOf, requestId } from "../api/clients";
import { useAgentName, useAgents } from "../api/names";
import { useUnmask } from "../api/purpose";
import { useMay } from "../api/session";
import { businessNow, isoDay, lasting, millis } from "../api/time";
import {
  Direction, DirectionSchema, Evaluation_GradeSchema, Evaluation_Level, Evaluation_LevelSchema, Evaluation_State, Evaluation_StateSchema, LengthBandSchema, SamplePlan_StateSchema,
  SamplePlan_State, Scorecard_Kind, TimeBandSchema, type Evaluation, type SamplePlan, type ScorecardRevision,
} from "../gen/carillon/qa/v1/qa_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { useKeys } from "../ui/keys";
import { Answer, Facts, Given, Key, PageHead, Panel, Personal, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { CallTimeline } from "./call-timeline";
import { Card, Cards, Scores } from "./scorecards";

const tone = (of: Evaluation): Tone =>
  of.state === Evaluation_State.DRAWN ? "warn" : of.vetoes.length > 0 || !of.passed ? "bad" : "good";
const points = (hundredths: number | undefined) => (hundredths === undefined ? "—" : (hundredths / 100).toFixed(2));

export default function QualityPage() {
  const [, id, card] = usePath();
  if (id === "cards" && card) return <Card id={card} />;
  return id ? <One id={id} /> : <All />;
}

function All() {
  const { t, word, choices } = useT();
  const may = useMay();
  const names = useAgents(may("routing.read"));
  const [state, setState] = useState(0);
  const [agent, setAgent] = useState("");
  const agentName = useAgentName(may("routing.read"));
  const list = (
    <PagedTable<Evaluation>
      id={["evaluations", state, agent]}
      page={pageOf((page: Page) => evaluations.listEvaluations({ ...page, state, agent }), "evaluations")}
      onOpen={(row) => navigate(`/quality/${idOf(row.name)}`)}
      columns={[
        { title: t("floor.agent"), render: (_, row) => <Link to={`/quality/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{agentName(row.agent)}</Link> },
        { title: t("order.state"), render: (_, row) => <Pill tone={tone(row)}>{word(Evaluation_StateSchema, row.state)}</Pill> },
        { title: t("qa.total"), align: "right", render: (_, row) => (row.state === Evaluation_State.DRAWN ? "—" : points(row.total)) },
        { title: t("qa.grade"), render: (_, row) => word(Evaluation_GradeSchema, row.grade) },
        { title: t("qa.band"), render: (_, row) => `${word(TimeBandSchema, row.timeBand)} · ${word(LengthBandSchema, row.lengthBand)}` },
        { title: t("qa.probability"), align: "right", render: (_, row) => row.inclusionProbability.toFixed(2) },
        { title: t("col.talk"), align: "right", render: (_, row) => lasting(row.talkDuration) },
        { title: t("qa.callTime"), render: (_, row) => <Time at={millis(row.interactionEndTime)} /> },
      ]}
    />
  );
  const filters = (
    <div className="buttons">
      <Select allowClear className="filter" aria-label={t("order.state")} placeholder={t("order.state")} value={state || undefined} onChange={(value?: number) => setState(value ?? 0)} options={choices(Evaluation_StateSchema)} />
      {names.data && <Select allowClear showSearch={{ optionFilterProp: "label" }} className="filter" aria-label={t("floor.agent")} placeholder={t("floor.agent")} value={agent || undefined} onChange={(value?: string) => setAgent(value ?? "")} options={[...names.data.values()].map((one) => ({ value: one.name, label: one.displayName }))} />}
    </div>
  );
  return (
    <div className="stack">
      <PageHead title={t("nav.quality")} />
      <Panel>
        <Tabs
          items={[
            { key: "evaluations", label: t("qa.evaluations"), children: <div className="stack">{filters}{list}</div> },
            ...(may("qa.read") ? [{ key: "plans", label: t("qa.plans"), children: <Plans /> }, { key: "cards", label: t("qa.scorecards"), children: <Cards /> }] : []),
            { key: "scores", label: t("card.scores"), children: <Scores /> },
          ]}
        />
      </Panel>
    </div>
  );
}

function Plans() {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const draw = useAction((plan: SamplePlan) => sampling.drawSamples({ name: plan.name, etag: plan.etag, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["plans"] }));
  const open = useAction((plan: SamplePlan) => sampling.openSamplePlan({ name: plan.name, etag: plan.etag, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["plans"] }));
  const close = useAction((plan: SamplePlan) => sampling.closeSamplePlan({ name: plan.name, etag: plan.etag, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["plans"] }));
  const [changing, change] = useState<SamplePlan>();
  const total = (plan: SamplePlan, of: "planned" | "drawn" | "eligible") => plan.quotas.reduce((sum, one) => sum + one[of], 0);
  const [adding, add] = useState(false);
  return (
    <div className="stack">
    {may("qa.plan") && <div><Button type="primary" onClick={() => add(true)}>{t("qa.newPlan")}</Button></div>}
    {adding && <EditPlan close={() => add(false)} />}
    {changing && <EditPlan of={changing} close={() => change(undefined)} />}
    <PagedTable<SamplePlan>
      id={["plans"]}
      page={async (pageToken) => {
        const page = await sampling.listSamplePlans({ pageSize: 50, pageToken });
        // The list leaves the quotas out.
        return { items: await Promise.all(page.samplePlans.map(({ name }) => sampling.getSamplePlan({ name }))), next: page.nextPageToken };
      }}
      columns={[
        { title: t("qa.plan"), dataIndex: "displayName" },
        { title: t("order.state"), render: (_, row) => <Pill>{word(SamplePlan_StateSchema, row.state)}</Pill> },
        { title: t("qa.days"), render: (_, row) => `${dayOf(row.startDate)} – ${dayOf(row.endDate)}` },
        { title: t("qa.seed"), dataIndex: "seed" },
        { title: t("qa.members"), align: "right", render: (_, row) => row.members.length },
        { title: t("qa.planned"), align: "right", render: (_, row) => total(row, "planned") },
        { title: t("qa.eligible"), align: "right", render: (_, row) => total(row, "eligible") },
        { title: t("qa.drawn"), align: "right", render: (_, row) => total(row, "drawn") },
        {
          title: t("qa.next"),
          render: (_, row) => (
            <span className="buttons">
              {row.state === SamplePlan_State.DRAFT && may("qa.plan") && <Button size="small" loading={open.isPending} onClick={() => open.mutate(row)}>{t("qa.open")}</Button>}
              {row.state === SamplePlan_State.DRAFT && may("qa.plan") && <Button size="small" onClick={() => change(row)}>{t("admin.change")}</Button>}
              {row.state === SamplePlan_State.OPEN && may("qa.evaluate") && <Popconfirm title={t("qa.drawAsk")} onConfirm={() => draw.mutate(row)}><Button size="small" loading={draw.isPending}>{t("qa.draw")}</Button></Popconfirm>}
              {(row.state === SamplePlan_State.DRAWN || row.state === SamplePlan_State.OPEN) && may("qa.plan") && <Popconfirm title={t("qa.closeAsk")} onConfirm={() => close.mutate(row)}><Button size="small" loading={close.isPending}>{t("campaign.do.close")}</Button></Popconfirm>}
              {row.state === SamplePlan_State.CLOSED && "—"}
            </span>
          ),
        },
      ]}
    />
    </div>
  );
}

const dated = (day: string) => {
  const [year, month, date] = day.split("-").map(Number);
  return { year: year!, month: month!, day: date! };
};

const dayOf = (of?: { year: number; month: number; day: number }) => (of ? `${of.year}-${String(of.month).padStart(2, "0")}-${String(of.day).padStart(2, "0")}` : "");

interface FilledPlan {
  displayName: string;
  from: string;
  until: string;
  cards: string[];
  members?: string[];
  count: number;
  minutes?: number;
  focus?: number;
  steady?: number;
  seed?: string;
}

/** Whose conversations of which days are drawn, how many, and by which sheet they are judged. */
function EditPlan({ of, close }: { of?: SamplePlan; close: () => void }) {
  const { t } = useT();
  const may = useMay();
  const agents = useAgents(may("routing.read"));
  const cards = useQuery({ queryKey: ["scorecards-all"], queryFn: () => all(pageOf(scorecards.listScorecards, "scorecards", 200)) });
  const usable = (cards.data ?? []).filter(({ activeRevision }) => activeRevision);
  return (
    <Editor<FilledPlan>
      title={t(of ? "qa.changePlan" : "qa.newPlan")}
      done="plans"
      close={close}
      initial={of ? {
        displayName: of.displayName, from: dayOf(of.startDate), until: dayOf(of.endDate), cards: [...new Set(of.scorecards.map(({ scorecard }) => scorecard))], members: of.members.map(({ agent }) => agent), count: of.targetCount || 30,
        minutes: of.targetMinutes || 105, focus: of.focusCount || 40, steady: of.steadyCount ?? 10, seed: of.seed,
      } : { count: 30, minutes: 105, focus: 40, steady: 10, from: isoDay(businessNow()), until: isoDay(businessNow()) }}
      save={(filled) => {
        const plan = {
          displayName: filled.displayName, startDate: dated(filled.from), endDate: dated(filled.until), targetCount: filled.count, targetMinutes: filled.minutes ?? 0, focusCount: filled.focus ?? 0, steadyCount: filled.steady ?? 10, seed: filled.seed ?? "",
          scorecards: filled.cards.map((scorecard) => ({ scorecard, direction: usable.find(({ name }) => name === scorecard)?.kind === Scorecard_Kind.TSR ? Direction.OUTBOUND : Direction.INBOUND })),
          members: (filled.members ?? []).map((agent) => ({ agent })),
        };
        return of
          ? sampling.updateSamplePlan({ samplePlan: { ...plan, name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "start_date", "end_date", "target_count", "target_minutes", "focus_count", "steady_count", "seed", "scorecards", "members"] }, requestId: requestId() })
          : sampling.createSamplePlan({ samplePlan: { ...plan, client: usable.find(({ name }) => name === filled.cards[0])?.client ?? "" }, requestId: requestId() });
      }}
    >
      <Form.Item name="displayName" label={t("qa.plan")} rules={need(t("required"))} className="wide"><Input maxLength={100} /></Form.Item>
      <Form.Item name="from" label={t("campaign.from")} rules={need(t("required"))}><Input type="date" /></Form.Item>
      <Form.Item name="until" label={t("campaign.to")} rules={need(t("required"))}><Input type="date" /></Form.Item>
      <Form.Item name="cards" label={t("qa.scorecards")} rules={need(t("required"))} className="wide"><Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={usable.map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>
      {agents.data && <Form.Item name="members" label={t("qa.who")} className="wide"><Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t("qa.everybody")} options={[...agents.data.values()].map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>}
      <Form.Item name="count" label={t("qa.perAgent")} rules={need(t("required"))}><InputNumber min={20} max={40} /></Form.Item>
      <Form.Item name="minutes" label={t("qa.minutes")}><InputNumber min={90} max={120} /></Form.Item>
      <Form.Item name="focus" label={t("qa.focus")}><InputNumber min={20} max={40} /></Form.Item>
      <Form.Item name="steady" label={t("qa.steady")}><InputNumber min={0} max={20} /></Form.Item>
      <Form.Item name="seed" label={t("qa.seed")}><Input maxLength={64} placeholder={t("qa.seedMade")} /></Form.Item>
    </Editor>
  );
}

function One({ id }: { id: string }) {
  const { t, word, code } = useT();
  const may = useMay();
  const name = `evaluations/${id}`;
  const agentName = useAgentName(may("routing.read"));
  const evaluation = useQuery({ queryKey: ["evaluation", name], queryFn: () => evaluations.getEvaluation({ name }) });
  const revision = useQuery({
    queryKey: ["revision", evaluation.data?.scorecardRevision],
    queryFn: () => scorecards.getScorecardRevision({ name: evaluation.data!.scorecardRevision }),
    enabled: Boolean(evaluation.data?.scorecardRevision),
    staleTime: Infinity,
  });
  const call = useQuery({
    queryKey: ["interaction", evaluation.data?.interaction],
    queryFn: () => interactions.getInteraction({ name: evaluation.data!.interaction }),
    enabled: Boolean(evaluation.data?.interaction) && may("routing.read"),
  });
  const unmask = useUnmask(evaluation.data?.interaction ?? "");
  return (
    <Answer of={evaluation}>
      {(it) => (
        <div className="stack">
          <PageHead title={<>{t("qa.evaluation")} · <Given>{agentName(it.agent)}</Given></>}>
            <Pill tone={tone(it)}>{word(Evaluation_StateSchema, it.state)}</Pill>
            <Link to="/quality">{t("qa.back")}</Link>
          </PageHead>
          <div className="split split-reverse">
            <div className="stack">
              <Panel title={t("qa.sample")}>
                <Facts
                  of={[
                    { label: t("qa.stratum"), value: `${word(DirectionSchema, it.direction)} · ${word(TimeBandSchema, it.timeBand)} · ${word(LengthBandSchema, it.lengthBand)}` },
                    { label: t("qa.probability"), value: t("qa.drawnOf", { p: it.inclusionProbability.toFixed(3), drawn: it.stratumDrawn, size: it.stratumSize }) },
                    { label: t("qa.callTime"), value: <Time at={millis(it.interactionEndTime)} /> },
                    { label: t("col.talk"), value: lasting(it.talkDuration) },
                    { label: t("desk.onHold"), value: lasting(it.holdDuration) },
                    { label: t("col.result"), value: code(it.direction === 2 ? "Disposition" : "disposition", it.disposition) },
                    it.holdHint !== 0 && { label: t("qa.holdHint"), value: word(Evaluation_LevelSchema, it.holdHint) },
                  ]}
                />
              </Panel>
              <Panel title={t("desk.callFacts")}>
                {call.data ? (
                  <Facts
                    of={[
                      { label: t("col.number"), value: <Personal value={call.data.callingNumber} unmask={unmask} /> },
                      { label: t("desk.waited"), value: lasting(call.data.waitDuration) },
                      { label: t("desk.menu"), value: call.data.menuPath.join(" › ") },
                      { label: t("wrap.note"), value: call.data.note },
                    ]}
                  />
                ) : (
                  <p className="quiet">—</p>
                )}
              </Panel>
              {call.data && <Panel title={t("qa.timeline")}><CallTimeline of={call.data} /></Panel>}
            </div>
            <Answer of={revision}>{(sheet) => <Sheet key={`${it.etag}`} of={it} sheet={sheet} />}</Answer>
          </div>
        </div>
      )}
    </Answer>
  );
}

const levels = [Evaluation_Level.FULL, Evaluation_Level.MINOR, Evaluation_Level.MAJOR, Evaluation_Level.ZERO];

/** The scorecard: every item gets a level, the total shows as the service will reckon it. */
function Sheet({ of, sheet }: { of: Evaluation; sheet: ScorecardRevision }) {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const content = sheet.content!;
  const items = content.sections.flatMap((section) => section.items);
  const [answers, setAnswers] = useState<Record<string, Evaluation_Level>>(() => Object.fromEntries(of.answers.map((one) => [one.item, one.level])));
  const [remarks, setRemarks] = useState<Record<string, string>>(() => Object.fromEntries(of.answers.map((one) => [one.item, one.comment])));
  const [vetoes, setVetoes] = useState<string[]>(of.vetoes);
  const [comment, setComment] = useState(of.comment);
  const [at, setAt] = useState(0);
  const editable = may("qa.evaluate") && (of.state === Evaluation_State.DRAWN || of.state === Evaluation_State.SCORED);
  const took = (changed: Evaluation) => {
    client.setQueryData(["evaluation", of.name], changed);
    void client.invalidateQueries({ queryKey: ["evaluations"] });
  };
  const submit = useAction(
    () =>
      evaluations.submitScore({
        name: of.name,
        etag: of.etag,
        vetoes,
        comment,
        answers: items.map((item) => ({ item: item.code, level: answers[item.code] ?? 0, comment: remarks[item.code] ?? "" })),
        requestId: requestId(),
      }),
    took,
  );
  const publish = useAction(() => evaluations.publishEvaluation({ name: of.name, etag: of.etag, requestId: requestId() }), took);
  const acknowledge = useAction(() => evaluations.acknowledgeEvaluation({ name: of.name, etag: of.etag, comment: "", requestId: requestId() }), took);
  const missing = items.filter((item) => !answers[item.code]).length;
  const share = { [Evaluation_Level.FULL]: 100, [Evaluation_Level.MINOR]: content.minorPercent ?? 50, [Evaluation_Level.MAJOR]: content.majorPercent ?? 25, [Evaluation_Level.ZERO]: 0 } as Record<number, number>;
  let earned = 0;
  let possible = 0;
  for (const item of items) {
    const level = answers[item.code];
    if (!level || level === Evaluation_Level.NOT_APPLICABLE) continue;
    earned += item.weight * share[level]!;
    possible += item.bonus ? 0 : item.weight * 100;
  }
  const total = vetoes.length > 0 ? 0 : possible > 0 ? (Math.min(earned, possible) / possible) * 100 : undefined;
  const set = (index: number, level: Evaluation_Level) => {
    const item = items[index];
    if (!item || !editable || (level === Evaluation_Level.NOT_APPLICABLE && !item.notApplicableAllowed)) return;
    setAnswers((before) => ({ ...before, [item.code]: level }));
    setAt(Math.min(index + 1, items.length - 1));
  };
  useKeys(
    editable
      ? {
          ArrowDown: () => setAt(Math.min(at + 1, items.length - 1)),
          ArrowUp: () => setAt(Math.max(at - 1, 0)),
          ...Object.fromEntries(levels.map((level, index) => [String(index + 1), () => set(at, level)])),
          n: () => set(at, Evaluation_Level.NOT_APPLICABLE),
          "quality.submit": () => missing === 0 && submit.mutate(undefined),
        }
      : {},
  );
  return (
    <Panel
      title={t("qa.sheet", { number: sheet.number })}
      extra={
        <span>
          {editable && missing > 0 && <span className="quiet">{t("qa.left", { count: missing })} · </span>}
          <strong className={total !== undefined && total < content.passMark ? "late" : ""}>{of.state === Evaluation_State.DRAWN || editable ? (total === undefined ? "—" : total.toFixed(2)) : points(of.total)}</strong> / 100
        </span>
      }
    >
      <div className="stack sheet">
        {content.sections.map((section) => (
          <section key={section.code} aria-label={section.displayName}>
            <h3 translate="no">{section.displayName}</h3>
            {section.items.map((item) => {
              const index = items.indexOf(item);
              return (
                <div key={item.code} className={`sheet-item ${editable && index === at ? "here" : ""}`} onClick={() => setAt(index)}>
                  <div>
                    <strong>{item.displayName}</strong> <span className="quiet">{item.code} · {t("qa.weight", { weight: item.weight })}</span>
                    {item.definition && <p className="quiet">{item.definition}</p>}
                  </div>
                  <Radio.Group
                    size="small"
                    optionType="button"
                    disabled={!editable}
                    aria-label={item.displayName}
                    value={answers[item.code]}
                    onChange={({ target }) => set(index, target.value as Evaluation_Level)}
                    options={[...levels, ...(item.notApplicableAllowed ? [Evaluation_Level.NOT_APPLICABLE] : [])].map((level) => ({ value: level, label: word(Evaluation_LevelSchema, level) }))}
                  />
                  {(remarks[item.code] || (editable && (answers[item.code] ?? 1) > 1)) && (
                    <Input size="small" disabled={!editable} aria-label={`${item.displayName} ${t("qa.remark")}`} placeholder={t("qa.remark")} value={remarks[item.code] ?? ""} onChange={({ target }) => setRemarks({ ...remarks, [item.code]: target.value })} />
                  )}
                </div>
              );
            })}
          </section>
        ))}
        {content.vetoes.length > 0 && (
          <section>
            <h3>{t("qa.vetoes")}</h3>
            <Checkbox.Group disabled={!editable} value={vetoes} onChange={(value) => setVetoes(value as string[])} options={content.vetoes.map((one) => ({ value: one.code, label: <Given>{one.displayName}</Given> }))} />
          </section>
        )}
        <Input.TextArea rows={2} disabled={!editable} aria-label={t("qa.comment")} placeholder={t("qa.comment")} value={comment} onChange={({ target }) => setComment(target.value)} />
        <div className="buttons">
          {editable && (
            <Button type="primary" disabled={missing > 0} loading={submit.isPending} onClick={() => submit.mutate(undefined)}>
              {t("qa.submit")} <Key of="quality.submit" />
            </Button>
          )}
          {may("qa.evaluate") && of.state === Evaluation_State.SCORED && (
            <Button loading={publish.isPending} onClick={() => publish.mutate(undefined)}>{t("qa.publish")}</Button>
          )}
          {may("qa.acknowledge") && of.state === Evaluation_State.PUBLISHED && (
            <Button type="primary" loading={acknowledge.isPending} onClick={() => acknowledge.mutate(undefined)}>{t("qa.acknowledge")}</Button>
          )}
          {of.state !== Evaluation_State.DRAWN && <span className="quiet">{word(Evaluation_GradeSchema, of.grade)} · {t(of.passed ? "qa.passed" : "qa.failed")}</span>}
        </div>
        {editable && <p className="quiet">{t("qa.keys")}</p>}
      </div>
    </Panel>
  );
}
