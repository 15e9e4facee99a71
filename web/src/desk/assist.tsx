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

/** The flow that asks for the service password. */
const flow = "assist_password";

/** The caller keys the service password alone: the agent hears nothing of it and is told only whether it was right. */
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
  const ask = useAction(() => calls.assistCall({ name: work.call, flow, customer, requestId: requestId() }), told);
  const back = useAction(() => calls.takeBackCall({ name: work.call, requestId: requestId() }), told);
  const now = call.data?.assistance;
  const away = now?.state === Assistance_State.ACTIVE || now?.state === Assistance_State.RETURNING;
  const press = away ? () => back.mutate(undefined) : can ? () => ask.mutate(undefined) : undefined;
  useKeys({ "desk.assist": may ? press : undefined });
  if (!may) return null;
  return (
    <>
      {away && <><Pill tone="warn">{t("assist.keys")}</Pill> <Elapsed since={millis(now.startTime)} label={t("assist.keys")} /></>}
      {now?.state === Assistance_State.RETURNED && <Pill tone={now.done ? "good" : "bad"}>{t(now.done ? "assist.right" : "assist.wrong")}</Pill>}
      {now?.state === Assistance_State.BROKEN_OFF && <Pill tone="warn">{t("assist.broken")}</Pill>}
      <Button disabled={!press} loading={ask.isPending || back.isPending} onClick={press}>
        {t(away ? "assist.back" : "assist.ask")} <Key of="desk.assist" />
      </Button>
    </>
  );
}
