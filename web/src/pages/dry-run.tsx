import { queues } from "../api/records";
import type { RuleChange } from "../gen/carillon/routing/v1/queue_service_pb";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useAgentName, useQueues } from "../api/names";
import { millis } from "../api/time";
import type { DryRunRulesResponse, RuleChangeSchema } from "../gen/carillon/routing/v1/queue_service_pb";
import { useT } from "../i18n";
import { Given, Time } from "../ui/kit";

/** What a change of the rules would do at this moment; nothing is changed. */
export async function tried(change: MessageInitShape<typeof RuleChangeSchema>["change"] & {}) {
  const answer = await queues.dryRunRules({ changes: [{ change } as RuleChange] });
  return <Outcome of={answer} />;
}

function Outcome({ of }: { of: DryRunRulesResponse }) {
  const { t } = useT();
  const known = useQueues();
  const agentName = useAgentName();
  const queueName = (name: string) => known.data?.get(name)?.displayName ?? "—";
  const moved = (before: number, after: number) => (before === after ? String(after) : <strong>{before} → {after}</strong>);
  return (
    <div className="stack">
      <p>{t("dry.said", { differing: of.differing, waiting: of.waiting })} <Time at={millis(of.time)} /></p>
      {of.queues.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t("floor.queue")}</th>
              <th scope="col" className="n">{t("floor.waiting")}</th>
              <th scope="col" className="n">{t("dry.agents")}</th>
            </tr>
          </thead>
          <tbody>
            {of.queues.map((one) => (
              <tr key={one.queue || one.code}>
                <td><Given>{one.queue ? queueName(one.queue) : one.code}</Given></td>
                <td className="n">{moved(one.waiting, one.waitingAfter)}</td>
                <td className="n">{moved(one.agents, one.agentsAfter)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {of.outcomes.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t("floor.queue")}</th>
              <th scope="col" className="n">{t("dry.place")}</th>
              <th scope="col" className="n">{t("dry.agents")}</th>
              <th scope="col">{t("dry.offered")}</th>
            </tr>
          </thead>
          <tbody>
            {of.outcomes.slice(0, 20).map((one) => (
              <tr key={one.interaction}>
                <td><Given>{queueName(one.queue)}{one.queueAfter !== one.queue && ` → ${queueName(one.queueAfter)}`}</Given></td>
                <td className="n">{moved(one.position, one.positionAfter)}</td>
                <td className="n">{moved(one.agents, one.agentsAfter)}</td>
                <td><Given>{one.offeredTo ? agentName(one.offeredTo) : "—"}</Given></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
