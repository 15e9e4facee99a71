import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { agents, interactions, requestId } from "../api/clients";
import { SuperviseInteractionRequest_Mode as Mode } from "../gen/carillon/routing/v1/agent_service_pb";
import { Interaction_State } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { useKeys } from "../ui/keys";
import { Dialog, Field, Key, useAction } from "../ui/kit";
import { toast } from "../ui/toast";

const ways = [
  { act: "listen", key: "floor.listen", rings: true },
  { act: "whisper", key: "floor.whisper", rings: true },
  { act: "barge", key: "floor.barge", rings: true },
  { act: "stop", key: "floor.leave", rings: false },
  { act: "takeOver", key: "floor.takeOver", rings: false },
  { act: "release", key: "floor.release", rings: false },
] as const;
type Way = (typeof ways)[number];

/** A supervisor in an agent's live call: listens, whispers, speaks with all, takes the customer, ends it. Each asks once; all of it
 * is on the audit trail. */
export function Supervise({ agent, name }: { agent: string; name: string }) {
  const { t } = useT();
  const client = useQueryClient();
  const live = useQuery({ queryKey: ["live-of", agent], queryFn: () => interactions.listInteractions({ agent, state: Interaction_State.ASSIGNED, pageSize: 1 }), refetchInterval: 3_000 });
  const work = live.data?.interactions[0];
  const [way, choose] = useState<Way>();
  const [extension, setExtension] = useState(() => localStorage.getItem("carillon.extension") ?? "");
  const send = useAction(
    ({ act }: Way) => {
      localStorage.setItem("carillon.extension", extension);
      const request = { name: work!.name, requestId: requestId() };
      switch (act) {
        case "listen": return agents.superviseInteraction({ ...request, mode: Mode.LISTEN, extension });
        case "whisper": return agents.superviseInteraction({ ...request, mode: Mode.WHISPER, extension });
        case "barge": return agents.superviseInteraction({ ...request, mode: Mode.BARGE, extension });
        case "stop": return agents.superviseInteraction({ ...request, mode: Mode.STOP });
        case "takeOver": return agents.takeOverInteraction(request);
        case "release": return agents.forceRelease(request);
      }
    },
    (_, { act }) => {
      toast("good", t(`supervise.${act}.done`));
      choose(undefined);
      void client.invalidateQueries({ queryKey: ["live-of", agent] });
    },
  );
  useKeys(work ? Object.fromEntries(ways.map((one) => [one.key, () => choose(one)])) : {}, "dialogue");
  if (!work?.call) return null;
  return (
    <div className="buttons" role="group" aria-label={t("supervise.call")}>
      {ways.map((one) => (
        <Button key={one.act} danger={one.act === "release"} onClick={() => choose(one)}>
          {t(`supervise.${one.act}`)} <Key of={one.key} />
        </Button>
      ))}
      {way && (
        <Dialog
          open
          title={t("supervise.ask", { what: t(`supervise.${way.act}`), name })}
          onClose={() => choose(undefined)}
          actions={
            <>
              <Button type="primary" autoFocus danger={way.act === "release"} disabled={way.rings && !extension.trim()} loading={send.isPending} onClick={() => send.mutate(way)}>{t(`supervise.${way.act}`)}</Button>
              <Button onClick={() => choose(undefined)}>{t("cancel")}</Button>
            </>
          }
        >
          <p>{t("floor.audited")}</p>
          {way.rings && (
            <Field label={t("supervise.extension")} id="supervise-extension" required>
              <Input id="supervise-extension" inputMode="numeric" maxLength={32} value={extension} onChange={({ target }) => setExtension(target.value.trim())} />
            </Field>
          )}
        </Dialog>
      )}
    </div>
  );
}
