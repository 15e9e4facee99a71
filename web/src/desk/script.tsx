import { createClient } from "@connectrpc/connect";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox } from "antd";
import { useState } from "react";
import { transport, useSession } from "../api/session";
import { CampaignService } from "../gen/carillon/campaign/v1/campaign_service_pb";
import { Script_StepKindSchema, type Script_StepKind } from "../gen/carillon/campaign/v1/script_pb";
import { ScriptService } from "../gen/carillon/campaign/v1/script_service_pb";
import { useT } from "../i18n";
import { Answer } from "../ui/kit";
import { useCustomer } from "./customer";
import { useDraft } from "./draft";

const campaigns = createClient(CampaignService, transport);
const scripts = createClient(ScriptService, transport);

/** The script of a campaign's call, as it was approved when the campaign was scheduled. */
const useScript = (attempt: string) =>
  useQuery({
    queryKey: ["script-of", attempt],
    queryFn: async () => {
      const { campaign } = await campaigns.getAttempt({ name: attempt });
      const { script, scriptVersion } = await campaigns.getCampaign({ name: campaign });
      return scripts.getScript({ name: script, version: scriptVersion });
    },
    staleTime: Infinity,
  });

/** What is said, step by step: answers lead on, doubts have theirs, and what must be said is ticked. */
export default function ScriptPanel({ call, attempt, customer }: { call: string; attempt: string; customer: string }) {
  const { t, word } = useT();
  const session = useSession();
  const script = useScript(attempt);
  const known = useCustomer(customer);
  const [draft, change] = useDraft(call, "script", { step: 0, said: [] as string[] });
  const [reply, setReply] = useState("");
  const party = known.data?.party;
  const names: Record<string, string> = {
    name: party?.case === "person" ? `${party.value.fullName}${party.value.salutation}` : (known.data?.displayName ?? ""),
    agent: session.state === "in" ? session.user.agentNumber : "",
  };
  const spoken = (text: string) => text.replace(/\{(\w+)\}/g, (whole, key: string) => names[key] || whole);
  return (
    <Answer of={script}>
      {({ steps, objections, mustSay }) => {
        const at = steps.find(({ kind }) => kind === draft.step) ?? steps[0];
        const go = (kind: Script_StepKind) => (setReply(""), change({ step: kind }));
        return (
          <div className="stack">
            <ol className="script-steps" aria-label={t("script.steps")}>
              {steps.map(({ kind }) => (
                <li key={kind}>
                  <Button size="small" type={kind === at?.kind ? "primary" : "default"} aria-current={kind === at?.kind ? "step" : undefined} onClick={() => go(kind)}>{word(Script_StepKindSchema, kind)}</Button>
                </li>
              ))}
            </ol>
            {at && (
              <section aria-live="polite">
                {at.goal && <p className="quiet">{at.goal}</p>}
                <p className="script-wording">{spoken(at.wording)}</p>
                {at.questions.map((question) => <p key={question}>— {spoken(question)}</p>)}
                <div className="buttons">
                  {at.branches.map((branch) => (
                    <Button key={branch.answer} onClick={() => (branch.next ? go(branch.next) : undefined, setReply(branch.wording))}>{branch.answer}</Button>
                  ))}
                </div>
              </section>
            )}
            {objections.length > 0 && (
              <section>
                <h3>{t("script.objections")}</h3>
                <div className="buttons">
                  {objections.map((one) => <Button key={one.text} size="small" onClick={() => setReply(one.answer)}>{one.text}</Button>)}
                </div>
              </section>
            )}
            {reply && <Alert type="info" title={spoken(reply)} closable={{ onClose: () => setReply("") }} />}
            {mustSay.length > 0 && (
              <section>
                <h3>{t("script.must")}</h3>
                <Checkbox.Group value={draft.said} onChange={(said) => change({ said: said as string[] })} options={mustSay.map((sentence) => ({ value: sentence, label: spoken(sentence) }))} />
              </section>
            )}
          </div>
        );
      }}
    </Answer>
  );
}
