import { createClient } from "@connectrpc/connect";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { requestId } from "../api/clients";
import { useMay, transport } from "../api/session";
import { millis } from "../api/time";
import { Assistance_State } from "../gen/carillon/telephony/v1/call_pb";
import { CallService } from "../gen/carillon/telephony/v1/call_service_pb";
import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Elapsed, Key, Pill, useAction } from "../ui/kit";

const calls = createClient(CallService, transport);

/** Flows that ask for the service password; for the end of a document or a code sent to the mobile phone on record. */
const flows = { password: "assist_password", identity: "assist_identity" };

/** The caller keys alone who it is: the agent hears nothing of it and is told only whether it was right. */
export default function Assist({ work, customer, can }: { work: Interaction; customer: string; can: boolean }) {
  const { t } = useT();
  const may = useMay()("telephony.read");
  const client = useQueryClient();
  const key = ["call-assist", work.call];
  const call = useQuery({
    queryKey: key,
    queryFn: () => calls.getCall({ name: work.call }),
    enabled: may,
    refetchInterval: ({ state }) => ([Assistance_State.ACTIVE, Assistance_State.RETURNING].includes(state.data?.assistance?.state ?? 0) ? 1_000 : false),
  });
  const told = (after: typeof call.data) => void client.setQueryData(key, after);
  const ask = useAction((flow: string) => calls.assistCall({ name: work.call, flow, customer, requestId: requestId() }), told);
  const back = useAction(() => calls.takeBackCall({ name: work.call, requestId: requestId() }), told);
  const now = call.data?.assistance;
  const away = now?.state === Assistance_State.ACTIVE || now?.state === Assistance_State.RETURNING;
  const send = (flow: string) => (may && can && !away ? () => ask.mutate(flow) : undefined);
  const password = away ? () => back.mutate(undefined) : send(flows.password);
  const identity = send(flows.identity);
  useKeys({ "desk.assist": may ? password : undefined, "desk.identify": identity });
  if (!may) return null;
  return (
    <>
      {away && <><Pill tone="warn">{t("assist.keys")}</Pill> <Elapsed since={millis(now.startTime)} label={t("assist.keys")} /></>}
      {now?.state === Assistance_State.RETURNED && <Pill tone={now.done ? "good" : "bad"}>{t(now.done ? "assist.right" : "assist.wrong")}</Pill>}
      {now?.state === Assistance_State.BROKEN_OFF && <Pill tone="warn">{t("assist.broken")}</Pill>}
      <Button disabled={!password} loading={ask.isPending || back.isPending} onClick={password}>
        {t(away ? "assist.back" : "assist.ask")} <Key of="desk.assist" />
      </Button>
      {!away && (
        <Button disabled={!identity} loading={ask.isPending} onClick={identity}>
          {t("assist.identify")} <Key of="desk.identify" />
        </Button>
      )}
    </>
  );
}
