import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Radio } from "antd";
import { lazy, Suspense, useRef, useState } from "react";
import { agents, interactions, requestId } from "../api/clients";
import { useAgentName } from "../api/names";
import { queues } from "../api/records";
import { useMay } from "../api/session";
import { millis, seconds, span, useNow } from "../api/time";
import type { AgentSession } from "../gen/carillon/routing/v1/agent_pb";
import { Decision_Kind, Decision_KindSchema, Interaction_Direction, Interaction_IdentityLevelSchema, Interaction_State, type Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Dialog, Elapsed, Facts, Given, Key, Loading, Panel, Pill, useAction } from "../ui/kit";
import { isCall } from "./channel";
import { CustomerPanel } from "./customer";
import { useDraft } from "./draft";
import { OrderForm } from "./order-form";
import { CustomerOrders } from "./orders-of";
import { PassOn } from "./pass-on";
import { WrapUp } from "./wrap-up";

/** Fetched with this, before a call needs them: a key that is pressed as soon as the call is there must do something. */
const soon = { assist: import("./assist"), line: import("./on-the-line"), knowledge: import("./knowledge") };
const Assist = lazy(() => soon.assist);
const Knowledge = lazy(() => soon.knowledge);
const OnTheLine = lazy(() => soon.line);
const ScriptPanel = lazy(() => import("./script"));

type Tab = "script" | "new" | "all";

/** One call at work: its bar, the customer, the order, the summary. While it rings nothing can be sent. */
export default function Workspace({ work, session, idle, ringing, interrupted }: { work: Interaction; session: AgentSession; idle: boolean; ringing?: boolean; interrupted?: boolean }) {
  const { t } = useT();
  const may = useMay();
  const attempt = work.attachedData["attempt"];
  // Who it is, the orders made and what was open are there again after other work, or a reload.
  const [draft, change] = useDraft<{ customer: string; orders: string[]; tab: Tab }>(work.name, "work", { customer: "", orders: [], tab: attempt ? "script" : "new" });
  const { tab, orders } = draft;
  const customer = work.customer || draft.customer;
  const setTab = (next: Tab) => change({ tab: next });
  const made = useRef(orders);
  made.current = orders;
  const note = (name: string) => change({ orders: [...made.current, name] });
  const [subject, setSubject] = useState("");
  const toOrder = () => {
    setTab("new");
    requestAnimationFrame(() => document.getElementById("order-title")?.focus());
  };
  return (
    <>
      {!ringing && <CallBar work={work} customer={customer} idle={idle} interrupted={Boolean(interrupted)} toOrder={toOrder} />}
      <div className="panes">
        <Panel id="pane-customer" title={<>{t("desk.customer")} <Key of="desk.customer" /></>} className="pane-customer">
          <CustomerPanel work={work} customer={customer} choose={(name) => change({ customer: name })} />
        </Panel>
        <Panel
          id="pane-work"
          className="pane-work"
          title={<>{t("desk.work")} <Key of="desk.work" /></>}
          extra={
            <Radio.Group
              size="small"
              optionType="button"
              value={tab}
              onChange={({ target }) => setTab(target.value as Tab)}
              options={[
                ...(attempt ? [{ value: "script", label: t("script.script") }] : []),
                { value: "new", label: t("order.new") },
                { value: "all", label: t("order.ofCustomer") },
              ]}
            />
          }
        >
          {tab === "script" && attempt ? (
            <Suspense fallback={<Loading />}>
              <ScriptPanel call={work.name} attempt={attempt} customer={customer} />
            </Suspense>
          ) : tab === "all" ? (
            <CustomerOrders customer={customer} />
          ) : may("workorder.create") ? (
            <OrderForm work={work} customer={customer} idle={idle} made={orders} onMade={note} onTitle={setSubject} />
          ) : (
            <p>{t("error.denied")}</p>
          )}
        </Panel>
        <Panel id="pane-wrap" className="pane-wrap" title={<>{t("desk.summary")} <Key of="desk.wrap" /></>}>
          <WrapUp work={work} customer={customer} session={session} orders={orders} idle={idle} />
          {!ringing && may("knowledge.read") && <Suspense><Knowledge work={work} customer={customer} subject={subject} /></Suspense>}
          <CallFacts work={work} />
        </Panel>
      </div>
    </>
  );
}

function CallBar({ work, customer, idle, interrupted, toOrder }: { work: Interaction; customer: string; idle: boolean; interrupted: boolean; toOrder: () => void }) {
  const { t, code, word } = useT();
  const [ending, end] = useState(false);
  const [passing, pass] = useState<"transfer" | "consult">();
  const [reason, setReason] = useState("DONE");
  const live = work.state === Interaction_State.ASSIGNED;
  const call = isCall(work);
  const connected = millis(work.connectTime) || (call ? 0 : millis(work.acceptTime));
  const held = millis(work.holdTime);
  const hold = useAction(() => agents.holdInteraction({ name: work.name, requestId: requestId() }));
  const retrieve = useAction(() => agents.retrieveInteraction({ name: work.name, requestId: requestId() }));
  const release = useAction(() => agents.releaseInteraction({ name: work.name, reason, requestId: requestId() }), () => end(false));
  const mute = useAction(() => agents.muteInteraction({ name: work.name, muted: !work.muted, requestId: requestId() }));
  const turn = () => (held ? retrieve : hold).mutate(undefined);
  // Who is asked for advice has no customer of their own; while somebody is being asked, the customer is on hold for that.
  const advice = work.direction === Interaction_Direction.INTERNAL;
  const consulting = live && (advice || Boolean(work.consult));
  const may = live && connected > 0 && !idle && !consulting;
  const canMute = live && connected > 0 && !idle && work.call !== "";
  const canPass = may && work.call !== "";
  useKeys({
    // While other work is offered the key is the offer's.
    "desk.call": may && !interrupted ? () => end(true) : undefined,
    "desk.hold": may && call ? turn : undefined,
    "desk.mute": canMute ? () => mute.mutate(undefined) : undefined,
    "desk.transfer": canPass ? () => pass("transfer") : undefined,
    "desk.consult": canPass ? () => pass("consult") : undefined,
    "desk.order": toOrder,
    "desk.summary": () => document.getElementById("disposition")?.focus(),
    "desk.customer": () => document.getElementById("pane-customer")?.focus(),
    "desk.work": () => document.getElementById("pane-work")?.focus(),
    "desk.wrap": () => document.getElementById("pane-wrap")?.focus(),
  });
  return (
    <div className="callbar">
      {live ? (
        held ? (
          <>
            <Pill tone="warn">{t("desk.onHold")}</Pill>
            <Elapsed since={held} limit={60_000} warn={15_000} label={t("desk.onHold")} />
          </>
        ) : (
          <>
            <Pill tone="strong">{call ? t(connected ? "desk.talking" : "desk.connecting") : word(ChannelSchema, work.channel)}</Pill>
            <Elapsed since={connected || millis(work.acceptTime)} {...(call ? { warn: 165_000, limit: 180_000 } : {})} label={t(call ? "desk.talking" : "desk.serving")} />
          </>
        )
      ) : (
        <>
          <Pill tone="calm">{t("desk.wrapping")}</Pill>
          <WrapClock work={work} idle={idle} />
        </>
      )}
      <strong>{work.callingNumber || t("desk.anonymous")}</strong>
      {work.grade && <Pill tone="strong">{code("grade", work.grade)}</Pill>}
      <span className="statebar-gap" />
      {!consulting && (
        <>
          <Button danger disabled={!may} onClick={() => end(true)}>
            {t(call ? "desk.hangUp" : "desk.finish")} {!interrupted && <Key of="desk.call" />}
          </Button>
          {call && (
            <Button disabled={!may} onClick={turn} loading={hold.isPending || retrieve.isPending}>
              {t(held ? "desk.retrieve" : "desk.hold")} <Key of="desk.hold" />
            </Button>
          )}
        </>
      )}
      {call && <Button disabled={!canMute} aria-pressed={work.muted} type={work.muted ? "primary" : "default"} loading={mute.isPending} onClick={() => mute.mutate(undefined)}>
        {t(work.muted ? "desk.unmute" : "desk.mute")} <Key of="desk.mute" />
      </Button>}
      {consulting ? (
        <Consulting work={work} idle={idle} />
      ) : (
        <>
          {call && (
            <>
              <Button disabled={!canPass} onClick={() => pass("transfer")}>
                {t("desk.transfer")} <Key of="desk.transfer" />
              </Button>
              <Button disabled={!canPass} onClick={() => pass("consult")}>
                {t("desk.consult")} <Key of="desk.consult" />
              </Button>
            </>
          )}
          {live && work.call !== "" && <Suspense><Assist work={work} customer={customer} can={may && !held} /></Suspense>}
          {passing && canPass && <PassOn work={work} act={passing} close={() => pass(undefined)} />}
        </>
      )}
      {live && connected > 0 && work.call !== "" && <Suspense><OnTheLine work={work} idle={idle} canKey={!held || Boolean(work.consult)} /></Suspense>}
      <Button onClick={toOrder}>
        {t("desk.order")} <Key of="desk.order" />
      </Button>
      <Button onClick={() => document.getElementById("disposition")?.focus()}>
        {t("desk.summary")} <Key of="desk.summary" />
      </Button>
      <Dialog
        open={ending}
        title={t(call ? "desk.hangUpAsk" : "desk.finishAsk")}
        onClose={() => end(false)}
        actions={
          <>
            <Button danger type="primary" autoFocus loading={release.isPending} onClick={() => release.mutate(undefined)}>
              {t(call ? "desk.hangUp" : "desk.finish")}
            </Button>
            <Button onClick={() => end(false)}>{t("cancel")}</Button>
          </>
        }
      >
        <p>{t(call ? "desk.hangUpHelp" : "desk.finishHelp")}</p>
        {call && (
          <Radio.Group
            value={reason}
            onChange={({ target }) => setReason(target.value as string)}
            options={["DONE", "SILENT", "ABUSE", "NOISE"].map((value) => ({ value, label: code("hangup", value) }))}
            vertical
          />
        )}
      </Dialog>
    </div>
  );
}

/** A colleague is asked, or asks: who, and what may be done about it. */
function Consulting({ work, idle }: { work: Interaction; idle: boolean }) {
  const { t } = useT();
  const { consult } = work;
  const other = useQuery({ queryKey: ["interaction", consult?.interaction], queryFn: () => interactions.getInteraction({ name: consult!.interaction }), enabled: Boolean(consult?.interaction), refetchInterval: 2_000 });
  const nameOf = useAgentName();
  const act = (send: (request: { name: string; requestId: string }) => Promise<unknown>) => () => send({ name: work.name, requestId: requestId() });
  const join = useAction(act(agents.joinConsult));
  const complete = useAction(act(agents.completeConsult));
  const end = useAction(act(agents.endConsult));
  const who = consult ? consult.phoneNumber || (other.data?.agent ? nameOf(other.data.agent) : t("consult.somebody")) : "";
  // An outside line tells nobody that it was answered.
  const answered = Boolean(consult && (consult.acceptTime || consult.phoneNumber));
  const canJoin = !idle && answered && !consult!.conference;
  useKeys({
    "desk.transfer": !idle && answered ? () => complete.mutate(undefined) : undefined,
    "desk.consult": canJoin ? () => join.mutate(undefined) : undefined,
    "desk.endConsult": idle ? undefined : () => end.mutate(undefined),
  });
  return (
    <>
      <Pill tone="calm">{consult ? t(consult.conference ? "consult.three" : answered ? "consult.talking" : "consult.ringing", { who }) : t("consult.asked")}</Pill>
      {consult && (
        <>
          <Button disabled={!canJoin} loading={join.isPending} onClick={() => join.mutate(undefined)}>
            {t("consult.join")} <Key of="desk.consult" />
          </Button>
          <Button disabled={idle || !answered} loading={complete.isPending} onClick={() => complete.mutate(undefined)}>
            {t("consult.complete")} <Key of="desk.transfer" />
          </Button>
        </>
      )}
      <Button disabled={idle} loading={end.isPending} onClick={() => end.mutate(undefined)}>
        {t("consult.end")} <Key of="desk.endConsult" />
      </Button>
    </>
  );
}

const useQueue = (name: string) =>
  useQuery({ queryKey: ["queue", name], queryFn: () => queues.getQueue({ name }), enabled: Boolean(name), staleTime: 300_000 });

/** Counts down to the end of wrap-up, which the platform ends by itself; more of it when the queue allows. */
function WrapClock({ work, idle }: { work: Interaction; idle: boolean }) {
  const { t } = useT();
  const now = useNow();
  const queue = useQueue(work.queue);
  const left = millis(work.wrapEndTime) - now;
  const renewals = (queue.data?.wrapUpRenewals ?? 0) - work.wrapRenewals;
  const more = useAction(() => agents.extendWrapUp({ name: work.name, requestId: requestId() }));
  const extend = renewals > 0 && !idle ? () => !more.isPending && more.mutate(undefined) : undefined;
  useKeys({ "desk.moreWrap": extend });
  return (
    <>
      <span className={`elapsed ${left < 15_000 ? "late" : ""}`} role="timer" aria-label={t("desk.wrapLeft")}>
        {t("desk.left", { time: span(left) })}
      </span>
      {renewals > 0 && (
        <Button size="small" disabled={!extend} loading={more.isPending} onClick={extend}>
          {t("wrap.more")} <Key of="desk.moreWrap" />
        </Button>
      )}
    </>
  );
}

function CallFacts({ work }: { work: Interaction }) {
  const { t, word, code } = useT();
  const queue = useQueue(work.queue);
  const why = useQuery({
    queryKey: ["why", work.name, work.state],
    queryFn: () => interactions.explainInteraction({ name: work.name }),
    staleTime: Infinity,
  });
  // References between services say nothing to a person.
  const attached = Object.entries(work.attachedData).filter(([key, value]) => key !== "attempt" && !/^\w+\/[0-9a-f-]{36}$/.test(value)).sort();
  const offered = why.data?.decisions.filter(({ kind }) => kind === Decision_Kind.OFFERED).at(-1);
  return (
    <section className="callfacts" aria-label={t("desk.callFacts")}>
      {work.briefing && <Alert type="info" showIcon title={t("transfer.passedOn")} description={<span className="text">{work.briefing}</span>} />}
      <h3>{t("desk.callFacts")}</h3>
      <Facts
        of={[
          { label: t("desk.queue"), value: queue.data?.displayName ?? "" },
          { label: t("desk.waited"), value: span(seconds(work.waitDuration) * 1000 || millis(work.offerTime) - millis(work.queueTime)) },
          { label: t("desk.menu"), value: work.menuPath.filter((part) => !part.startsWith("main")).join(" › ") || work.menuPath.join(" › ") },
          Boolean(work.reason) && { label: t("desk.reason"), value: work.reason },
          { label: t("desk.identity"), value: word(Interaction_IdentityLevelSchema, work.identityLevel) },
          { label: t("desk.calledNumber"), value: work.calledNumber },
        ]}
      />
      {attached.length > 0 && (
        <>
          <h3>{t("desk.attached")}</h3>
          <dl className="facts">
            {attached.map(([key, value]) => (
              <div key={key}>
                <dt><Given>{key}</Given></dt>
                <dd><Given>{value}</Given></dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {offered && (
        <>
          <h3>{t("desk.whyMe")}</h3>
          <Facts
            of={[
              { label: word(Decision_KindSchema, offered.kind), value: offered.strategy ? code("Queue.Strategy", offered.strategy) : t("desk.onlyOne") },
              { label: t("desk.candidates"), value: t("desk.candidatesOf", { candidates: offered.candidates, signedIn: offered.signedIn }) },
            ]}
          />
        </>
      )}
    </section>
  );
}
