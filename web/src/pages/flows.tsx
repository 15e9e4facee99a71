import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Popconfirm, Select, Tabs } from "antd";
import { useDeferredValue, useMemo, useState } from "react";
import { flows } from "../api/back-office";
import { idOf, pageOf, requestId } from "../api/clients";
import { useUserName } from "../api/names";
import { useMay, useSession } from "../api/session";
import { millis } from "../api/time";
import { FlowFinding_Severity, FlowFinding_SeveritySchema, Flow_State, Flow_StateSchema, type Flow } from "../gen/carillon/ivr/v1/flow_pb";
import type { TestFlowResponse } from "../gen/carillon/ivr/v1/flow_service_pb";
import { Session_ResultSchema, type Prompt, type SessionStep } from "../gen/carillon/ivr/v1/session_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, ErrorNote, Facts, Field, Given, PageHead, Panel, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { toast } from "../ui/toast";
import { Announcements, Compare, Notices, Numbers, RollOut, Sessions, Tables } from "./flow-more";
import { MenuReport } from "./menu-report";
import { FlowDiagram, statesOf, type Node } from "./flow-diagram";

export default function FlowsPage() {
  const [, id] = usePath();
  return id && !tabs.includes(id) ? <One key={id} id={id} /> : <All tab={id ?? "flows"} />;
}

const tone = (state: Flow_State): Tone => (state === Flow_State.PUBLISHED ? "good" : state === Flow_State.TESTED ? "strong" : "plain");

/** What a new flow begins as: a greeting, and an agent. */
const first = `<?xml version="1.0" encoding="UTF-8"?>
<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript" initial="welcome">
  <datamodel>
    <data id="call"/>
  </datamodel>
  <state id="welcome">
    <onentry>
      <send type="carillon:play"><param name="node" expr="'welcome'"/><param name="text" expr="{'zh-CN': '您好，正在为您转接人工服务。', en: 'Hello, we are putting you through.'}"/></send>
      <send type="carillon:enqueue" event="enqueue"><param name="queue" expr="'general'"/><param name="reason" expr="'general'"/></send>
    </onentry>
    <transition event="enqueue.done" target="over"/>
    <transition event="enqueue.failed error" target="sorry"/>
  </state>
  <state id="sorry">
    <onentry>
      <send type="carillon:hangUp"><param name="text" expr="{'zh-CN': '暂时无法接通，请稍后再拨。', en: 'Nobody can take your call now.'}"/><param name="result" expr="'ERROR'"/></send>
    </onentry>
    <transition target="over"/>
  </state>
  <final id="over"/>
</scxml>
`;

const tabs = ["menus", "numbers", "notices", "announcements", "sessions", "tables"];

function List() {
  const { t, word } = useT();
  return (
    <PagedTable<Flow>
      id={["flows"]}
      page={pageOf(flows.listFlows, "flows")}
      onOpen={(row) => navigate(`/flows/${idOf(row.name)}`)}
      columns={[
        { title: t("flow.name"), render: (_, row) => <Link to={`/flows/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.displayName || row.code}</Link> },
        { title: t("campaign.code"), dataIndex: "code" },
        { title: t("order.state"), render: (_, row) => <Pill tone={tone(row.state)}>{word(Flow_StateSchema, row.state)}</Pill> },
        { title: t("flow.version"), align: "right", render: (_, row) => `${row.version} (${row.publishedVersion})` },
        { title: t("flow.published"), render: (_, row) => <Time at={millis(row.publishTime)} /> },
      ]}
    />
  );
}

function All({ tab }: { tab: string }) {
  const { t } = useT();
  const may = useMay();
  const [adding, add] = useState(false);
  return (
    <div className="stack">
      <PageHead title={t("nav.flows")} extra={may("ivr.edit") && <Button type="primary" onClick={() => add(true)}>{t("flow.new")}</Button>} />
      <Panel>
        <Tabs
          activeKey={tab}
          onChange={(key) => navigate(key === "flows" ? "/flows" : `/flows/${key}`)}
          destroyOnHidden
          items={[
            { key: "flows", label: t("flow.flows"), children: <List /> },
            { key: "numbers", label: t("flow.numbers"), children: <Numbers /> },
            { key: "notices", label: t("notice.notices"), children: <Notices /> },
            { key: "announcements", label: t("announcement.announcements"), children: <Announcements /> },
            { key: "menus", label: t("menus.title"), children: <MenuReport /> },
            { key: "sessions", label: t("session.sessions"), children: <Sessions /> },
            ...(may("ivr.edit") ? [{ key: "tables", label: t("tables.tables"), children: <Tables /> }] : []),
          ]}
        />
      </Panel>
      {adding && (
        <Editor<{ code: string; displayName: string }>
          title={t("flow.new")}
          done="flows"
          close={() => add(false)}
          initial={{}}
          save={async (filled) => {
            const made = await flows.createFlow({ flow: { ...filled, document: first }, requestId: requestId() });
            navigate(`/flows/${idOf(made.name)}`);
          }}
        >
          <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/, message: t("campaign.codeForm") }]}><Input /></Form.Item>
          <Form.Item name="displayName" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={128} /></Form.Item>
        </Editor>
      )}
    </div>
  );
}

function One({ id }: { id: string }) {
  const name = `flows/${id}`;
  const [version, setVersion] = useState(0);
  const flow = useQuery({ queryKey: ["flow", name, version], queryFn: () => flows.getFlow({ name, version }) });
  return <Answer of={flow}>{(it) => <View key={`${version} ${it.etag}`} of={it} version={version} show={setVersion} />}</Answer>;
}

function View({ of, version, show }: { of: Flow; version: number; show: (version: number) => void }) {
  const { t, word } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const client = useQueryClient();
  const nameOf = useUserName();
  const latest = version === 0 || version === of.version;
  const editable = may("ivr.edit") && latest;
  const [document, write] = useState(of.document);
  const [tests, writeTests] = useState(of.tests);
  const [here, select] = useState<string>();
  const drawn = useDeferredValue(document);
  const nodes = useMemo(() => statesOf(drawn), [drawn]);
  const findings = useQuery({ queryKey: ["findings", drawn], queryFn: () => flows.validateFlow({ document: drawn }), enabled: Boolean(drawn) && may("ivr.edit"), placeholderData: (before) => before });
  const again = () => {
    void client.invalidateQueries({ queryKey: ["flow", of.name] });
    void client.invalidateQueries({ queryKey: ["flows"] });
  };
  const [results, keep] = useState<TestFlowResponse>();
  const etag = results?.flow?.etag ?? of.etag;
  const save = useAction(() => flows.updateFlow({ flow: { name: of.name, document, etag }, requestId: requestId() }), () => (toast("good", t("flow.saved")), again()));
  const test = useAction(() => flows.testFlow({ name: of.name, tests, etag, requestId: requestId() }), (answer) => {
    keep(answer);
    void client.invalidateQueries({ queryKey: ["flows"] });
  });
  const publish = useAction(() => flows.publishFlow({ name: of.name, etag, requestId: requestId() }), again);
  const back = useAction(() => flows.rollBackFlow({ name: of.name, version, requestId: requestId() }), again);
  const state = results?.flow?.state ?? of.state;
  const waits = latest && (state === Flow_State.DRAFT || state === Flow_State.TESTED);
  const changed = document !== of.document;
  return (
    <div className="stack">
      <PageHead
        title={<Given>{of.displayName || of.code}</Given>}
        extra={
          <>
            <Select aria-label={t("flow.version")} value={version} onChange={show} options={[{ value: 0, label: t("flow.latest") }, ...Array.from({ length: of.version }, (_, index) => ({ value: index + 1, label: t("flow.versionOf", { number: index + 1 }) })).reverse()]} />
            {editable && <Button type={changed ? "primary" : "default"} disabled={!changed} loading={save.isPending} onClick={() => save.mutate(undefined)}>{t("flow.save")}</Button>}
            {may("ivr.publish") && waits && of.author !== me && of.publishedVersion > 0 && !changed && <RollOut of={{ ...of, etag }} done={again} />}
            {may("ivr.publish") && waits && of.author !== me && (
              <Popconfirm title={t("flow.publishAsk")} onConfirm={() => publish.mutate(undefined)}>
                <Button type="primary" disabled={changed} loading={publish.isPending}>{t("flow.publish")}</Button>
              </Popconfirm>
            )}
            {may("ivr.publish") && !latest && of.state === Flow_State.RETIRED && (
              <Popconfirm title={t("flow.publishAsk")} onConfirm={() => back.mutate(undefined)}>
                <Button danger loading={back.isPending}>{t("flow.rollBack")}</Button>
              </Popconfirm>
            )}
          </>
        }
      >
        <Pill tone={tone(state)}>{word(Flow_StateSchema, state)}</Pill>
        {may("ivr.publish") && waits && of.author === me && <span className="quiet">{t("flow.another")}</span>}
        <Link to="/flows">{t("flow.back")}</Link>
      </PageHead>
      <Panel title={t("flow.diagram")} extra={<span className="quiet">{t("flow.states", { count: nodes.length })}</span>}>
        <FlowDiagram nodes={nodes} here={here} select={(id) => select(id === here ? undefined : id)} />
      </Panel>
      <div className="split">
        <Panel>
          <Tabs
            items={[
              { key: "states", label: t("flow.states", { count: nodes.length }), children: <States nodes={here ? nodes.filter(({ id }) => id === here) : nodes} /> },
              {
                key: "document",
                label: t("flow.document"),
                children: <Input.TextArea aria-label={t("flow.document")} className="source" spellCheck={false} rows={24} maxLength={262_144} readOnly={!editable} value={document} onChange={({ target }) => write(target.value)} />,
              },
              {
                key: "tests",
                label: t("flow.tests"),
                children: (
                  <div className="stack">
                    <Input.TextArea aria-label={t("flow.tests")} className="source" spellCheck={false} rows={10} maxLength={65_536} readOnly={!editable} placeholder={"test agent\ncaller +8613800138000\nkeys 0\nends TO_AGENT"} value={tests} onChange={({ target }) => writeTests(target.value)} />
                    {editable && <div><Button disabled={changed || !tests.trim() || !waits} loading={test.isPending} onClick={() => test.mutate(undefined)}>{t("flow.runTests")}</Button></div>}
                    {results && <Results of={results} />}
                  </div>
                ),
              },
              ...(of.version > 1 ? [{ key: "compare", label: t("flow.compare"), children: <Compare of={of} /> }] : []),
              ...(may("ivr.edit") ? [{ key: "simulate", label: t("flow.simulate"), children: <Simulate document={document} /> }] : []),
            ]}
          />
        </Panel>
        <div className="stack">
          <Panel title={t("flow.about")}>
            <Facts
              of={[
                { label: t("campaign.code"), value: of.code },
                { label: t("flow.version"), value: of.version },
                { label: t("flow.author"), value: nameOf(of.author) },
                { label: t("flow.publishedVersion"), value: of.publishedVersion || "—" },
                { label: t("flow.published"), value: <Time at={millis(of.publishTime)} /> },
                { label: t("flow.approver"), value: nameOf(of.approver) },
                of.rollout && { label: t("flow.rollOut"), value: `${t("flow.versionOf", { number: of.rollout.version })} ${of.rollout.percent}%` },
              ]}
            />
          </Panel>
          {may("ivr.edit") && (
            <Panel title={t("flow.findings")}>
              {findings.error ? <ErrorNote error={findings.error} /> : (
                <Answer of={findings}>
                  {({ findings: list }) =>
                    list.length === 0 ? (
                      <p className="quiet">{t("flow.noFindings")}</p>
                    ) : (
                      <ul className="plain-list">
                        {list.map((one, index) => (
                          <li key={index}>
                            <Pill tone={one.severity === FlowFinding_Severity.BLOCKING ? "bad" : "warn"}>{word(FlowFinding_SeveritySchema, one.severity)}</Pill> <code>{one.node || `${one.line}:${one.column}`}</code> <span lang="en">{one.message}</span>
                          </li>
                        ))}
                      </ul>
                    )
                  }
                </Answer>
              )}
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

function States({ nodes }: { nodes: Node[] }) {
  const { t } = useT();
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t("flow.state")}</th>
          <th scope="col">{t("flow.does")}</th>
          <th scope="col">{t("flow.leads")}</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node.id}>
            <td className={`depth-${Math.min(node.depth, 4)}`}><code>{node.id}</code></td>
            <td>{node.does.map((one, index) => <Pill key={index} tone="calm"><Given>{one}</Given></Pill>)}</td>
            <td>
              {node.goes.map((one, index) => (
                <div key={index} className="flow-way">
                  <span className="quiet">{[one.on, one.when && `[${one.when}]`].filter(Boolean).join(" ") || t("flow.always")}</span> → <code>{one.to || node.id}</code>
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Results({ of }: { of: TestFlowResponse }) {
  const { t } = useT();
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t("flow.test")}</th>
          <th scope="col">{t("col.result")}</th>
          <th scope="col">{t("flow.path")}</th>
        </tr>
      </thead>
      <tbody>
        {of.results.map((one) => (
          <tr key={one.test}>
            <td>{one.test}</td>
            <td><Pill tone={one.passed ? "good" : "bad"}>{t(one.passed ? "flow.passed" : "flow.failed")}</Pill> {one.outcome} {one.message && <span className="late" lang="en">{one.message}</span>}</td>
            <td><code>{one.path}</code></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the switch was told in a step: its words, and what it waits for then. */
function told({ instruction }: SessionStep): { prompts: Prompt[]; waits: string } {
  switch (instruction.case) {
    case "play": return { prompts: instruction.value.prompts, waits: instruction.value.transfer?.number ?? "" };
    case "collect": return { prompts: instruction.value.prompts, waits: instruction.value.node };
    case "queued": return { prompts: instruction.value.texts, waits: "" };
    case "hangUp": return { prompts: instruction.value.texts, waits: "" };
    default: return { prompts: [], waits: "" };
  }
}

/** Walks the text as it stands with a caller and keys; nothing is stored and nobody is called. */
function Simulate({ document }: { document: string }) {
  const { t, word, code } = useT();
  const [caller, setCaller] = useState({ callingNumber: "+8613800138000", grade: "" });
  const [menu, setMenu] = useState("default");
  const [keys, setKeys] = useState("0");
  const walk = useMutation({
    mutationFn: () => flows.simulateFlow({ document, caller, keys: keys.split(/[\s,]+/).filter(Boolean), menus: [{ menu: menu || "default" }] }),
  });
  return (
    <div className="stack">
      <form className="form-grid" onSubmit={(event) => (event.preventDefault(), walk.mutate())}>
        <Field label={t("flow.caller")} id="simulate-number"><Input id="simulate-number" value={caller.callingNumber} onChange={({ target }) => setCaller({ ...caller, callingNumber: target.value })} /></Field>
        <Field label={t("flow.grade")} id="simulate-grade"><Input id="simulate-grade" placeholder="GOLD" value={caller.grade} onChange={({ target }) => setCaller({ ...caller, grade: target.value.trim() })} /></Field>
        <Field label={t("flow.menu")} id="simulate-menu"><Input id="simulate-menu" value={menu} onChange={({ target }) => setMenu(target.value.trim())} /></Field>
        <Field label={t("flow.keys")} id="simulate-keys"><Input id="simulate-keys" placeholder="1 123456 timeout hangup" value={keys} onChange={({ target }) => setKeys(target.value)} /></Field>
        <div className="wide"><Button type="primary" htmlType="submit" loading={walk.isPending}>{t("flow.simulate")}</Button></div>
      </form>
      {walk.error && <ErrorNote error={walk.error} />}
      {walk.data && (
        <section aria-live="polite" aria-label={t("flow.simulate")} className="stack simulated">
          <div className="buttons">
            <Pill tone={walk.data.queue ? "strong" : "calm"}>{walk.data.session?.result ? word(Session_ResultSchema, walk.data.session.result) : t("flow.unfinished")}</Pill>
            {walk.data.queue && <span>{t("desk.queue")} <code>{walk.data.queue}</code></span>}
            {(walk.data.session?.menuPath.length ?? 0) > 0 && <span>{t("desk.menu")} <code>{walk.data.session!.menuPath.join(" › ")}</code></span>}
          </div>
          <ol className="plain-list">
            {walk.data.steps.map((step, index) => {
              const { prompts, waits } = told(step);
              return (
                <li key={index} className="told">
                  <Pill>{code("step", step.instruction.case ?? "")}</Pill> {waits && <code>{waits}</code>}
                  {prompts.map((one, at) => <p key={at} lang={one.language}>{one.text || one.code}</p>)}
                </li>
              );
            })}
          </ol>
        </section>
      )}
    </div>
  );
}
