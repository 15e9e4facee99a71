import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import Input from "antd/es/input/Input"; // without its searches and passwords: this is in the first load
import { lazy, Suspense, useEffect, useState } from "react";
import { agents, interactions, requestId } from "../api/clients";
import { useDeskRules } from "../api/desk-rules";
import { useSession } from "../api/session";
import { clockTime, lasting, millis, span, useNow } from "../api/time";
import { AgentSession_State, AgentSession_StateSchema, AgentStatus, type AgentSession, type Desk } from "../gen/carillon/routing/v1/agent_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Answer, Elapsed, Facts, Field, Key, Loading, Notice, Panel, Pill, Time, useAction, veiled } from "../ui/kit";
import { toast } from "../ui/toast";
import { isCall } from "./channel";
import { stateTone } from "./tones";
import { useBell } from "./bell";
import { forgetDrafts } from "./draft";
import { useDeskFeed } from "./feed";

/** Not needed for the first picture; fetched right after it, so that it is there before the first call. */
const loadWorkspace = () => import("./workspace");
const Workspace = lazy(loadWorkspace);
const Works = lazy(() => import("./works"));

/** Which work the tab shows, kept over a reload. */
const here = "carillon.desk.here";

/** Unless the tenant has rules of its own. */
const usual = ["MEAL", "REST", "TRAINING", "COACHING", "MEETING", "BACK_OFFICE", "HANDOVER", "SYSTEM_FAULT", "LEAVE_SEAT"];

export default function DeskPage() {
  const session = useSession();
  const { t, language } = useT();
  const { link, desk, lostAt } = useDeskFeed(session.state === "in" ? session.user.name : "");
  if (link === "none") return <Notice title={t("desk.noAgent")}>{t("desk.noAgentHelp")}</Notice>;
  if (!desk) return link === "lost" ? <Alert banner type="warning" title={t("desk.lost", { time: clockTime(lostAt ?? 0, language) })} /> : <Loading />;
  const at = desk.session;
  const signedIn = at && at.state !== AgentSession_State.SIGNED_OUT;
  return (
    <div className="desk">
      {link === "lost" && <Alert banner type="warning" title={t("desk.lost", { time: clockTime(lostAt ?? 0, language) })} />}
      {link === "viewer" && <Alert banner type="info" title={t("desk.viewer")} />}
      {signedIn ? <Seated desk={desk} session={at} idle={link !== "live"} /> : <TakeSeat idle={link !== "live"} />}
    </div>
  );
}

function TakeSeat({ idle }: { idle: boolean }) {
  const { t } = useT();
  const sit = useAction((where: { seat: string; extension: string }) => {
    localStorage.setItem("carillon.seat", JSON.stringify(where));
    return agents.signIn({ ...where, requestId: requestId() });
  });
  const [where, setWhere] = useState(() => ({ seat: "", extension: "", ...(JSON.parse(localStorage.getItem("carillon.seat") ?? "{}") as object) }));
  return (
    <div className="desk-seat">
      <form
        className="gate-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (where.seat && where.extension) sit.mutate(where);
        }}
      >
        <h1>{t("desk.takeSeat")}</h1>
        <p>{t("desk.takeSeatHelp")}</p>
        <Field label={t("desk.seat")} id="seat" required>
          <Input id="seat" size="large" maxLength={32} autoFocus value={where.seat} onChange={({ target }) => setWhere({ ...where, seat: target.value.trim() })} />
        </Field>
        <Field label={t("desk.extension")} id="extension" required>
          <Input id="extension" size="large" maxLength={32} inputMode="numeric" value={where.extension} onChange={({ target }) => setWhere({ ...where, extension: target.value.trim() })} />
        </Field>
        <Button type="primary" size="large" htmlType="submit" block loading={sit.isPending} disabled={idle || !where.seat || !where.extension}>
          {t("desk.signIn")}
        </Button>
      </form>
    </div>
  );
}

function Seated({ desk, session, idle }: { desk: Desk; session: AgentSession; idle: boolean }) {
  const { t } = useT();
  const offer = desk.offers[0];
  const works = desk.interactions;
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(here) ?? "");
  const choose = (name: string) => {
    sessionStorage.setItem(here, name);
    setChosen(name);
  };
  const work = works.find(({ name }) => name === chosen) ?? works[0];
  const names = [...works.map(({ name }) => name), ...(offer ? [offer.interaction!.name] : [])].join(" ");
  // What was written down about a call that is over goes once it is known that it is over: not before the first picture of the day.
  useEffect(() => forgetDrafts(names.split(" ")), [names]);
  useBell(Boolean(offer) && !idle);
  // With nothing to do for them just now they are still not the browser's, which would set bookmarks and search the web.
  useKeys({ "desk.digits": () => undefined, "desk.knowledge": () => undefined });
  useEffect(() => void loadWorkspace(), []);
  useEffect(() => {
    if (!offer) return;
    const before = document.title;
    document.title = `● ${t("desk.rings")}`;
    return () => void (document.title = before);
  }, [offer, t]);
  return (
    <>
      <StateBar session={session} idle={idle} />
      {offer && <OfferBar key={`offer ${offer.reservation!.name}`} desk={desk} idle={idle} taken={choose} />}
      <Suspense fallback={<Loading />}>
        {work && works.length > 1 && <Works of={works} here={work.name} choose={choose} />}
        {work ? (
          <Workspace key={work.name} work={work} session={session} idle={idle} interrupted={Boolean(offer)} />
        ) : offer ? (
          <Workspace key={offer.interaction!.name} work={offer.interaction!} session={session} idle ringing />
        ) : (
          <Waiting session={session} />
        )}
      </Suspense>
    </>
  );
}

function StateBar({ session, idle }: { session: AgentSession; idle: boolean }) {
  const { t, word, code } = useT();
  const [asking, ask] = useState(false);
  const rules = useDeskRules(true);
  const reasons = rules?.reasons.length ? rules.choosable.map((one) => one.code) : usual;
  const named = (reason: string) => rules?.reasons.find((one) => one.code === reason)?.displayName || code("reason", reason);
  const set = useAction(({ status, reason = "" }: { status: AgentStatus; reason?: string }) =>
    agents.setStatus({ status, reason, requestId: requestId() }),
  );
  const leave = useAction(() => agents.signOut({ requestId: requestId() }));
  const notReady = (reason: string) => {
    ask(false);
    set.mutate({ status: AgentStatus.NOT_READY, reason });
  };
  const ready = () => set.mutate({ status: AgentStatus.READY });
  const free = session.state === AgentSession_State.READY || session.state === AgentSession_State.NOT_READY;
  useKeys(
    idle
      ? {}
      : {
          "desk.notReady": () => ask(!asking),
          "desk.ready": ready,
          "desk.leave": free ? () => leave.mutate(undefined) : undefined,
          ...(asking ? Object.fromEntries(reasons.slice(0, 9).map((reason, index) => [String(index + 1), () => notReady(reason)])) : {}),
          Escape: asking ? () => ask(false) : undefined,
        },
  );
  const limit = session.reasonLimitTime && millis(session.reasonLimitTime) - millis(session.stateTime);
  return (
    <div className="statebar" aria-live="polite">
      <Pill tone={stateTone(session.state)}>
        <span className="dot" /> {word(AgentSession_StateSchema, session.state)}
        {session.reason && session.state === AgentSession_State.NOT_READY && ` · ${named(session.reason)}`}
      </Pill>
      <Elapsed since={millis(session.stateTime)} {...(limit ? { limit } : {})} label={t("desk.since")} />
      {session.pendingStatus === AgentStatus.NOT_READY && <Pill tone="warn">{t("desk.then", { what: named(session.pendingReason) })}</Pill>}
      <span className="statebar-gap" />
      <span>{t("desk.agentCode", { code: session.agentCode })}</span>
      <span>{t("desk.atSeat", { seat: session.seat, extension: session.extension })}</span>
      <span>{t("desk.handled", { count: session.handled })}</span>
      <Button
        type={session.state === AgentSession_State.NOT_READY ? "primary" : "default"}
        disabled={idle || (session.state === AgentSession_State.READY && !session.pendingStatus)}
        onClick={ready}
        loading={set.isPending}
      >
        {t("desk.ready")} <Key of="desk.ready" />
      </Button>
      <span className="choice">
        <Button disabled={idle} onClick={() => ask(!asking)} aria-haspopup="menu" aria-expanded={asking}>
          {t("desk.notReady")} <Key of="desk.notReady" />
        </Button>
        {asking && (
          <ul role="menu" aria-label={t("desk.notReady")}>
            {reasons.map((reason, index) => (
              <li key={reason} role="none">
                <button type="button" role="menuitem" autoFocus={index === 0} onClick={() => notReady(reason)}>
                  {index < 9 && <Key>{String(index + 1)}</Key>} {named(reason)}
                </button>
              </li>
            ))}
          </ul>
        )}
      </span>
      <Button disabled={idle || !free} onClick={() => leave.mutate(undefined)} loading={leave.isPending}>
        {t("desk.signOut")} <Key of="desk.leave" />
      </Button>
    </div>
  );
}

function OfferBar({ desk, idle, taken }: { desk: Desk; idle: boolean; taken: (work: string) => void }) {
  const { t, code, word } = useT();
  const { reservation, interaction } = desk.offers[0]!;
  const now = useNow();
  const from = millis(reservation!.createTime);
  const until = millis(reservation!.expireTime);
  const left = Math.max(0, until - now);
  const share = until > from ? (left / (until - from)) * 100 : 0;
  const accept = useAction(() => agents.acceptReservation({ name: reservation!.name, version: reservation!.version, requestId: requestId() }), ({ name }) => taken(name));
  const reject = useAction(() => agents.rejectReservation({ name: reservation!.name, version: reservation!.version, reason: "", requestId: requestId() }));
  const answer = () => !accept.isPending && accept.mutate(undefined);
  const refuse = () => !reject.isPending && reject.mutate(undefined);
  useKeys(idle ? {} : { "desk.call": answer, "desk.reject": refuse });
  return (
    <div className={`offerbar ${share < 34 ? "late" : ""}`} role="alert">
      {!isCall(interaction!) && <Pill tone="strong">{word(ChannelSchema, interaction!.channel)}</Pill>}
      <strong className="offer-number">{interaction!.callingNumber || t("desk.anonymous")}</strong>
      {interaction!.grade && <Pill tone="strong">{code("grade", interaction!.grade)}</Pill>}
      {interaction!.elderly && <Pill tone="calm">60+</Pill>}
      {interaction!.parent && <Pill tone="calm">{t("transfer.passedOn")}</Pill>}
      <span>{t(isCall(interaction!) ? "desk.rings" : "desk.comes")}</span>
      <progress max={100} value={share} aria-label={t("desk.ringsLeft")} />
      <span className="elapsed">{span(left)}</span>
      <Button type="primary" size="large" onClick={answer} disabled={idle} loading={accept.isPending}>
        {t(isCall(interaction!) ? "desk.answer" : "desk.take")} <Key of="desk.call" />
      </Button>
      <Button size="large" disabled={idle} onClick={refuse} loading={reject.isPending}>
        {t("desk.reject")} <Key of="desk.reject" />
      </Button>
    </div>
  );
}

function Waiting({ session }: { session: AgentSession }) {
  const { t, word, disposition } = useT();
  const mine = useQuery({
    queryKey: ["my-interactions", session.agent, session.handled],
    queryFn: () => interactions.listInteractions({ agent: session.agent, pageSize: 8 }),
  });
  const wasRona = session.reason === "RONA";
  useEffect(() => {
    if (wasRona) toast("warn", t("desk.missed"));
  }, [wasRona]);
  return (
    <div className="waiting">
      <Panel className="waiting-state">
        <p className={`waiting-word state-${AgentSession_State[session.state]}`}>{word(AgentSession_StateSchema, session.state)}</p>
        <p>{t(session.state === AgentSession_State.READY ? "desk.waitingReady" : "desk.waitingNotReady")}</p>
        <Elapsed since={millis(session.stateTime)} label={t("desk.since")} />
      </Panel>
      <Panel title={t("desk.mySession")}>
        <Facts
          columns={2}
          of={[
            { label: t("desk.signedInAt"), value: <Time at={millis(session.createTime)} /> },
            { label: t("desk.handledCalls"), value: session.handled },
            { label: t("desk.talkTime"), value: lasting(session.busyDuration) },
            { label: t("desk.wrapTime"), value: lasting(session.wrappingDuration) },
            { label: t("desk.readyTime"), value: lasting(session.readyDuration) },
            { label: t("desk.notReadyTime"), value: lasting(session.notReadyDuration) },
          ]}
        />
      </Panel>
      <Panel title={t("desk.lastCalls")}>
        <Answer of={mine}>
          {({ interactions: past }) =>
            past.length === 0 ? (
              <p className="quiet">{t("desk.noCalls")}</p>
            ) : (
              <table className="plain">
                <thead>
                  <tr>
                    <th scope="col">{t("col.time")}</th>
                    <th scope="col">{t("col.number")}</th>
                    <th scope="col">{t("col.talk")}</th>
                    <th scope="col">{t("col.result")}</th>
                  </tr>
                </thead>
                <tbody>
                  {past.map((one) => (
                    <tr key={one.name}>
                      <td><Time at={millis(one.createTime)} /></td>
                      <td>{veiled(one.callingNumber)}</td>
                      <td>{lasting(one.talkDuration)}</td>
                      <td>{disposition(one.disposition)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Answer>
      </Panel>
    </div>
  );
}
