import { Button, Form, Input, InputNumber, Select } from "antd";
import { seconds } from "../api/time";
import type { CriteriaStep, Queue, SkillRequirement } from "../gen/carillon/routing/v1/queue_pb";
import { useT, type TextKey } from "../i18n";
import { need } from "../ui/editor";

export const weightNames = ["skillLevel", "idleTime", "lastAgent", "serviceAbility", "recentLoad", "timeOfDay", "callingNumber"] as const;

/** Who is chosen for the work of a queue, as its form holds it. */
export interface Choice {
  weights?: Partial<Record<(typeof weightNames)[number], number>>;
  numberRules?: { prefix: string; skill: string }[];
  rings?: { stay?: number; dropSkills?: string[] }[];
  /** `anyOf`: alternatives, each a list of "skill|level". */
  criteria?: { stay?: number; agents?: string[]; anyOf?: { allOf?: string[] }[] }[];
}

const span = (value: number | undefined) => (value ? { stay: { seconds: BigInt(value), nanos: 0 } } : {});
const spelled = ({ skill, minLevel }: SkillRequirement) => `${skill}|${minLevel || 1}`;
const requirement = (value: string) => {
  const [skill, level] = value.split("|");
  return { skill: skill!, minLevel: Number(level) };
};

export const choiceOf = (of: Queue): Choice => ({
  ...(of.weights ? { weights: Object.fromEntries(weightNames.map((name) => [name, of.weights![name]])) } : {}),
  numberRules: of.numberRules.map(({ prefix, skill }) => ({ prefix, skill })),
  rings: of.rings.map(({ stay, dropSkills }) => ({ ...(stay ? { stay: seconds(stay) } : {}), dropSkills })),
  criteria: of.criteria.map(({ stay, agents, anyOf }: CriteriaStep) => ({ ...(stay ? { stay: seconds(stay) } : {}), agents, anyOf: anyOf.map(({ allOf }) => ({ allOf: allOf.map(spelled) })) })),
});

/** What the service keeps of it. Weights that nobody gave are the service's own. */
export function ofChoice({ weights, numberRules, rings, criteria }: Choice) {
  const given = weights && weightNames.some((name) => weights[name] !== undefined && weights[name] !== null);
  return {
    ...(given ? { weights: Object.fromEntries(weightNames.map((name) => [name, weights[name] ?? 0])) } : {}),
    numberRules: numberRules ?? [],
    rings: (rings ?? []).map(({ stay, dropSkills }) => ({ ...span(stay), dropSkills: dropSkills ?? [] })),
    criteria: (criteria ?? []).map(({ stay, agents, anyOf }) => ({
      ...span(stay), agents: agents ?? [], anyOf: (anyOf ?? []).filter(({ allOf }) => allOf?.length).map(({ allOf }) => ({ allOf: allOf!.map(requirement) })),
    })),
  };
}

export const choicePaths = ["weights", "number_rules", "rings", "criteria"];

const WEIGHTED = 10;

/** Weights of the strategy that weighs; rings that widen; what an agent must be while the wait is young. */
export function ChoiceFields({ skills, agents }: { skills: { value: string; label: string }[]; agents: { value: string; label: string }[] }) {
  const { t } = useT();
  const levels = skills.flatMap(({ value, label }) => Array.from({ length: 10 }, (_, index) => ({ value: `${value}|${index + 1}`, label: `${label} ≥ ${index + 1}` })));
  const lasts = (name: number) => <Form.Item name={[name, "stay"]}><InputNumber aria-label={t("queue.stay")} prefix={t("queue.stay")} min={1} max={86_400} /></Form.Item>;
  return (
    <>
      <Form.Item noStyle dependencies={["strategy"]}>
        {({ getFieldValue }) =>
          getFieldValue("strategy") === WEIGHTED && (
            <div className="wide">
              <h3>{t("queue.weights")}</h3>
              <div className="form-grid">
                {weightNames.map((name) => <Form.Item key={name} name={["weights", name]} label={t(`queue.weight.${name}` as TextKey)}><InputNumber min={0} max={100} /></Form.Item>)}
              </div>
            </div>
          )
        }
      </Form.Item>
      <Form.List name="numberRules">
        {(fields, { add, remove }) => (
          <div className="wide">
            <h3>{t("queue.numberRules")}</h3>
            {fields.map(({ key, name }) => (
              <div key={key} className="buttons">
                <Form.Item name={[name, "prefix"]} rules={[...need(t("required")), { pattern: /^\+?\d{1,20}$/, message: t("queue.prefixForm") }]}><Input aria-label={t("queue.prefix")} prefix={t("queue.prefix")} maxLength={21} /></Form.Item>
                <Form.Item name={[name, "skill"]} rules={need(t("required"))}><Select className="filter" aria-label={t("admin.skill")} options={skills} /></Form.Item>
                <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
              </div>
            ))}
            <Button onClick={() => add({})}>{t("queue.addNumberRule")}</Button>
          </div>
        )}
      </Form.List>
      <Form.List name="criteria">
        {(steps, { add, remove }) => (
          <div className="wide">
            <h3>{t("queue.criteria")}</h3>
            {steps.map(({ key, name }) => (
              <fieldset key={key} className="hours">
                <legend>{t("queue.step", { number: name + 1 })}</legend>
                <div className="buttons">
                  {lasts(name)}
                  <Form.Item name={[name, "agents"]}><Select mode="multiple" className="filter" aria-label={t("queue.agentsToo")} placeholder={t("queue.agentsToo")} showSearch={{ optionFilterProp: "label" }} options={agents} /></Form.Item>
                  <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                </div>
                <Form.List name={[name, "anyOf"]}>
                  {(alternatives, { add: addOne, remove: removeOne }) => (
                    <>
                      {alternatives.map((one) => (
                        <div key={one.key} className="buttons">
                          <Form.Item name={[one.name, "allOf"]}><Select mode="multiple" className="wide-search" aria-label={t("queue.allOf")} placeholder={t("queue.allOf")} showSearch={{ optionFilterProp: "label" }} options={levels} /></Form.Item>
                          <Button onClick={() => removeOne(one.name)}>{t("admin.remove")}</Button>
                        </div>
                      ))}
                      <Button size="small" onClick={() => addOne({ allOf: [] })}>{t("queue.addAlternative")}</Button>
                    </>
                  )}
                </Form.List>
              </fieldset>
            ))}
            <Button onClick={() => add({ stay: 30, anyOf: [{ allOf: [] }] })}>{t("queue.addStep")}</Button>
          </div>
        )}
      </Form.List>
      <Form.List name="rings">
        {(fields, { add, remove }) => (
          <div className="wide">
            <h3>{t("queue.rings")}</h3>
            {fields.map(({ key, name }) => (
              <div key={key} className="buttons">
                {lasts(name)}
                <Form.Item name={[name, "dropSkills"]}><Select mode="multiple" className="wide-search" aria-label={t("queue.dropSkills")} placeholder={t("queue.dropSkills")} options={skills} /></Form.Item>
                <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
              </div>
            ))}
            {fields.length < 6 && <Button onClick={() => add({ stay: 30 })}>{t("queue.addRing")}</Button>}
          </div>
        )}
      </Form.List>
    </>
  );
}
