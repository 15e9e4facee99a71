import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, InputNumber, Select } from "antd";
import { useRef, useState } from "react";
import { announcements, flows, sessions } from "../api/back-office";
import { access, all, idOf, type Page, pageOf, requestId } from "../api/clients";
import { useQueues, useUserName } from "../api/names";
import { useUnmask } from "../api/purpose";
import { useMay, useSession } from "../api/session";
import { businessNow, fromLocalInput, lasting, localInput, millis, timestamp, weekday } from "../api/time";
import { Announcement_KindSchema, Announcement_PurposeSchema, Sound_Format, type Announcement } from "../gen/carillon/ivr/v1/announcement_pb";
import type { Flow, MenuVariant, Notice, ServiceNumber } from "../gen/carillon/ivr/v1/flow_pb";
import { Session_IdentityLevelSchema, Session_ResultSchema, type Session } from "../gen/carillon/ivr/v1/session_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, ErrorNote, Facts, Given, Personal, Pill, Time, useAction, veiled } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link } from "../ui/router";
import { CustomerName } from "./customer-more";

const known = ["zh-CN", "yue", "en"] as const;
const spoken: Record<string, string> = { "zh-CN": "普通话", yue: "粤语", en: "English" };
const languages = known.map((value) => ({ value, label: spoken[value]! }));
const pairs = (of: { [key: string]: string }) => Object.entries(of).map(([word, value]) => ({ word, value }));
const table = (of: { word: string; value: string }[] | undefined) => Object.fromEntries((of ?? []).map(({ word, value }) => [word, value]));

interface FilledNumber {
  number: string;
  displayName: string;
  client?: string;
  flow: string;
  defaultQueue: string;
  timeZone?: string;
  language?: string;
  brand?: string;
  voice?: string;
  queues?: { word: string; value: string }[];
  transfers?: { word: string; value: string }[];
  menus: { menu: string; grade?: string; region?: string; brand?: string; language?: string; start?: string; end?: string; weekdays?: number[] }[];
}

const selectorOf = ({ grade = "", region = "", brand = "", language = "", start, end, weekdays }: FilledNumber["menus"][number]) => ({
  grade, region, brand, language, ...(start && end ? { timeBand: { start, end, weekdays: weekdays ?? [] } } : {}),
});
const menuOf = ({ menu, selector }: MenuVariant): FilledNumber["menus"][number] => ({
  menu, grade: selector?.grade ?? "", region: selector?.region ?? "", brand: selector?.brand ?? "", language: selector?.language ?? "",
  ...(selector?.timeBand ? { start: selector.timeBand.start, end: selector.timeBand.end, weekdays: selector.timeBand.weekdays } : {}),
});

/** The numbers that callers dial, what answers them, and which menu is heard by whom. */
export function Numbers() {
  const { t, language: tongue } = useT();
  const may = useMay();
  const queues = useQueues(may("routing.read"));
  const list = useQuery({ queryKey: ["flows", "all"], queryFn: () => all(pageOf(flows.listFlows, "flows", 200)) });
  const clients = useQuery({ queryKey: ["clients"], queryFn: () => all(pageOf(access.listClients, "clients", 200)), staleTime: 300_000 });
  const [editing, edit] = useState<ServiceNumber | "new">();
  const [asked, ask] = useState<ServiceNumber>();
  const of = editing === "new" ? undefined : editing;
  const queueChoices = [...(queues.data?.values() ?? [])].map((one) => ({ value: one.name, label: one.displayName || one.code }));
  const queueName = (name: string) => queues.data?.get(name)?.displayName ?? name.split("/")[1] ?? name;
  const can = may("ivr.publish");
  return (
    <div className="stack">
      {can && <div><Button type="primary" onClick={() => edit("new")}>{t("number.new")}</Button></div>}
      <PagedTable<ServiceNumber>
        id={["service-numbers"]}
        page={pageOf(flows.listServiceNumbers, "serviceNumbers")}
        columns={[
          { title: t("col.number"), dataIndex: "number" },
          { title: t("flow.name"), render: (_, row) => <Given>{row.displayName || "—"}</Given> },
          { title: t("nav.flows"), render: (_, row) => <Link to={`/flows/${idOf(row.flow)}`}><Given>{list.data?.find(({ name }) => name === row.flow)?.displayName || "…"}</Given></Link> },
          { title: t("number.default"), render: (_, row) => <Given>{queueName(row.defaultQueue)}</Given> },
          { title: t("number.menus"), align: "right", render: (_, row) => row.menus.length },
          { title: t("customer.language"), render: (_, row) => spoken[row.language || "zh-CN"] ?? row.language },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                {can && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                <Button size="small" onClick={() => ask(row)}>{t("number.explain")}</Button>
              </span>
            ),
          },
        ]}
      />
      {asked && <ExplainMenu of={asked} close={() => ask(undefined)} />}
      {editing && (
        <Editor<FilledNumber>
          title={t(of ? "number.change" : "number.new")}
          done="service-numbers"
          width={820}
          close={() => edit(undefined)}
          initial={of ? { number: of.number, displayName: of.displayName, client: of.client, flow: of.flow, defaultQueue: of.defaultQueue, timeZone: of.timeZone, language: of.language || "zh-CN", brand: of.brand, voice: of.voice, queues: pairs(of.queues), transfers: pairs(of.transfers), menus: of.menus.map(menuOf) } : { language: "zh-CN", menus: [{ menu: "default" }] }}
          save={(filled) =>
            flows.setServiceNumber({
              serviceNumber: {
                number: filled.number, displayName: filled.displayName, client: filled.client ?? clients.data?.[0]?.name ?? "", flow: filled.flow, defaultQueue: filled.defaultQueue, timeZone: filled.timeZone ?? "", language: filled.language ?? "",
                brand: filled.brand ?? "", voice: filled.voice ?? "", queues: table(filled.queues), transfers: table(filled.transfers), menus: filled.menus.map((one) => ({ menu: one.menu, selector: selectorOf(one) })), etag: of?.etag ?? "",
              },
              requestId: requestId(),
            })
          }
        >
          <Form.Item name="number" label={t("col.number")} rules={[...need(t("required")), { pattern: /^\+?\d{3,20}$/, message: t("campaign.numberForm") }]}><Input disabled={Boolean(of)} /></Form.Item>
          <Form.Item name="displayName" label={t("flow.name")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          {(clients.data?.length ?? 0) > 1 && <Form.Item name="client" label={t("admin.client")} rules={need(t("required"))}><Select options={clients.data!.map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>}
          <Form.Item name="flow" label={t("nav.flows")} rules={need(t("required"))}><Select options={(list.data ?? []).filter((one: Flow) => one.publishedVersion > 0).map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>
          <Form.Item name="defaultQueue" label={t("number.default")} rules={need(t("required"))}><Select options={queueChoices} /></Form.Item>
          <Form.Item name="language" label={t("customer.language")}><Select options={languages} /></Form.Item>
          <Form.Item name="timeZone" label={t("flow.zone")}><Input placeholder="Asia/Shanghai" /></Form.Item>
          <Form.Item name="brand" label={t("number.brand")}><Input maxLength={64} /></Form.Item>
          <Form.Item name="voice" label={t("number.voice")}><Input maxLength={32} placeholder="female" /></Form.Item>
          <Words name="queues" title={t("number.queues")} help={t("number.queuesHelp")} value={<Select className="filter" aria-label={t("floor.queue")} options={queueChoices} />} />
          <Words name="transfers" title={t("number.transfers")} help={t("number.transfersHelp")} value={<Input aria-label={t("col.number")} placeholder="+862012345678" />} />
          <Form.List name="menus">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("number.menus")}</h3>
                <p className="quiet">{t("number.menusHelp")}</p>
                {fields.map(({ key, name }) => (
                  <div key={key} className="buttons menu-row">
                    <Form.Item name={[name, "menu"]} rules={need(t("required"))}><Input className="short" aria-label={t("flow.menu")} placeholder="default" /></Form.Item>
                    <Form.Item name={[name, "grade"]}><Input className="short" aria-label={t("customers.grade")} placeholder={t("customers.grade")} /></Form.Item>
                    <Form.Item name={[name, "region"]}><Input className="short" aria-label={t("customer.region")} placeholder={t("customer.region")} /></Form.Item>
                    <Form.Item name={[name, "language"]}><Select allowClear className="short" aria-label={t("customer.language")} placeholder={t("customer.language")} options={languages} /></Form.Item>
                    <Form.Item name={[name, "start"]}><Input type="time" aria-label={t("campaign.from")} /></Form.Item>
                    <Form.Item name={[name, "end"]}><Input type="time" aria-label={t("campaign.to")} /></Form.Item>
                    <Form.Item name={[name, "weekdays"]}><Select mode="multiple" maxTagCount={1} className="filter" aria-label={t("campaign.weekdays")} placeholder={t("campaign.everyDay")} options={[1, 2, 3, 4, 5, 6, 7].map((value) => ({ value, label: weekday(value, tongue, "short") }))} /></Form.Item>
                    {fields.length > 1 && <Button size="small" onClick={() => remove(name)}>{t("admin.remove")}</Button>}
                  </div>
                ))}
                <Button onClick={() => add({ menu: "" })}>{t("number.addMenu")}</Button>
              </div>
            )}
          </Form.List>
        </Editor>
      )}
    </div>
  );
}

/** What the flow's own words stand for. */
function Words({ name, title, help, value }: { name: string; title: string; help: string; value: React.ReactNode }) {
  const { t } = useT();
  return (
    <Form.List name={name}>
      {(fields, { add, remove }) => (
        <div className="wide">
          <h3>{title}</h3>
          <p className="quiet">{help}</p>
          {fields.map(({ key, name: at }) => (
            <div key={key} className="buttons">
              <Form.Item name={[at, "word"]} rules={need(t("required"))}><Input aria-label={t("number.word")} placeholder={t("number.word")} maxLength={64} /></Form.Item>
              <Form.Item name={[at, "value"]} rules={need(t("required"))}>{value}</Form.Item>
              <Button size="small" onClick={() => remove(at)}>{t("admin.remove")}</Button>
            </div>
          ))}
          <Button onClick={() => add({})}>{t("number.addWord")}</Button>
        </div>
      )}
    </Form.List>
  );
}

function ExplainMenu({ of, close }: { of: ServiceNumber; close: () => void }) {
  const { t } = useT();
  const [who, setWho] = useState({ grade: "", region: "", language: "", at: localInput(businessNow()) });
  const why = useQuery({ queryKey: ["menu-choice", of.name, who], queryFn: () => flows.explainMenu({ serviceNumber: of.name, grade: who.grade, region: who.region, language: who.language, ...(who.at ? { time: timestamp(fromLocalInput(who.at)) } : {}) }) });
  return (
    <Drawer destroyOnHidden open onClose={close} size={640} title={`${of.number} · ${t("number.explain")}`}>
      <div className="stack">
        <div className="buttons">
          <Input className="filter" aria-label={t("customers.grade")} placeholder={t("customers.grade")} value={who.grade} onChange={({ target }) => setWho({ ...who, grade: target.value.trim() })} />
          <Input className="filter" aria-label={t("customer.region")} placeholder={t("customer.region")} value={who.region} onChange={({ target }) => setWho({ ...who, region: target.value.trim() })} />
          <Select allowClear className="filter" aria-label={t("customer.language")} placeholder={t("customer.language")} value={who.language || undefined} onChange={(language?: string) => setWho({ ...who, language: language ?? "" })} options={languages} />
          <Input className="filter" type="datetime-local" aria-label={t("col.time")} value={who.at} onChange={({ target }) => setWho({ ...who, at: target.value })} />
        </div>
        <Answer of={why}>
          {(it) => (
            <>
              <p className="figure"><strong><Given>{it.menu}</Given></strong> <span className="quiet" lang="en" translate="no">{it.reason}</span></p>
              <table className="plain">
                <tbody>
                  {it.rows.map((row, index) => (
                    <tr key={index}>
                      <td><code>{row.variant?.menu}</code></td>
                      <td><Pill tone={row.chosen ? "good" : row.holds ? "strong" : "plain"}>{t(row.chosen ? "number.chosen" : row.holds ? "number.holds" : "number.fails")}</Pill> {row.failed && <code>{row.failed}</code>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )}
        </Answer>
      </div>
    </Drawer>
  );
}

/** Words played before the menus of a region: written by one person, approved by another. */
export function Notices() {
  const { t } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const who = useUserName();
  const client = useQueryClient();
  const numbers = useQuery({ queryKey: ["service-numbers", "all"], queryFn: () => all(pageOf(flows.listServiceNumbers, "serviceNumbers", 200)) });
  const [editing, edit] = useState<Notice | "new">();
  const of = editing === "new" ? undefined : editing;
  const approve = useAction((name: string) => flows.approveNotice({ name, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["notices"] }));
  return (
    <div className="stack">
      {may("ivr.edit") && <div><Button type="primary" onClick={() => edit("new")}>{t("notice.new")}</Button></div>}
      <PagedTable<Notice>
        id={["notices"]}
        page={async () => ({ items: (await flows.listNotices({})).notices, next: "" })}
        columns={[
          { title: t("notice.words"), render: (_, row) => <span className="clip" translate="no">{row.texts["zh-CN"] ?? Object.values(row.texts)[0] ?? "—"}</span> },
          { title: t("col.number"), render: (_, row) => numbers.data?.find(({ name }) => name === row.serviceNumber)?.number ?? t("all") },
          { title: t("customer.region"), render: (_, row) => row.region || t("all") },
          { title: t("campaign.from"), render: (_, row) => <Time at={millis(row.startTime)} /> },
          { title: t("campaign.to"), render: (_, row) => <Time at={millis(row.endTime)} /> },
          { title: t("flow.author"), render: (_, row) => who(row.author) },
          { title: t("flow.approver"), render: (_, row) => (row.approver ? who(row.approver) : <Pill tone="warn">{t("notice.waits")}</Pill>) },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                {may("ivr.edit") && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                {may("ivr.publish") && !row.approver && row.author !== me && <Button size="small" type="primary" loading={approve.isPending} onClick={() => approve.mutate(row.name)}>{t("campaign.do.approve")}</Button>}
              </span>
            ),
          },
        ]}
      />
      {editing && (
        <Editor<{ number?: string; region?: string; texts?: Record<string, string>; start: string; end: string }>
          title={t(of ? "notice.change" : "notice.new")}
          done="notices"
          close={() => edit(undefined)}
          initial={of ? { region: of.region, texts: of.texts, start: localInput(millis(of.startTime)), end: localInput(millis(of.endTime)), ...(of.serviceNumber ? { number: of.serviceNumber } : {}) } : { start: localInput(businessNow()), end: localInput(businessNow() + 7_200_000) }}
          save={(filled) =>
            flows.setNotice({
              notice: { name: of?.name ?? "", serviceNumber: filled.number ?? "", region: filled.region ?? "", texts: Object.fromEntries(Object.entries(filled.texts ?? {}).filter(([, text]) => text?.trim())), startTime: timestamp(fromLocalInput(filled.start)), endTime: timestamp(fromLocalInput(filled.end)) },
              requestId: requestId(),
            })
          }
        >
          <Form.Item name="number" label={t("col.number")}><Select allowClear placeholder={t("all")} options={(numbers.data ?? []).map((one) => ({ value: one.name, label: `${one.number} ${one.displayName}` }))} /></Form.Item>
          <Form.Item name="region" label={t("customer.region")} rules={[{ pattern: /^\d{0,12}$/, message: t("customers.regionForm") }]}><Input inputMode="numeric" /></Form.Item>
          <Form.Item name="start" label={t("campaign.from")} rules={need(t("required"))}><Input type="datetime-local" /></Form.Item>
          <Form.Item name="end" label={t("campaign.to")} rules={need(t("required"))}><Input type="datetime-local" /></Form.Item>
          {known.map((one) => <Form.Item key={one} name={["texts", one]} label={spoken[one]} className="wide"><Input.TextArea rows={2} maxLength={220} lang={one} /></Form.Item>)}
          <p className="quiet wide">{t("notice.help")}</p>
        </Editor>
      )}
    </div>
  );
}

interface FilledAnnouncement {
  code: string;
  language: string;
  voice?: string;
  text: string;
  purpose?: number;
  start?: string;
  end?: string;
}

/** The prompt library: what flows play by its code, heard before callers hear it. */
export function Announcements() {
  const { t, word, choices } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const who = useUserName();
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const [editing, edit] = useState<Announcement | "new">();
  const recording = useRef<HTMLInputElement>(null);
  const of = editing === "new" ? undefined : editing;
  const approve = useAction((name: string) => announcements.approveAnnouncement({ name, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["announcements"] }));
  const hear = useAction(async (name: string) => {
    const { content } = await announcements.speak({ announcement: name, format: Sound_Format.WAV });
    const context = new AudioContext();
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(new Uint8Array(content).buffer);
    source.connect(context.destination);
    source.onended = () => void context.close();
    source.start();
  });
  return (
    <div className="stack">
      <div className="buttons">
        {may("ivr.edit") && <Button type="primary" onClick={() => edit("new")}>{t("announcement.new")}</Button>}
        <Input.Search allowClear className="wide-search" aria-label={t("campaign.code")} placeholder={t("campaign.code")} onSearch={(value) => setCode(value.trim())} />
      </div>
      <PagedTable<Announcement>
        id={["announcements", code]}
        page={pageOf((page: Page) => announcements.listAnnouncements({ ...page, code }), "announcements")}
        columns={[
          { title: t("campaign.code"), render: (_, row) => <code>{row.code}</code> },
          { title: t("customer.language"), render: (_, row) => spoken[row.language] ?? row.language },
          { title: t("notice.words"), render: (_, row) => <span className="clip" translate="no">{row.text}</span> },
          { title: t("qa.kind"), render: (_, row) => word(Announcement_KindSchema, row.kind) },
          { title: t("announcement.purpose"), render: (_, row) => word(Announcement_PurposeSchema, row.purpose) },
          { title: t("announcement.length"), align: "right", render: (_, row) => lasting(row.length) },
          { title: t("flow.approver"), render: (_, row) => (row.approver ? who(row.approver) : <Pill tone="warn">{t("notice.waits")}</Pill>) },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                <Button size="small" loading={hear.isPending && hear.variables === row.name} onClick={() => hear.mutate(row.name)}>{t("announcement.hear")}</Button>
                {may("ivr.edit") && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                {may("ivr.publish") && !row.approver && row.author !== me && <Button size="small" type="primary" loading={approve.isPending} onClick={() => approve.mutate(row.name)}>{t("campaign.do.approve")}</Button>}
              </span>
            ),
          },
        ]}
      />
      {editing && (
        <Editor<FilledAnnouncement>
          title={t(of ? "announcement.change" : "announcement.new")}
          done="announcements"
          close={() => edit(undefined)}
          initial={of ? { code: of.code, language: of.language, voice: of.voice, text: of.text, ...(of.purpose ? { purpose: of.purpose } : {}), ...(of.startTime ? { start: localInput(millis(of.startTime)) } : {}), ...(of.endTime ? { end: localInput(millis(of.endTime)) } : {}) } : { language: "zh-CN" }}
          save={async (filled) => {
            const file = recording.current?.files?.[0];
            return announcements.setAnnouncement({
              announcement: {
                name: of?.name ?? "", code: filled.code, language: filled.language, voice: filled.voice ?? "", text: filled.text, purpose: filled.purpose ?? 0,
                ...(filled.start ? { startTime: timestamp(fromLocalInput(filled.start)) } : {}), ...(filled.end ? { endTime: timestamp(fromLocalInput(filled.end)) } : {}),
              },
              ...(file ? { recording: new Uint8Array(await file.arrayBuffer()) } : {}),
              requestId: requestId(),
            });
          }}
        >
          <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9_.-]{0,63}$/, message: t("campaign.codeForm") }]}><Input /></Form.Item>
          <Form.Item name="language" label={t("customer.language")} rules={need(t("required"))}><Select options={languages} /></Form.Item>
          <Form.Item name="purpose" label={t("announcement.purpose")}><Select allowClear options={choices(Announcement_PurposeSchema)} /></Form.Item>
          <Form.Item name="voice" label={t("number.voice")}><Input maxLength={32} placeholder="female" /></Form.Item>
          <Form.Item name="text" label={t("notice.words")} rules={need(t("required"))} className="wide"><Input.TextArea rows={3} maxLength={1000} /></Form.Item>
          <Form.Item name="start" label={t("campaign.from")}><Input type="datetime-local" /></Form.Item>
          <Form.Item name="end" label={t("campaign.to")}><Input type="datetime-local" /></Form.Item>
          <label className="wide">{t("announcement.recording")} <input ref={recording} type="file" accept="audio/wav,.wav" /></label>
        </Editor>
      )}
    </div>
  );
}

/** What callers did in the menus, one by one. */
export function Sessions() {
  const { t, word, choices } = useT();
  const [result, setResult] = useState(0);
  const [one, open] = useState<Session>();
  return (
    <div className="stack">
      <div><Select allowClear className="filter" aria-label={t("col.result")} placeholder={t("col.result")} value={result || undefined} onChange={(value?: number) => setResult(value ?? 0)} options={choices(Session_ResultSchema)} /></div>
      <PagedTable<Session>
        id={["menu-sessions", result]}
        page={pageOf((page: Page) => sessions.listSessions({ ...page, result }), "sessions")}
        onOpen={open}
        columns={[
          { title: t("col.time"), render: (_, row) => <Time at={millis(row.startTime)} /> },
          { title: t("col.number"), render: (_, row) => veiled(row.callingNumber) },
          { title: t("desk.calledNumber"), dataIndex: "calledNumber" },
          { title: t("desk.identity"), render: (_, row) => word(Session_IdentityLevelSchema, row.identityLevel) },
          { title: t("desk.menu"), render: (_, row) => <code>{row.menuPath.join(" › ") || "—"}</code> },
          { title: t("col.result"), render: (_, row) => (row.result ? <Pill tone={row.result === 4 ? "bad" : row.result === 1 ? "good" : "plain"}>{word(Session_ResultSchema, row.result)}</Pill> : t("session.active")) },
        ]}
      />
      <Drawer destroyOnHidden open={Boolean(one)} onClose={() => open(undefined)} size={640} title={t("session.way")}>
        {one && <Way of={one.name} />}
      </Drawer>
    </div>
  );
}

function Way({ of }: { of: string }) {
  const { t, word } = useT();
  const unmask = useUnmask(of);
  const session = useQuery({ queryKey: ["menu-session", of], queryFn: () => sessions.getSession({ name: of }) });
  return (
    <Answer of={session}>
      {(it) => (
        <div className="stack">
          <Facts
            columns={2}
            of={[
              { label: t("col.number"), value: <Personal value={it.callingNumber} unmask={unmask} /> },
              { label: t("desk.calledNumber"), value: it.calledNumber },
              { label: t("desk.customer"), value: it.customer ? <CustomerName of={it.customer} /> : "—" },
              { label: t("customer.language"), value: spoken[it.language] ?? it.language },
              { label: t("flow.version"), value: it.flowVersion },
              { label: t("col.result"), value: word(Session_ResultSchema, it.result) },
              { label: t("session.served"), value: it.served.join(", ") },
              ...it.answers.map((one) => ({ label: one.question, value: String(one.score) })),
            ]}
          />
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("col.time")}</th>
                <th scope="col">{t("flow.state")}</th>
                <th scope="col">{t("session.keyed")}</th>
                <th scope="col">{t("col.result")}</th>
              </tr>
            </thead>
            <tbody>
              {it.path.map((step, index) => (
                <tr key={index}>
                  <td><Time at={millis(step.time)} /></td>
                  <td><code>{step.node}</code></td>
                  <td>{step.input || "—"}</td>
                  <td><code>{step.outcome}</code></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Answer>
  );
}

/** Rows that flows read aloud: a file of comma-separated values whose first column is what the caller keys. */
export function Tables() {
  const { t } = useT();
  const [done, say] = useState("");
  const send = useMutation({
    mutationFn: async ({ table: name, text, replace }: { table: string; text: string; replace?: boolean }) => {
      const [head = [], ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(",").map((cell) => cell.trim()));
      return flows.importRows({ table: name, replace: replace ?? false, rows: rows.map(([key = "", ...cells]) => ({ table: name, key, values: Object.fromEntries(cells.map((cell, index) => [head[index + 1] ?? String(index + 1), cell])) })), requestId: requestId() });
    },
    onSuccess: ({ rows }) => say(t("tables.done", { rows })),
  });
  return (
    <Form layout="vertical" onFinish={(filled: { table: string; text: string; replace?: boolean }) => send.mutate(filled)}>
      <p className="quiet">{t("tables.help")}</p>
      <Form.Item name="table" label={t("tables.table")} rules={[...need(t("required")), { pattern: /^[a-z0-9_]{1,64}$/, message: t("records.keyForm") }]}><Input className="wide-search" placeholder="water" /></Form.Item>
      <Form.Item name="text" label={t("tables.rows")} rules={need(t("required"))}><Input.TextArea className="source" rows={8} placeholder={"key,usage,owed\n10023,14,36.40"} /></Form.Item>
      <Form.Item name="replace" label={t("tables.replace")} initialValue={false}><Select className="filter" options={[{ value: false, label: t("no") }, { value: true, label: t("yes") }]} /></Form.Item>
      <Button type="primary" htmlType="submit" loading={send.isPending}>{t("tables.import")}</Button>
      {send.error ? <ErrorNote error={send.error} /> : done && <p role="status">{done}</p>}
    </Form>
  );
}

/** What differs between two versions. */
export function Compare({ of }: { of: Flow }) {
  const { t } = useT();
  const [from, setFrom] = useState(Math.max(1, of.version - 1));
  const [to, setTo] = useState(of.version);
  const versions = Array.from({ length: of.version }, (_, index) => ({ value: index + 1, label: t("flow.versionOf", { number: index + 1 }) })).reverse();
  const found = useQuery({ queryKey: ["compare", of.name, of.etag, from, to], queryFn: () => flows.compareFlow({ name: of.name, fromVersion: from, toVersion: to }) });
  const states = (title: string, names: string[], tone: "good" | "bad" | "warn") => names.length > 0 && <p>{title} {names.map((name) => <Pill key={name} tone={tone}><Given>{name}</Given></Pill>)}</p>;
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("flow.earlier")} value={from} onChange={setFrom} options={versions} />
        <span>→</span>
        <Select className="filter" aria-label={t("flow.later")} value={to} onChange={setTo} options={versions} />
      </div>
      <Answer of={found}>
        {(it) => (
          <>
            {states(t("flow.added"), it.added, "good")}
            {states(t("flow.removed"), it.removed, "bad")}
            {states(t("flow.changed"), it.changed, "warn")}
            {it.lines.length === 0 ? <p className="quiet">{t("flow.same")}</p> : <pre className="source" tabIndex={0}>{it.lines.map((line, index) => <div key={index} className={line.startsWith("+") ? "line-added" : "line-removed"}>{line}</div>)}</pre>}
          </>
        )}
      </Answer>
    </div>
  );
}

/** A share of the callers meets the newest version, from a time on. */
export function RollOut({ of, done }: { of: Flow; done: () => void }) {
  const { t } = useT();
  const [open, show] = useState(false);
  return (
    <>
      <Button onClick={() => show(true)}>{t("flow.rollOut")}</Button>
      {open && (
        <Editor<{ percent: number; start?: string }>
          title={t("flow.rollOut")}
          ok={t("flow.rollOut")}
          done="flow"
          close={() => show(false)}
          initial={{ percent: of.rollout?.percent || 10 }}
          save={async ({ percent, start }) => {
            await flows.rollOutFlow({ name: of.name, percent, etag: of.etag, ...(start ? { startTime: timestamp(fromLocalInput(start)) } : {}), requestId: requestId() });
            done();
          }}
        >
          <p className="wide">{t("flow.rollOutHelp")}</p>
          <Form.Item name="percent" label={t("flow.percent")} rules={need(t("required"))}><InputNumber min={1} max={100} /></Form.Item>
          <Form.Item name="start" label={t("flow.rollOutFrom")}><Input type="datetime-local" /></Form.Item>
        </Editor>
      )}
    </>
  );
}
