import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Popconfirm, Select, Switch } from "antd";
import { useState } from "react";
import { evaluations, scorecards } from "../api/back-office";
import { idOf, pageOf, requestId } from "../api/clients";
import { useAgentName, useAgents, useUserName } from "../api/names";
import { useMay } from "../api/session";
import { businessNow, isoDay, millis, timestamp, zoned } from "../api/time";
import {
  Scorecard_Kind, Scorecard_KindSchema, ScorecardContent_Item_CriticalClassSchema, ScorecardRevision_State, ScorecardRevision_StateSchema,
  type Scorecard, type ScorecardContent, type ScorecardRevision,
} from "../gen/carillon/qa/v1/qa_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, Facts, Given, PageHead, Panel, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate } from "../ui/router";
import { toast } from "../ui/toast";

const templates = { [Scorecard_Kind.CSR]: "csr", [Scorecard_Kind.TSR]: "tsr", [Scorecard_Kind.COMPLAINT]: "complaint" } as Partial<Record<Scorecard_Kind, string>>;

/** The sheets that conversations are judged by. */
export function Cards() {
  const { t, word, choices } = useT();
  const may = useMay();
  const [adding, add] = useState(false);
  return (
    <div className="stack">
      {may("qa.plan") && <div><Button type="primary" onClick={() => add(true)}>{t("card.new")}</Button></div>}
      <PagedTable<Scorecard>
        id={["scorecards"]}
        page={pageOf(scorecards.listScorecards, "scorecards")}
        onOpen={(row) => navigate(`/quality/cards/${idOf(row.name)}`)}
        columns={[
          { title: t("qa.scorecard"), render: (_, row) => <Link to={`/quality/cards/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.displayName || row.code}</Link> },
          { title: t("campaign.code"), dataIndex: "code" },
          { title: t("qa.kind"), render: (_, row) => word(Scorecard_KindSchema, row.kind) },
          { title: t("qa.revision"), align: "right", render: (_, row) => row.activeRevision || "—" },
          { title: t("card.latest"), align: "right", dataIndex: "latestRevision" },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
        ]}
      />
      {adding && (
        <Editor<{ code: string; displayName: string; kind: Scorecard_Kind }>
          title={t("card.new")}
          done="scorecards"
          close={() => add(false)}
          initial={{ kind: Scorecard_Kind.CSR }}
          save={async ({ code, displayName, kind }) => {
            const template = templates[kind];
            const made = await scorecards.createScorecard({ scorecard: { code, displayName, kind }, ...(template ? { template } : { content: { sections: [{ code: "A", displayName: t("card.section"), items: [{ code: "A1", displayName: t("card.item"), weight: 100 }] }] } }), requestId: requestId() });
            navigate(`/quality/cards/${idOf(made.name)}`);
          }}
        >
          <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, message: t("campaign.codeForm") }]}><Input /></Form.Item>
          <Form.Item name="displayName" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
          <Form.Item name="kind" label={t("qa.kind")} rules={need(t("required"))}><Select options={choices(Scorecard_KindSchema)} /></Form.Item>
          <p className="quiet wide">{t("card.template")}</p>
        </Editor>
      )}
    </div>
  );
}

/** One sheet: its revisions, and the draft of the next. */
export function Card({ id }: { id: string }) {
  const { t, word } = useT();
  const may = useMay();
  const who = useUserName();
  const name = `scorecards/${id}`;
  const card = useQuery({ queryKey: ["scorecard", name], queryFn: () => scorecards.getScorecard({ name }) });
  const revisions = useQuery({ queryKey: ["revisions", name], queryFn: () => scorecards.listScorecardRevisions({ parent: name }) });
  const [number, show] = useState(0);
  const latest = [...(revisions.data?.revisions ?? [])].sort((a, b) => b.number - a.number);
  const shown = latest.find((one) => one.number === number) ?? latest[0];
  return (
    <Answer of={card}>
      {(it) => (
        <div className="stack">
          <PageHead title={<Given>{it.displayName || it.code}</Given>}>
            <Pill>{word(Scorecard_KindSchema, it.kind)}</Pill>
            <Link to="/quality">{t("qa.back")}</Link>
          </PageHead>
          <div className="split split-reverse">
            <Panel title={t("card.revisions")}>
              <PagedTable<ScorecardRevision>
                id={["revision-list", name, latest.map(({ state }) => state).join()]}
                page={async () => ({ items: latest, next: "" })}
                selected={shown?.name}
                onOpen={(row) => show(row.number)}
                columns={[
                  { title: t("flow.version"), align: "right", dataIndex: "number" },
                  { title: t("order.state"), render: (_, row) => <Pill tone={row.state === ScorecardRevision_State.ACTIVE ? "good" : row.state === ScorecardRevision_State.DRAFT ? "warn" : "plain"}>{word(ScorecardRevision_StateSchema, row.state)}</Pill> },
                  { title: t("flow.author"), render: (_, row) => who(row.author) },
                  { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.activateTime ?? row.updateTime)} /> },
                ]}
              />
            </Panel>
            {shown?.content && <Panel title={t("qa.sheet", { number: shown.number })}>{may("qa.plan") && shown === latest[0] ? <Draft key={shown.name + it.etag} card={it} of={shown.content} state={shown.state} /> : <Content of={shown.content} />}</Panel>}
          </div>
        </div>
      )}
    </Answer>
  );
}

function Content({ of }: { of: ScorecardContent }) {
  const { t } = useT();
  return (
    <div className="stack">
      <Facts columns={3} of={[{ label: t("card.pass"), value: of.passMark || 85 }, { label: t("card.minor"), value: `${of.minorPercent ?? 50}%` }, { label: t("card.major"), value: `${of.majorPercent ?? 25}%` }]} />
      {of.sections.map((section) => (
        <section key={section.code}>
          <h3><Given>{section.code} {section.displayName}</Given></h3>
          {section.items.map((item) => <p key={item.code}><Given>{item.code} {item.displayName}</Given> <span className="quiet">{t("qa.weight", { weight: item.weight })}</span></p>)}
        </section>
      ))}
      <h3>{t("qa.vetoes")}</h3>
      {of.vetoes.map((one) => <p key={one.code}><Given>{one.code} {one.displayName}</Given></p>)}
    </div>
  );
}

interface FilledItem {
  code: string;
  displayName: string;
  weight: number;
  definition?: string;
  criticalClass?: number;
  notApplicableAllowed?: boolean;
  bonus?: boolean;
  holdChecked?: boolean;
}
interface Filled {
  passMark?: number;
  minorPercent?: number;
  majorPercent?: number;
  sections?: { code: string; displayName: string; items?: FilledItem[] }[];
  vetoes?: { code: string; displayName: string; definition?: string }[];
}

/** The newest revision as a form. A revision in use is never changed: saving makes the next one. */
function Draft({ card, of, state }: { card: Scorecard; of: ScorecardContent; state: ScorecardRevision_State }) {
  const { t, choices } = useT();
  const client = useQueryClient();
  const [form] = Form.useForm<Filled>();
  const now = Form.useWatch([], form) as Filled | undefined;
  const points = (now?.sections ?? []).flatMap((section) => section?.items ?? []).reduce((sum, item) => sum + (item && !item.bonus ? (item.weight ?? 0) : 0), 0);
  const again = () => {
    void client.invalidateQueries({ queryKey: ["scorecard", card.name] });
    void client.invalidateQueries({ queryKey: ["revisions", card.name] });
    void client.invalidateQueries({ queryKey: ["scorecards"] });
    toast("good", t("saved"));
  };
  const save = useAction(
    (filled: Filled) =>
      scorecards.updateScorecardDraft({
        name: card.name, etag: card.etag, requestId: requestId(),
        content: {
          passMark: filled.passMark ?? 0, ...(filled.minorPercent === undefined ? {} : { minorPercent: filled.minorPercent }), ...(filled.majorPercent === undefined ? {} : { majorPercent: filled.majorPercent }),
          sections: (filled.sections ?? []).map((section) => ({ code: section.code, displayName: section.displayName, items: (section.items ?? []).map((item) => ({ ...item, definition: item.definition ?? "", criticalClass: item.criticalClass ?? 0 })) })),
          vetoes: (filled.vetoes ?? []).map((one) => ({ ...one, definition: one.definition ?? "" })),
        },
      }),
    again,
  );
  const activate = useAction(() => scorecards.activateScorecard({ name: card.name, etag: card.etag, requestId: requestId() }), again);
  const code = [...need(t("required")), { pattern: /^[A-Z][A-Z0-9_]{0,15}$/, message: t("admin.codeForm") }];
  return (
    <Form<Filled>
      form={form}
      layout="vertical"
      className="card-form"
      onFinish={(filled) => save.mutate(filled)}
      initialValues={{
        passMark: of.passMark || 85, minorPercent: of.minorPercent ?? 50, majorPercent: of.majorPercent ?? 25,
        sections: of.sections.map(({ code, displayName, items }) => ({ code, displayName, items: items.map((item) => ({ code: item.code, displayName: item.displayName, weight: item.weight, definition: item.definition, notApplicableAllowed: item.notApplicableAllowed, bonus: item.bonus, holdChecked: item.holdChecked, ...(item.criticalClass ? { criticalClass: item.criticalClass } : {}) })) })),
        vetoes: of.vetoes.map(({ code, displayName, definition }) => ({ code, displayName, definition })),
      }}
    >
      <div className="buttons">
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t("card.save")}</Button>
        {state === ScorecardRevision_State.DRAFT && (
          <Popconfirm title={t("card.activateAsk")} onConfirm={() => activate.mutate(undefined)}>
            <Button loading={activate.isPending}>{t("card.activate")}</Button>
          </Popconfirm>
        )}
        <Pill tone={points === 100 ? "good" : "bad"}>{t("card.points", { points })}</Pill>
      </div>
      <div className="form-grid">
        <Form.Item name="passMark" label={t("card.pass")}><InputNumber min={1} max={100} /></Form.Item>
        <Form.Item name="minorPercent" label={t("card.minor")}><InputNumber min={0} max={100} /></Form.Item>
        <Form.Item name="majorPercent" label={t("card.major")}><InputNumber min={0} max={100} /></Form.Item>
      </div>
      <Form.List name="sections">
        {(sections, outer) => (
          <div className="stack">
            {sections.map((section) => (
              <fieldset key={section.key} className="hours">
                <div className="buttons">
                  <Form.Item name={[section.name, "code"]} rules={code}><Input className="short" aria-label={t("campaign.code")} placeholder={t("campaign.code")} /></Form.Item>
                  <Form.Item name={[section.name, "displayName"]} rules={need(t("required"))}><Input aria-label={t("card.section")} placeholder={t("card.section")} maxLength={100} /></Form.Item>
                  <Button size="small" onClick={() => outer.remove(section.name)}>{t("admin.remove")}</Button>
                </div>
                <Form.List name={[section.name, "items"]}>
                  {(items, inner) => (
                    <>
                      {items.map((item) => (
                        <div key={item.key} className="card-item">
                          <Form.Item name={[item.name, "code"]} rules={code}><Input aria-label={t("campaign.code")} placeholder={t("campaign.code")} /></Form.Item>
                          <Form.Item name={[item.name, "displayName"]} rules={need(t("required"))}><Input aria-label={t("card.item")} placeholder={t("card.item")} maxLength={100} /></Form.Item>
                          <Form.Item name={[item.name, "weight"]} rules={need(t("required"))}><InputNumber aria-label={t("records.weight")} min={1} max={100} /></Form.Item>
                          <Form.Item name={[item.name, "criticalClass"]}><Select allowClear aria-label={t("card.critical")} placeholder={t("card.critical")} options={choices(ScorecardContent_Item_CriticalClassSchema)} /></Form.Item>
                          <Button size="small" aria-label={t("admin.remove")} onClick={() => inner.remove(item.name)}>×</Button>
                          <Form.Item className="wide" name={[item.name, "definition"]}><Input aria-label={t("card.definition")} placeholder={t("card.definition")} maxLength={1000} /></Form.Item>
                          <div className="wide buttons">
                            {(["notApplicableAllowed", "bonus", "holdChecked"] as const).map((flag) => (
                              <label key={flag} className="inline"><Form.Item noStyle name={[item.name, flag]} valuePropName="checked"><Switch size="small" aria-label={t(`card.${flag}`)} /></Form.Item> {t(`card.${flag}`)}</label>
                            ))}
                          </div>
                        </div>
                      ))}
                      <Button size="small" onClick={() => inner.add({ weight: 5 })}>{t("card.addItem")}</Button>
                    </>
                  )}
                </Form.List>
              </fieldset>
            ))}
            <div><Button onClick={() => outer.add({ items: [{ weight: 5 }] })}>{t("card.addSection")}</Button></div>
          </div>
        )}
      </Form.List>
      <h3>{t("qa.vetoes")}</h3>
      <Form.List name="vetoes">
        {(vetoes, { add, remove }) => (
          <>
            {vetoes.map(({ key, name }) => (
              <div key={key} className="buttons">
                <Form.Item name={[name, "code"]} rules={code}><Input className="short" aria-label={t("campaign.code")} placeholder={t("campaign.code")} /></Form.Item>
                <Form.Item name={[name, "displayName"]} rules={need(t("required"))}><Input aria-label={t("qa.vetoes")} maxLength={100} /></Form.Item>
                <Form.Item name={[name, "definition"]}><Input aria-label={t("card.definition")} placeholder={t("card.definition")} maxLength={1000} /></Form.Item>
                <Button size="small" onClick={() => remove(name)}>{t("admin.remove")}</Button>
              </div>
            ))}
            <Button onClick={() => add({})}>{t("card.addVeto")}</Button>
          </>
        )}
      </Form.List>
    </Form>
  );
}

/** What agents' published evaluations came to. */
export function Scores() {
  const { t } = useT();
  const may = useMay();
  const agentName = useAgentName(may("routing.read"));
  const agents = useAgents(may("routing.read"));
  const [agent, setAgent] = useState("");
  const [from, setFrom] = useState(() => isoDay(businessNow() - 30 * 86_400_000));
  const [until, setUntil] = useState(() => isoDay(businessNow()));
  const scores = useQuery({
    queryKey: ["agent-scores", agent, from, until],
    queryFn: () => evaluations.getAgentScores({ agent, startTime: timestamp(zoned(from, "00:00:00")), endTime: timestamp(zoned(until, "00:00:00") + 86_400_000) }),
    enabled: Boolean(from && until),
  });
  const points = (hundredths: number) => (hundredths / 100).toFixed(2);
  return (
    <div className="stack">
      <div className="buttons">
        {agents.data && <Select allowClear showSearch={{ optionFilterProp: "label" }} className="filter" aria-label={t("floor.agent")} placeholder={t("floor.agent")} value={agent || undefined} onChange={(value?: string) => setAgent(value ?? "")} options={[...agents.data.values()].map((one) => ({ value: one.name, label: one.displayName }))} />}
        <label className="inline">{t("campaign.from")} <Input type="date" value={from} onChange={({ target }) => setFrom(target.value)} /></label>
        <label className="inline">{t("campaign.to")} <Input type="date" value={until} onChange={({ target }) => setUntil(target.value)} /></label>
      </div>
      <Answer of={scores}>
        {(it) => (
          <PagedTable
            id={["agent-score-list", agent, from, until, it.scores.length]}
            page={async () => ({ items: it.scores.map((one) => ({ ...one, name: one.agent })), next: "" })}
            columns={[
              { title: t("floor.agent"), render: (_, row) => <Given>{agentName(row.agent)}</Given> },
              { title: t("qa.evaluations"), align: "right", dataIndex: "evaluations" },
              { title: t("card.average"), align: "right", render: (_, row) => points(row.average) },
              { title: t("card.estimated"), align: "right", render: (_, row) => points(row.estimatedAverage) },
              { title: t("qa.passed"), align: "right", dataIndex: "passed" },
              { title: t("qa.vetoes"), align: "right", render: (_, row) => <span className={row.vetoed ? "late" : ""}>{row.vetoed}</span> },
            ]}
          />
        )}
      </Answer>
    </div>
  );
}
