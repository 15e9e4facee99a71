import { createClient } from "@connectrpc/connect";
import { Button, Input } from "antd";
import { useRef, useState } from "react";
import { requestId } from "../api/clients";
import { transport } from "../api/session";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { CallEvent_MarkSchema, type CallEvent_Mark } from "../gen/carillon/telephony/v1/call_pb";
import { CallService } from "../gen/carillon/telephony/v1/call_service_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Dialog, Key, useAction } from "../ui/kit";
import { toast } from "../ui/toast";

const calls = createClient(CallService, transport);

/** What an agent does to the line itself: keys for a menu at its other end, and marks of moments for whoever looks at the call later. */
export default function OnTheLine({ work, idle, canKey }: { work: Interaction; idle: boolean; canKey: boolean }) {
  const { t } = useT();
  const [keying, key] = useState(false);
  const can = canKey && !idle;
  useKeys({ "desk.digits": () => key(can) });
  return (
    <>
      <Button disabled={!can} onClick={() => key(true)}>
        {t("digits.keys")} <Key of="desk.digits" />
      </Button>
      {keying && can && <Keypad call={work.call} close={() => key(false)} />}
      <Mark call={work.call} idle={idle} />
    </>
  );
}

const pad = [..."123456789*0#"];

/** Sends keys one after the other, as they are pressed. They are secrets often enough: shown is only how many there were. */
function Keypad({ call, close }: { call: string; close: () => void }) {
  const { t } = useT();
  const [sent, count] = useState(0);
  const line = useRef(Promise.resolve());
  const send = useAction((digits: string) => calls.sendDigits({ name: call, digits, requestId: requestId() }), () => count((before) => before + 1));
  /** A key that does not get through ends the keying: what follows would be half of something. */
  const press = (digit: string) => {
    line.current = line.current.then(() => send.mutateAsync(digit)).then(() => undefined);
    line.current.catch(close);
  };
  useKeys(Object.fromEntries(pad.map((digit) => [digit, () => press(digit)])), "dialogue");
  return (
    <Dialog open title={t("digits.title")} onClose={close} actions={<Button onClick={close}>{t("digits.done")}</Button>}>
      <p className="quiet">{t("digits.help")}</p>
      <div className="keypad">
        {pad.map((digit) => (
          <Button key={digit} size="large" onClick={() => press(digit)}>{digit}</Button>
        ))}
      </div>
      <p role="status">{t("digits.sent", { count: sent })}</p>
    </Dialog>
  );
}

function Mark({ call, idle }: { call: string; idle: boolean }) {
  const { t, word, choices } = useT();
  const [asking, ask] = useState(false);
  const [note, setNote] = useState("");
  const kinds = choices(CallEvent_MarkSchema);
  const send = useAction(
    (mark: CallEvent_Mark) => calls.markCall({ name: call, mark, note: note.trim(), requestId: requestId() }),
    ({ mark }) => toast("good", t("mark.marked", { what: word(CallEvent_MarkSchema, mark) })),
  );
  const mark = (kind: CallEvent_Mark) => {
    send.mutate(kind);
    ask(false);
    setNote("");
  };
  useKeys(
    idle
      ? {}
      : {
          "desk.mark": () => ask(!asking),
          ...(asking ? Object.fromEntries(kinds.map(({ value }, index) => [String(index + 1), () => mark(value)])) : {}),
          Escape: asking ? () => ask(false) : undefined,
        },
  );
  return (
    <span className="choice">
      <Button disabled={idle} loading={send.isPending} onClick={() => ask(!asking)} aria-expanded={asking}>
        {t("mark.mark")} <Key of="desk.mark" />
      </Button>
      {asking && (
        <ul aria-label={t("mark.mark")}>
          <li>
            <Input size="small" aria-label={t("mark.note")} placeholder={t("mark.note")} maxLength={200} value={note} onChange={({ target }) => setNote(target.value)} />
          </li>
          {kinds.map(({ value, label }, index) => (
            <li key={value}>
              <button type="button" autoFocus={index === 0} onClick={() => mark(value)}>
                <Key>{String(index + 1)}</Key> {label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}
