import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Popconfirm, Select, Table } from "antd";
import { memo, useDeferredValue, useEffect, useState } from "react";
import { agents, all, idOf, interactions, pageOf, requestId } from "../api/clients";
import { queues, queueStream } from "../api/records";
import { reports } from "../api/back-office";
import { useAgentName } from "../api/names";
import { useMay } from "../api/session";
import { businessNow, fromLocalInput, isoDay, lasting, localInput, millis, span, timestamp, useNow } from "../api/time";
import { AgentSession_State, AgentSession_Slot_StateSchema, AgentSession_StateSchema, AgentStatus, type AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import { Decision_KindSchema, Interaction_State, Interaction_StateSchema, Verdict_BarSchema, type Interaction, type Verdict } from "../gen/carillon/routing/v1/interaction_pb";
import type { QueueState } from "../gen/carillon/routing/v1/queue_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { useT } from "../i18n";
import { stateTone } from "../desk/tones";
import { Answer, Dialog, Elapsed, Facts, Key, Loading, PageHead, Panel, Pill, Time, useAction, veiled } from "../ui/kit";
import { useKeys } from "../ui/keys";
import { opens } from "../ui/list";
import { toast } from "../ui/toast";
import { alertsOf } from "./floor-alerts";
import { Supervise } from "./supervise";
import { Trend, useForecast } from "./trend";


/** Every queue as it is: the whole at once, then each change. */
function useQueueStates() {
  const [states, set] = useState<ReadonlyMap<string, QueueState>>();
  const [lost, lose] = useState(false);
  useEffect(() => {
    const end = new AbortController();
    const watch = async () => {
      while (!end.signal.aborted) {
        try {
          for await (const one of queueStream.watchQueues({}, { signal: end.signal })) {
            lose(false);
            set((before) => new Map(before).set(one.queue, one));
          }
        } catch {
          // said below; the next try is on its way
        }
        if (end.signal.aborted) return;
        lose(true);
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      }
    };
    void watch();
    return () => end.abort();
  }, []);
  return { states, lost };
}

const useSessions = () =>
  useQuery({
    queryKey: ["sessions"],
    queryFn: () =>
      all(pageOf(agents.listAgentSessions, "agentSessions", 200)),
    refetchInterval: 3_000,
  });

const order = [
  AgentSession_State.READY, AgentSession_State.RESERVED, AgentSession_State.BUSY, AgentSession_State.WRAPPING, AgentSession_State.NOT_READY,
];

export default function FloorPage() {
  const { t, language, word, code } = useT();
  const now = useNow();
  const may = useMay();
  const { states, lost } = useQueueStates();
  const sessions = useSessions();
  const nameOf = useAgentName();
  const [agent, openAgent] = useState<string>();
  const [queue, openQueue] = useState<string>();
  const [filter, setFilter] = useState<AgentSession_State>();
  const [formula, setFormula] = useState("SL-C");
  const [find, setFind] = useState("");
  const day = isoDay(now);
  const report = useQuery({
    queryKey: ["day", day],
    queryFn: () => reports.getDayReport({ date: day }),
    refetchInterval: 15_000,
    enabled: may("insight.read"),
  });
  const forecast = useForecast(day, "", may("insight.read"));
  const list = [...(states?.values() ?? [])].sort((a, b) => b.waiting - a.waiting || a.code.localeCompare(b.code));
  const sum = (of: (one: QueueState) => number) => list.reduce((total, one) => total + of(one), 0);
  const oldest = Math.min(...list.map((one) => (one.oldestQueueTime ? millis(one.oldestQueueTime) : Infinity)));
  const offered = sum((one) => Number(one.offered));
  const abandoned = sum((one) => Number(one.abandoned));
  const levels = report.data?.day?.kpis.filter((kpi) => kpi.code.startsWith("SL")) ?? [];
  const level = levels.find((kpi) => kpi.code === formula) ?? levels[0];
  const counted = (state: AgentSession_State) => (sessions.data ?? []).filter((one) => one.state === state).length;
  const seated = (sessions.data ?? []).filter((one) => one.state !== AgentSession_State.SIGNED_OUT);
  const alerts = alertsOf(list, seated, report.data?.day?.kpis ?? [], now);
  useKeys({
    "floor.down": () => step(1),
    "floor.up": () => step(-1),
    "floor.find": () => document.getElementById("floor-find")?.focus(),
    "floor.alerts": () => document.getElementById("floor-alerts")?.focus(),
    ...Object.fromEntries(order.map((state, index) => [String(index + 1), () => setFilter(filter === state ? undefined : state)])),
  });
  return (
    <div className="stack">
      <PageHead
        title={t("floor.title")}
        extra={
          levels.length > 0 && (
            <label className="inline">
              {t("floor.formula")}{" "}
              <Select
                aria-label={t("floor.formula")}
                value={level?.code}
                onChange={setFormula}
                options={levels.map((kpi) => ({ value: kpi.code, label: `${kpi.code} ${language === "en" ? kpi.title : kpi.titleZh}` }))}
                popupMatchSelectWidth={false}
              />
            </label>
          )
        }
      >
        {lost && <Pill tone="warn">{t("floor.lost")}</Pill>}
      </PageHead>
      <div className="tiles">
        <Tile label={level ? `${t("floor.level")} ${level.code}` : t("floor.level")} value={level?.value === undefined ? "—" : `${(level.value * 100).toFixed(1)}%`} note={level?.formula ? code("formula", level.code) : ""} tone={level?.value !== undefined && level.target !== undefined && level.value < level.target ? "bad" : ""} />
        <Tile label={t("floor.waiting")} value={sum((one) => one.waiting)} note={t("floor.longest", { time: oldest < Infinity ? span(now - oldest) : "00:00" })} tone={oldest < Infinity && now - oldest > 60_000 ? "bad" : ""} />
        <Tile label={t("floor.inService")} value={sum((one) => one.inService)} note={t("floor.answered", { count: sum((one) => Number(one.answered)) })} />
        <Tile label={t("floor.abandoned")} value={offered > 0 ? `${((abandoned / offered) * 100).toFixed(1)}%` : "—"} note={t("floor.abandonedOf", { count: abandoned, of: offered })} />
        {order.map((state, index) => (
          <button type="button" key={state} className={`tile tile-state ${filter === state ? "here" : ""}`} aria-pressed={filter === state} onClick={() => setFilter(filter === state ? undefined : state)}>
            <span>{word(AgentSession_StateSchema, state)} <Key>{String(index + 1)}</Key></span>
            <strong className={`state-${AgentSession_State[state]}`}>{counted(state)}</strong>
            <small>{index === 0 ? t("floor.signedIn", { count: (sessions.data ?? []).length }) : "\u00a0"}</small>
          </button>
        ))}
      </div>
      {alerts.length > 0 && (
        <Panel id="floor-alerts" title={<>{t("floor.alerts", { count: alerts.length })} <Key of="floor.alerts" /></>}>
          <ul className="alerts">
            {alerts.slice(0, 12).map((one, index) => {
              const who = one.agent ? nameOf(one.agent) : one.kpi ? (language === "en" ? one.kpi.title : one.kpi.titleZh) : "";
              const text = `${who} ${t(one.text, one.values)}`.trim();
              return (
                <li key={index}>
                  {one.kpi ? <Pill tone={one.tone}>{text}</Pill> : <button type="button" className={`pill pill-${one.tone}`} onClick={() => (one.agent ? openAgent(one.agent) : openQueue(one.queue))}>{text}</button>}
                </li>
              );
            })}
          </ul>
        </Panel>
      )}
      <div className="split">
        <Panel title={<>{t("floor.queues")} <Key of="floor.down" /><Key of="floor.up" /></>}>
          {states ? (
            <Table
              size="small"
              rowKey="queue"
              pagination={false}
              dataSource={list}
              locale={{ emptyText: t("none") }}
              onRow={opens((row) => openQueue(row.queue))}
              columns={[
                { title: t("floor.queue"), render: (_, row) => row.displayName || row.code },
                { title: t("floor.waiting"), align: "right", render: (_, row) => (row.waiting > 0 ? <strong>{row.waiting}</strong> : 0) },
                { title: t("floor.longestShort"), align: "right", render: (_, row) => (row.oldestQueueTime ? <Elapsed since={millis(row.oldestQueueTime)} warn={20_000} limit={60_000} /> : "—") },
                { title: t("floor.expected"), align: "right", render: (_, row) => (row.estimatedWait ? lasting(row.estimatedWait) : "—") },
                { title: t("floor.inTime"), align: "right", render: (_, row) => (row.offered > 0 ? `${((Number(row.answeredInTime) / Number(row.offered)) * 100).toFixed(0)}%` : "—") },
                { title: t("floor.agents"), align: "right", render: (_, row) => `${row.agentsReady} / ${row.agents}` },
                { title: t("floor.handle"), align: "right", render: (_, row) => (row.handleDuration ? lasting(row.handleDuration) : "—") },
              ]}
            />
          ) : (
            <Loading />
          )}
        </Panel>
        <Panel
          title={t("floor.agentStates")}
          extra={
            <span className="inline">
              {filter !== undefined && <Button size="small" onClick={() => setFilter(undefined)}>{t("all")}</Button>}
              <Input id="floor-find" size="small" allowClear aria-label={t("floor.find")} placeholder={t("floor.find")} suffix={<Key of="floor.find" />} value={find} onChange={({ target }) => setFind(target.value.trim())} />
            </span>
          }
        >
          <Answer of={sessions}>
            {(all) => <Seats of={all} state={filter} find={find} open={openAgent} />}
          </Answer>
        </Panel>
      </div>
      {may("insight.read") && <Panel title={t("floor.trend")}><Answer of={report}>{(it) => <Trend intervals={it.intervals} forecast={forecast.data} />}</Answer></Panel>}
      <QueueDrawer queue={queue} close={() => openQueue(undefined)} name={(queue && states?.get(queue)?.displayName) || ""} />
      <AgentDrawer session={(sessions.data ?? []).find((one) => one.agent === agent)} close={() => openAgent(undefined)} name={agent ? nameOf(agent) : ""} />
    </div>
  );
}

/** Everybody who is signed in. Many: drawn apart from the clock of the page, and piece by piece, so that nothing waits for it. */
const Seats = memo(function Seats({ of, state, find, open }: { of: AgentSession[]; state: AgentSession_State | undefined; find: string; open: (agent: string) => void }) {
  const { t } = useT();
  const nameOf = useAgentName();
  const now = useDeferredValue(of);
  const shown = now.filter((one) => one.state !== AgentSession_State.SIGNED_OUT && (state === undefined || one.state === state) && (!find || one.agentCode.startsWith(find) || nameOf(one.agent).includes(find)));
  return (
    <ul className="seats">
      {shown.map((one) => <Seat key={one.name} of={one} name={nameOf(one.agent)} open={open} />)}
      {shown.length === 0 && <li className="quiet">{t("floor.nobody")}</li>}
    </ul>
  );
});

const Seat = memo(
  function Seat({ of, name, open }: { of: AgentSession; name: string; open: (agent: string) => void }) {
    const { word, code } = useT();
    return (
      <li>
        <button type="button" onClick={() => open(of.agent)}>
          <strong translate="no">{name}</strong>
          <Pill tone={stateTone(of.state)}>{word(AgentSession_StateSchema, of.state)}</Pill>
          <span className="quiet">{of.state === AgentSession_State.NOT_READY ? code("reason", of.reason) : `${of.agentCode} · ${of.seat}`}</span>
          <Elapsed since={millis(of.stateTime)} {...(of.state === AgentSession_State.WRAPPING ? { limit: 60_000 } : of.state === AgentSession_State.BUSY ? { warn: 180_000 } : {})} />
        </button>
      </li>
    );
  },
  (before, after) => before.of.name === after.of.name && before.of.etag === after.of.etag && before.name === after.name,
);

/** Moves among queues and agents. */
function step(by: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>("main .ant-table-row[tabindex], .seats button")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

const Tile = ({ label, value, note, tone = "" }: { label: string; value: string | number; note: string; tone?: string }) => (
  <div className={`tile ${tone === "bad" ? "tile-bad" : ""}`}>
    <span>{label}</span>
    <strong>{value}</strong>
    <small>{note || "\u00a0"}</small>
  </div>
);

function QueueDrawer({ queue, close, name }: { queue: string | undefined; close: () => void; name: string }) {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [one, open] = useState<Interaction>();
  const pull = useAction(
    (of: Interaction) => agents.pullInteraction({ name: of.name, requestId: requestId() }),
    () => {
      toast("good", t("supervise.takeOver.done"));
      void client.invalidateQueries({ queryKey: ["queue-now", queue] });
    },
  );
  const waiting = useQuery({
    queryKey: ["queue-now", queue],
    queryFn: async () => {
      const [queued, talking, past] = await Promise.all(
        [Interaction_State.QUEUED, Interaction_State.ASSIGNED, 0].map((state) => interactions.listInteractions({ queue: queue!, state, pageSize: 30 })),
      );
      const known = new Map([...queued!.interactions, ...talking!.interactions, ...past!.interactions].map((it) => [it.name, it]));
      return [...known.values()];
    },
    enabled: Boolean(queue),
    refetchInterval: 4_000,
  });
  const nameOf = useAgentName();
  return (
    <Drawer destroyOnHidden open={Boolean(queue)} onClose={close} title={name} size={760}>
      <Answer of={waiting}>
        {(list) => (
          <Table
            size="small"
            rowKey="name"
            dataSource={list}
            pagination={false}
            locale={{ emptyText: t("none") }}
            onRow={opens(open)}
            columns={[
              { title: t("order.state"), render: (_, row) => <Pill>{word(Interaction_StateSchema, row.state)}</Pill> },
              { title: t("col.number"), render: (_, row) => veiled(row.callingNumber) },
              { title: t("col.time"), render: (_, row) => <Time at={millis(row.createTime)} /> },
              { title: t("desk.waited"), align: "right", render: (_, row) => (row.waitDuration ? lasting(row.waitDuration) : row.state === Interaction_State.QUEUED ? <Elapsed since={millis(row.queueTime)} /> : "—") },
              {
                title: t("floor.agent"),
                render: (_, row) =>
                  row.state === Interaction_State.QUEUED && may("routing.desk") ? (
                    <span onClick={(event) => event.stopPropagation()}>
                      <Popconfirm title={t("supervise.pullAsk")} onConfirm={() => pull.mutate(row)}>
                        <Button size="small">{t("supervise.pull")}</Button>
                      </Popconfirm>
                    </span>
                  ) : (
                    nameOf(row.agent)
                  ),
              },
            ]}
          />
        )}
      </Answer>
      <Why of={one} close={() => open(undefined)} />
    </Drawer>
  );
}

/** Why a piece of work went where it went. */
export function Why({ of, close }: { of: Interaction | undefined; close: () => void }) {
  const { t, word, code } = useT();
  const nameOf = useAgentName();
  const why = useQuery({ queryKey: ["why", of?.name], queryFn: () => interactions.explainInteraction({ name: of!.name }), enabled: Boolean(of) });
  return (
    <Drawer destroyOnHidden open={Boolean(of)} onClose={close} title={t("floor.why")} size={560}>
      <Answer of={why}>
        {({ decisions, verdicts }) => (
          <div className="stack" role="region" aria-label={t("floor.why")} tabIndex={0}>
            <table className="plain">
              <thead>
                <tr>
                  <th scope="col">{t("col.time")}</th>
                  <th scope="col">{t("floor.decision")}</th>
                  <th scope="col">{t("floor.agent")}</th>
                  <th scope="col" className="n">{t("floor.signedInShort")}</th>
                  <th scope="col" className="n">{t("floor.unqualified")}</th>
                  <th scope="col" className="n">{t("floor.candidates")}</th>
                </tr>
              </thead>
              <tbody>
                {decisions.map((one, index) => (
                  <tr key={index}>
                    <td><Time at={millis(one.time)} /></td>
                    <td>{word(Decision_KindSchema, one.kind)} {one.strategy && `· ${code("Queue.Strategy", one.strategy)}`}</td>
                    <td>{nameOf(one.agent)}</td>
                    <td className="n">{one.signedIn}</td>
                    <td className="n">{one.notQualified}</td>
                    <td className="n">{one.candidates}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {verdicts.length > 0 && <h3>{t("floor.whyNow")}</h3>}
            <Verdicts of={verdicts} subject="agent" />
          </div>
        )}
      </Answer>
    </Drawer>
  );
}

/** How agents and waiting work stand to each other at this moment. */
function Verdicts({ of, subject }: { of: Verdict[]; subject: "agent" | "interaction" }) {
  const { t, word, code } = useT();
  const nameOf = useAgentName();
  const skills = useQuery({ queryKey: ["skills-all"], queryFn: () => all(pageOf(queues.listSkills, "skills", 200)), staleTime: 300_000, enabled: of.length > 0 });
  if (of.length === 0) return null;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t(subject === "agent" ? "floor.agent" : "floor.work")}</th>
          <th scope="col">{t("floor.bar")}</th>
          <th scope="col">{t("floor.until")}</th>
        </tr>
      </thead>
      <tbody>
        {of.map((one) => (
          <tr key={`${one.agent} ${one.interaction}`}>
            <td>{subject === "agent" ? nameOf(one.agent) : idOf(one.interaction).slice(0, 8)}</td>
            <td>
              {word(Verdict_BarSchema, one.bar)}
              {one.skill && ` · ${skills.data?.find(({ name }) => name === one.skill)?.displayName ?? "…"} ${one.level} / ${one.required}`}
              {one.reason && ` · ${code("reason", one.reason)}`}
            </td>
            <td>{one.until ? <Time at={millis(one.until)} /> : "—"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AgentDrawer({ session, close, name }: { session: AgentSession | undefined; close: () => void; name: string }) {
  return (
    <Drawer destroyOnHidden open={Boolean(session)} onClose={close} title={name} size={520}>
      {session && <AgentAtWork session={session} name={name} />}
    </Drawer>
  );
}

const forced = [
  { status: AgentStatus.READY, text: "floor.forceReady", key: "floor.ready" },
  { status: AgentStatus.NOT_READY, text: "floor.forceNotReady", key: "floor.notReady" },
  { status: AgentStatus.SIGNED_OUT, text: "floor.forceOut", key: "floor.out" },
] as const;

function AgentAtWork({ session, name }: { session: AgentSession; name: string }) {
  const { t, word, code } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [choice, choose] = useState<(typeof forced)[number]>();
  const force = useAction(
    (status: AgentStatus) => agents.forceStatus({ agent: session.agent, status, requestId: requestId() }),
    () => {
      void client.invalidateQueries({ queryKey: ["sessions"] });
      choose(undefined);
    },
  );
  const why = useQuery({ queryKey: ["agent-why", session.agent, session.etag], queryFn: () => agents.explainAgent({ agent: session.agent }), enabled: may("routing.supervise"), refetchInterval: 5_000 });
  useKeys({ ...Object.fromEntries(forced.map((one) => [one.key, () => choose(one)])), "floor.move": () => document.getElementById("floor-move")?.focus() }, "dialogue");
  return (
    <div className="stack">
      <Facts
        of={[
          { label: t("order.state"), value: <><Pill tone={stateTone(session.state)}>{word(AgentSession_StateSchema, session.state)}</Pill> <Elapsed since={millis(session.stateTime)} /></> },
          Boolean(session.reason) && { label: t("floor.reason"), value: code("reason", session.reason) },
          session.slots.length > 0 && { label: t("works.inHand"), value: session.slots.map(({ interaction, channel, state }) => <span key={interaction}><Pill>{word(ChannelSchema, channel || 1)} · {word(AgentSession_Slot_StateSchema, state)}</Pill> </span>) },
          { label: t("floor.code"), value: session.agentCode },
          { label: t("desk.seat"), value: `${session.seat} · ${session.extension}` },
          { label: t("desk.signedInAt"), value: <Time at={millis(session.createTime)} /> },
          { label: t("desk.handledCalls"), value: session.handled },
          { label: t("desk.talkTime"), value: lasting(session.busyDuration) },
          { label: t("desk.readyTime"), value: lasting(session.readyDuration) },
          { label: t("desk.notReadyTime"), value: lasting(session.notReadyDuration) },
          { label: t("floor.missed"), value: session.noAnswers },
        ]}
      />
      <div className="buttons">
        {forced.map((one) => (
          <Button key={one.status} danger={one.status === AgentStatus.SIGNED_OUT} onClick={() => choose(one)}>
            {t(one.text)} <Key of={one.key} />
          </Button>
        ))}
      </div>
      {choice && (
        <Dialog
          open
          title={t("floor.forceAsk", { name })}
          onClose={() => choose(undefined)}
          actions={
            <>
              <Button type="primary" autoFocus danger={choice.status === AgentStatus.SIGNED_OUT} loading={force.isPending} onClick={() => force.mutate(choice.status)}>{t(choice.text)}</Button>
              <Button onClick={() => choose(undefined)}>{t("cancel")}</Button>
            </>
          }
        >
          <p>{t("floor.audited")}</p>
        </Dialog>
      )}
      {session.state === AgentSession_State.BUSY && <Supervise agent={session.agent} name={name} />}
      {may("routing.supervise") && <Move key={session.agent} agent={session.agent} name={name} />}
      {why.data && why.data.verdicts.length > 0 && (
        <section>
          <h3>{t("floor.nextWork")}</h3>
          <Verdicts of={why.data.verdicts} subject="interaction" />
        </section>
      )}
    </div>
  );
}

/** Other queues for an agent, at once: for good, or until a time of the day. Work in hand is not disturbed. */
function Move({ agent, name }: { agent: string; name: string }) {
  const { t } = useT();
  const client = useQueryClient();
  const profiles = useQuery({ queryKey: ["profiles"], queryFn: () => all(pageOf(queues.listRoutingProfiles, "routingProfiles", 200)), staleTime: 300_000 });
  const known = useQuery({ queryKey: ["agent", agent], queryFn: () => queues.getAgent({ name: agent }) });
  const now = businessNow();
  const stretch = known.data?.assignments.find((one) => millis(one.startTime) <= now && millis(one.endTime) > now);
  const serves = stretch?.routingProfile ?? known.data?.routingProfile;
  const [chosen, choose] = useState<string>();
  const [until, setUntil] = useState("");
  const profile = chosen ?? serves;
  const move = useAction(
    () => agents.moveAgent({ agent, routingProfile: profile!, ...(until ? { endTime: timestamp(fromLocalInput(until)) } : {}), requestId: requestId() }),
    (moved) => {
      client.setQueryData(["agent", agent], moved);
      void client.invalidateQueries({ queryKey: ["by-name", "agents"] });
      choose(undefined);
      toast("good", t("floor.moved", { name }));
    },
  );
  return (
    <fieldset className="hours">
      <legend>{t("floor.move")} <Key of="floor.move" /></legend>
      <div className="buttons">
        <Select id="floor-move" aria-label={t("floor.move")} className="filter" value={profile ?? null} onChange={(next) => choose(next ?? undefined)} options={(profiles.data ?? []).map((one) => ({ value: one.name, label: one.displayName || one.code }))} />
        <label className="inline">{t("floor.until")} <Input type="datetime-local" min={localInput(now)} value={until} onChange={({ target }) => setUntil(target.value)} /></label>
        <Popconfirm title={t("floor.moveAsk", { name })} description={t("floor.audited")} onConfirm={() => move.mutate(undefined)}>
          <Button disabled={!profile || (profile === serves && !until)} loading={move.isPending}>{t("floor.moveNow")}</Button>
        </Popconfirm>
      </div>
      {stretch && <p className="quiet">{t("floor.movedUntil")} <Time at={millis(stretch.endTime)} /></p>}
    </fieldset>
  );
}
