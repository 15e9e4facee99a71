import { useQuery } from "@tanstack/react-query";
import { calls } from "../api/back-office";
import { all, type Page, pageOf } from "../api/clients";
import { useMay } from "../api/session";
import { clockTime, millis, span } from "../api/time";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { CallEvent_MarkSchema, CallEvent_Type, CallEvent_TypeSchema } from "../gen/carillon/telephony/v1/call_pb";
import { useT } from "../i18n";
import { Given, Pill } from "../ui/kit";

type Stretch = "wait" | "ring" | "talk" | "hold" | "wrap";

/** A conversation from the queue to the end of wrap-up, to scale, with what happened on the line beneath. */
export function CallTimeline({ of }: { of: Interaction }) {
  const { t, word, language } = useT();
  const may = useMay();
  const events = useQuery({
    queryKey: ["call-events", of.call],
    queryFn: () => all(pageOf((page: Page) => calls.listCallEvents({ ...page, parent: of.call }), "events", 200)),
    enabled: Boolean(of.call) && may("telephony.read"),
    staleTime: Infinity,
  });
  const from = millis(of.queueTime ?? of.createTime);
  const end = millis(of.endTime) || millis(of.mediaEndTime) || from;
  const parts: [Stretch, number, number][] = [
    ["wait", from, millis(of.acceptTime) || end],
    ["ring", millis(of.offerTime), millis(of.acceptTime)],
    ["talk", millis(of.connectTime), millis(of.mediaEndTime)],
    ["wrap", millis(of.mediaEndTime), end],
  ];
  let held = 0;
  for (const { type, time } of events.data ?? []) {
    if (type === CallEvent_Type.HELD) held = millis(time);
    else if (held && (type === CallEvent_Type.RETRIEVED || type === CallEvent_Type.CLEARED)) {
      parts.push(["hold", held, millis(time)]);
      held = 0;
    }
  }
  const marks = (events.data ?? []).filter(({ type }) => type === CallEvent_Type.MARKED);
  const share = (at: number) => (end > from ? (Math.min(Math.max(at - from, 0), end - from) / (end - from)) * 100 : 0);
  const drawn = parts.filter(([, begin, until]) => begin > 0 && until > begin && until > from);
  return (
    <div className="stack">
      <svg className="call-line" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={drawn.map(([kind, begin, until]) => `${t(`qa.line.${kind}`)} ${span(until - begin)}`).join(", ")}>
        {drawn.map(([kind, begin, until]) => <rect key={`${kind} ${begin}`} x={share(begin)} width={Math.max(0.4, share(until) - share(begin))} y={0} height={10} className={`line-${kind}`} />)}
        {marks.map(({ name, time }) => <rect key={name} x={Math.min(share(millis(time)), 99.4)} width={0.6} y={0} height={10} className="line-mark" />)}
      </svg>
      <p className="call-legend">
        {drawn.map(([kind, begin, until]) => (
          <span key={`${kind} ${begin}`}>
            <span className={`swatch line-${kind}`} aria-hidden="true" /> {t(`qa.line.${kind}`)} {span(until - begin)}
          </span>
        ))}
      </p>
      {events.data && (
        <ol className="plain-list">
          {events.data.map((one) => (
            <li key={one.name}>
              <time dateTime={new Date(millis(one.time)).toISOString()}>{clockTime(millis(one.time), language)}</time> {word(CallEvent_TypeSchema, one.type)}
              {one.mark !== 0 && <> <Pill tone="warn">{word(CallEvent_MarkSchema, one.mark)}</Pill></>}
              {one.note && <> <Given>{one.note}</Given></>}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
