import { Interaction_State, type Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { millis, span, useNow } from "../api/time";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Key, Pill, veiled } from "../ui/kit";

/** All that is in hand, side by side, each with its clock; one of it is shown below. */
export default function Works({ of, here, choose }: { of: Interaction[]; here: string; choose: (name: string) => void }) {
  const { t } = useT();
  const step = (by: number) => () => choose(of[(of.findIndex(({ name }) => name === here) + by + of.length) % of.length]!.name);
  useKeys({ "desk.next": step(1), "desk.previous": step(-1) });
  return (
    <nav className="works" aria-label={t("works.inHand")}>
      <ul>
        {of.map((work) => (
          <li key={work.name}>
            <button type="button" aria-current={work.name === here ? "true" : undefined} onClick={() => choose(work.name)}>
              <Work of={work} />
            </button>
          </li>
        ))}
      </ul>
      <span className="quiet">
        {t("works.next")} <Key of="desk.next" />
      </span>
    </nav>
  );
}

function Work({ of }: { of: Interaction }) {
  const { t, word } = useT();
  const now = useNow();
  const live = of.state === Interaction_State.ASSIGNED;
  const held = millis(of.holdTime);
  const left = millis(of.wrapEndTime) - now;
  const since = held || millis(of.connectTime) || millis(of.acceptTime);
  const late = live ? held > 0 && now - held > 60_000 : left < 15_000;
  return (
    <>
      <Pill tone={!live ? "calm" : held ? "warn" : "strong"}>{word(ChannelSchema, of.channel || 1)}</Pill>
      <span>{veiled(of.callingNumber)}</span>
      {!live && <span>{t("desk.wrapping")}</span>}
      {held > 0 && <span>{t("desk.onHold")}</span>}
      <span className={`elapsed ${late ? "late" : ""}`}>{live ? span(now - since) : t("desk.left", { time: span(Math.max(0, left)) })}</span>
    </>
  );
}
