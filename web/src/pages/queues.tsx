import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { access, all, pageOf, requestId } from "../api/clients";
import { useAgents, useQueues } from "../api/names";
import { queues } from "../api/records";
import { seconds } from "../api/time";
import { Queue_EvaluationSchema, Queue_StrategySchema, Queue_Target_KindSchema, type OverflowStep, type Queue, type Queue_Target } from "../gen/carillon/routing/v1/queue_pb";
import { ChannelSchema } from "../gen/carillon/type/v1/type_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { HoursFields, hoursOf, written, type WrittenHours } from "../ui/hours";
import { Pill } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { useSkills } from "./admin-rules";
import { tried } from "./dry-run";
import { ChoiceFields, choiceOf, choicePaths, ofChoice, type Choice } from "./queue-choice";

interface Target {
  kind?: number;
  queue?: string;
  flow?: string;
}
interface Filled extends Choice {
  channels?: number[];
  code: string;
  client?: string;
  displayName: string;
  strategy?: number;
  evaluation?: number;
  priority?: number;
  offer?: number;
  offerTo?: number;
  refusal?: number;
  patience?: number;
  lastAgent?: boolean;
  wrap?: number;
  service?: number;
  maxLength?: number;
  minWorking?: number;
  renewals?: number;
  open?: boolean;
  briefing?: boolean;
  hours?: WrittenHours;
  skills?: { skill: string; minLevel?: number }[];
  overflow?: { after: number; action: OverflowStep["action"]["case"]; queue?: string; levels?: number; skill?: string }[];
  texts?: string[];
  bonus?: { word: string; seconds: number }[];
  full?: Target;
  closed?: Target;
  maxWait?: number;
  maxWaitTarget?: Target;
  noAgent?: number;
  noAgentTarget?: Target;
}

const length = (value: number | undefined) => (value === undefined || value === null ? undefined : { seconds: BigInt(value), nanos: 0 });
const limit = (value: number | undefined) => length(value || undefined);
const target = (of: Target | undefined) => (of?.kind ? { kind: of.kind, queue: of.queue ?? "", flow: of.flow ?? "" } : undefined);
const targetOf = (of: Queue_Target | undefined): Target => (of?.kind ? { kind: of.kind, ...(of.queue ? { queue: of.queue } : {}), ...(of.flow ? { flow: of.flow } : {}) } : {});

function step(one: NonNullable<Filled["overflow"]>[number]) {
  const after = { seconds: BigInt(one.after), nanos: 0 };
  switch (one.action) {
    case "lowerLevelsBy": return { after, action: { case: one.action, value: one.levels ?? 1 } };
    case "dropSkill": return { after, action: { case: one.action, value: one.skill ?? "" } };
    default: return { after, action: { case: "addQueue" as const, value: one.queue ?? "" } };
  }
}

/** What the service keeps of a filled form; what is left empty is the service's own. */
function queueOf(filled: Filled) {
  const values = {
    ...ofChoice(filled), channels: filled.channels ?? [],
    displayName: filled.displayName, strategy: filled.strategy ?? 0, evaluation: filled.evaluation ?? 0, defaultPriority: filled.priority ?? 0, offerTo: filled.offerTo ?? 0,
    maxLength: filled.maxLength ?? 0, minWorking: filled.minWorking ?? 0, wrapUpRenewals: filled.renewals ?? 0, closed: !filled.open, noLastAgent: !filled.lastAgent, briefingRequired: filled.briefing ?? false,
    hours: hoursOf(filled.hours), offerTimeout: limit(filled.offer), wrapUp: length(filled.wrap), serviceLevelTime: limit(filled.service), refusalDelay: length(filled.refusal), lastAgentPatience: length(filled.patience),
    requiredSkills: (filled.skills ?? []).map((one) => ({ skill: one.skill, minLevel: one.minLevel ?? 1 })), overflow: (filled.overflow ?? []).map(step), waitingTexts: filled.texts ?? [],
    bonusSeconds: Object.fromEntries((filled.bonus ?? []).map((one) => [one.word, one.seconds])),
    fullTarget: target(filled.full), closedTarget: target(filled.closed), maxWait: limit(filled.maxWait), maxWaitTarget: target(filled.maxWaitTarget), maxWaitNoAgent: limit(filled.noAgent), noAgentTarget: target(filled.noAgentTarget),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Omit<Queue, "$typeName" | "$unknown">>;
}

const filledOf = (of: Queue): Partial<Filled> => ({
  ...choiceOf(of), channels: of.channels,
  code: of.code, displayName: of.displayName, strategy: of.strategy || 1, evaluation: of.evaluation || 1, priority: of.defaultPriority || 5, offer: seconds(of.offerTimeout) || 15, offerTo: of.offerTo || 1,
  wrap: of.wrapUp ? seconds(of.wrapUp) : 60, service: seconds(of.serviceLevelTime) || 20, refusal: of.refusalDelay ? seconds(of.refusalDelay) : 30, patience: of.lastAgentPatience ? seconds(of.lastAgentPatience) : 20,
  lastAgent: !of.noLastAgent, maxLength: of.maxLength, minWorking: of.minWorking, renewals: of.wrapUpRenewals, open: !of.closed, briefing: of.briefingRequired, hours: written(of.hours),
  skills: of.requiredSkills.map(({ skill, minLevel }) => ({ skill, minLevel: minLevel || 1 })),
  overflow: of.overflow.map(({ after, action }) => ({
    after: seconds(after), action: action.case,
    ...(action.case === "addQueue" ? { queue: action.value } : action.case === "lowerLevelsBy" ? { levels: action.value } : action.case === "dropSkill" ? { skill: action.value } : {}),
  })),
  texts: of.waitingTexts, bonus: Object.entries(of.bonusSeconds).map(([word, value]) => ({ word, seconds: value })),
  full: targetOf(of.fullTarget), closed: targetOf(of.closedTarget), maxWaitTarget: targetOf(of.maxWaitTarget), noAgentTarget: targetOf(of.noAgentTarget),
  ...(of.maxWait ? { maxWait: seconds(of.maxWait) } : {}), ...(of.maxWaitNoAgent ? { noAgent: seconds(of.maxWaitNoAgent) } : {}),
});

const fresh: Partial<Filled> = { strategy: 1, evaluation: 1, priority: 5, offer: 15, offerTo: 1, wrap: 60, service: 20, refusal: 30, patience: 20, lastAgent: true, open: true, hours: written(undefined) };

const paths = [
  ...choicePaths, "channels",
  "display_name", "strategy", "evaluation", "default_priority", "offer_to", "max_length", "offer_timeout", "wrap_up", "service_level_time", "refusal_delay", "last_agent_patience", "no_last_agent", "min_working",
  "wrap_up_renewals", "closed", "briefing_required", "hours", "required_skills", "overflow", "waiting_texts", "bonus_seconds", "full_target", "closed_target", "max_wait", "max_wait_target", "max_wait_no_agent", "no_agent_target",
];

/** Lines of waiting work, with the rules they are served by. */
export function Queues() {
  const { t, word, choices } = useT();
  const [editing, edit] = useState<Queue | "new">();
  const of = editing === "new" ? undefined : editing;
  const clients = useQuery({ queryKey: ["clients"], queryFn: () => all(pageOf(access.listClients, "clients", 200)), staleTime: 300_000 });
  const skills = useSkills();
  const people = useAgents();
  const known = useQueues();
  const queueChoices = [...(known.data?.values() ?? [])].filter(({ name }) => name !== of?.name).map((one) => ({ value: one.name, label: one.displayName || one.code }));
  const skillChoices = (skills.data ?? []).map((one) => ({ value: one.name, label: one.displayName || one.code }));
  const number = (name: keyof Filled, from: number, to: number) => <Form.Item name={name} label={t(`queue.${name}` as "queue.offer")}><InputNumber min={from} max={to} /></Form.Item>;
  /** VOICEMAIL and FLOW are for new work only. */
  const where = (name: "full" | "closed" | "maxWaitTarget" | "noAgentTarget", fresh: boolean) => (
    <div className="buttons wide">
      <Form.Item name={[name, "kind"]} label={t(`queue.${name}`)}><Select allowClear className="filter" placeholder={t(fresh ? "queue.refused" : "queue.waitsOn")} options={choices(Queue_Target_KindSchema, ...(fresh ? [] : [4, 5]))} /></Form.Item>
      <Form.Item noStyle dependencies={[[name, "kind"]]}>
        {({ getFieldValue }) =>
          getFieldValue([name, "kind"]) === 1 ? <Form.Item name={[name, "queue"]} label={t("floor.queue")} rules={need(t("required"))}><Select className="filter" options={queueChoices} /></Form.Item>
          : getFieldValue([name, "kind"]) === 5 ? <Form.Item name={[name, "flow"]} label={t("nav.flows")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          : null
        }
      </Form.Item>
    </div>
  );
  return (
    <div className="stack">
      <div><Button type="primary" onClick={() => edit("new")}>{t("admin.newQueue")}</Button></div>
      <PagedTable<Queue>
        id={["queues-list"]}
        page={pageOf(queues.listQueues, "queues")}
        onOpen={edit}
        columns={[
          { title: t("campaign.code"), dataIndex: "code" },
          { title: t("floor.queue"), dataIndex: "displayName" },
          { title: t("admin.strategy"), render: (_, row) => word(Queue_StrategySchema, row.strategy || 1) },
          { title: t("queue.offer"), align: "right", render: (_, row) => seconds(row.offerTimeout) || 15 },
          { title: t("queue.wrap"), align: "right", render: (_, row) => (row.wrapUp ? seconds(row.wrapUp) : 60) },
          { title: t("queue.service"), align: "right", render: (_, row) => seconds(row.serviceLevelTime) || 20 },
          { title: t("queue.maxLength"), align: "right", render: (_, row) => row.maxLength || "—" },
          { title: t("hours.hours"), render: (_, row) => (row.hours ? t("hours.days", { days: row.hours.weekly.length, exceptions: row.hours.exceptions.length }) : t("hours.always")) },
          { title: t("order.state"), render: (_, row) => <Pill tone={row.closed ? "plain" : "good"}>{t(row.closed ? "admin.off" : "admin.on")}</Pill> },
        ]}
      />
      {editing && (
        <Editor<Filled>
          title={t(of ? "admin.changeQueue" : "admin.newQueue")}
          done="queues-list"
          width={800}
          close={() => edit(undefined)}
          initial={of ? filledOf(of) : fresh}
          remove={of ? () => queues.deleteQueue({ name: of.name, etag: of.etag, requestId: requestId() }) : undefined}
          attempt={of ? (filled) => tried({ case: "queue", value: { ...of, ...queueOf(filled) } }) : undefined}
          save={(filled) =>
            of
              ? queues.updateQueue({ queue: { ...queueOf(filled), name: of.name, etag: of.etag }, updateMask: { paths }, requestId: requestId() })
              : queues.createQueue({ queue: { ...queueOf(filled), code: filled.code, client: filled.client ?? clients.data?.[0]?.name ?? "" }, requestId: requestId() })
          }
        >
          {!of && <Form.Item name="code" label={t("campaign.code")} rules={need(t("required"))}><Input maxLength={32} /></Form.Item>}
          {!of && (clients.data?.length ?? 0) > 1 && <Form.Item name="client" label={t("admin.client")} rules={need(t("required"))}><Select options={clients.data!.map((one) => ({ value: one.name, label: one.displayName || one.code }))} /></Form.Item>}
          <Form.Item name="displayName" label={t("floor.queue")} rules={need(t("required"))}><Input maxLength={64} /></Form.Item>
          <Form.Item name="strategy" label={t("admin.strategy")}><Select options={choices(Queue_StrategySchema)} /></Form.Item>
          <Form.Item name="evaluation" label={t("queue.evaluation")}><Select options={choices(Queue_EvaluationSchema)} /></Form.Item>
          <Form.Item name="channels" label={t("queue.channels")}><Select mode="multiple" placeholder={t("queue.voiceOnly")} options={choices(ChannelSchema)} /></Form.Item>
          {number("priority", 1, 9)}
          {number("offer", 5, 120)}
          {number("offerTo", 1, 20)}
          {number("refusal", 0, 3600)}
          {number("patience", 0, 600)}
          {number("wrap", 0, 600)}
          {number("renewals", 0, 100)}
          {number("service", 1, 600)}
          {number("minWorking", 0, 100_000)}
          <Form.Item name="open" label={t("admin.takesWork")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="lastAgent" label={t("queue.lastAgent")} valuePropName="checked"><Switch /></Form.Item>
          <Form.Item name="briefing" label={t("admin.briefing")} valuePropName="checked"><Switch /></Form.Item>
          <Form.List name="skills">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("queue.skills")}</h3>
                {fields.map(({ key, name }) => (
                  <div key={key} className="buttons">
                    <Form.Item name={[name, "skill"]} rules={need(t("required"))}><Select className="filter" aria-label={t("admin.skill")} options={skillChoices} /></Form.Item>
                    <Form.Item name={[name, "minLevel"]}><InputNumber aria-label={t("admin.level")} prefix={t("admin.level")} min={1} max={10} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </div>
                ))}
                <Button onClick={() => add({ minLevel: 1 })}>{t("admin.addSkill")}</Button>
              </div>
            )}
          </Form.List>
          <ChoiceFields skills={skillChoices} agents={[...(people.data?.values() ?? [])].map((one) => ({ value: one.name, label: `${one.code} ${one.displayName}` }))} />
          <Form.List name="overflow">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("queue.overflow")}</h3>
                {fields.map(({ key, name }) => (
                  <div key={key} className="buttons">
                    <Form.Item name={[name, "after"]} rules={need(t("required"))}><InputNumber aria-label={t("queue.after")} prefix={t("queue.after")} min={1} max={86_400} /></Form.Item>
                    <Form.Item name={[name, "action"]} rules={need(t("required"))}><Select className="filter" aria-label={t("admin.action")} options={(["addQueue", "lowerLevelsBy", "dropSkill"] as const).map((value) => ({ value, label: t(`queue.${value}`) }))} /></Form.Item>
                    <Form.Item noStyle dependencies={[["overflow", name, "action"]]}>
                      {({ getFieldValue }) => {
                        switch (getFieldValue(["overflow", name, "action"]) as OverflowStep["action"]["case"]) {
                          case "addQueue": return <Form.Item name={[name, "queue"]} rules={need(t("required"))}><Select className="filter" aria-label={t("floor.queue")} options={queueChoices} /></Form.Item>;
                          case "lowerLevelsBy": return <Form.Item name={[name, "levels"]} rules={need(t("required"))}><InputNumber aria-label={t("admin.level")} min={1} max={9} /></Form.Item>;
                          case "dropSkill": return <Form.Item name={[name, "skill"]} rules={need(t("required"))}><Select className="filter" aria-label={t("admin.skill")} options={skillChoices} /></Form.Item>;
                          default: return null;
                        }
                      }}
                    </Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </div>
                ))}
                <Button onClick={() => add({ after: 60 })}>{t("queue.addStep")}</Button>
              </div>
            )}
          </Form.List>
          <Form.List name="bonus">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("queue.bonus")}</h3>
                {fields.map(({ key, name }) => (
                  <div key={key} className="buttons">
                    <Form.Item name={[name, "word"]} rules={need(t("required"))}><Input aria-label={t("customers.grade")} placeholder="GOLD" maxLength={32} /></Form.Item>
                    <Form.Item name={[name, "seconds"]} rules={need(t("required"))}><InputNumber aria-label={t("queue.seconds")} prefix={t("queue.seconds")} min={0} max={86_400} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </div>
                ))}
                <Button onClick={() => add({})}>{t("queue.addBonus")}</Button>
              </div>
            )}
          </Form.List>
          <Form.Item name="texts" label={t("queue.texts")} className="wide"><Select mode="tags" open={false} /></Form.Item>
          <h3 className="wide">{t("queue.limits")}</h3>
          {number("maxLength", 0, 100_000)}
          {where("full", true)}
          {where("closed", true)}
          {number("maxWait", 0, 86_400)}
          {where("maxWaitTarget", false)}
          {number("noAgent", 0, 86_400)}
          {where("noAgentTarget", false)}
          <HoursFields name="hours" />
        </Editor>
      )}
    </div>
  );
}
