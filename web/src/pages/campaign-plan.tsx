import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Space } from "antd";
import { campaigns, scripts } from "../api/back-office";
import { all, idOf, type Page, pageOf, requestId } from "../api/clients";
import { useQueues } from "../api/names";
import { customers } from "../api/records";
import { useMay } from "../api/session";
import { businessNow, fromLocalInput, isoDay, localInput, millis, timestamp, weekday } from "../api/time";
import { Campaign_DiallingMode, Campaign_PurposeSchema, ContactClassSchema, type Campaign } from "../gen/carillon/campaign/v1/campaign_pb";
import { Script_State, Script_StateSchema } from "../gen/carillon/campaign/v1/script_pb";
import { Customer_Grade, Customer_GradeSchema } from "../gen/carillon/customer/v1/customer_pb";
import { useT } from "../i18n";
import { need } from "../ui/editor";
import { ErrorNote, Given, PageHead, Panel, useAction } from "../ui/kit";
import { Link, navigate } from "../ui/router";

interface Wanted {
  grades?: number[];
  holds?: string[];
  lacks?: string[];
  segments?: string[];
  regionPrefix?: string;
  minAge?: number;
  maxAge?: number;
  limit?: number;
}
interface Filled extends Wanted {
  code: string;
  displayName: string;
  purpose: number;
  contactClass: number;
  objective?: string;
  offer?: string;
  script?: string;
  queue?: string;
  callerNumber?: string;
  windows?: { weekdays?: number[]; start: string; end: string }[];
  start?: string;
  end?: string;
  maxPerDay?: number;
  maxAttempts?: number;
  reservedAgents?: number;
}

const most = 2_000;

/** How many customers the master finds, as the making of the list will ask it; more than `most` are not counted on. */
async function estimate(wanted: Wanted) {
  const year = Number(isoDay(businessNow()).slice(0, 4));
  const found = await all(
    pageOf(
      (page: Page) =>
        customers.listCustomers({
          ...page,
          grades: wanted.grades ?? [],
          holds: wanted.holds ?? [],
          lacks: wanted.lacks ?? [],
          segments: wanted.segments ?? [],
          regionPrefix: wanted.regionPrefix ?? "",
          minBirthYear: wanted.maxAge ? year - wanted.maxAge - 1 : 0,
          maxBirthYear: wanted.minAge ? year - wanted.minAge : 0,
        }),
      "customers",
      200,
    ),
    most,
  );
  return wanted.limit ? Math.min(found.length, wanted.limit) : found.length;
}

/** Who is to be called, why, by whom, with which words and when: a new campaign, or one that is still a draft. */
export function Plan({ of }: { of?: Campaign }) {
  const { t, word, choices, code, language } = useT();
  const may = useMay();
  const client = useQueryClient();
  const [form] = Form.useForm<Filled>();
  const queues = useQueues(may("routing.read"));
  const known = useQuery({ queryKey: ["scripts-all"], queryFn: () => all(pageOf(scripts.listScripts, "scripts", 200)) });
  const count = useMutation({ mutationFn: () => estimate(form.getFieldsValue()) });
  const save = useAction(
    async (filled: Filled) => {
      const campaign = {
        code: filled.code,
        displayName: filled.displayName,
        purpose: filled.purpose,
        contactClass: filled.contactClass,
        objective: filled.objective ?? "",
        offer: filled.offer ?? "",
        script: filled.script ?? "",
        queue: filled.queue ?? "",
        callerNumber: filled.callerNumber ?? "",
        diallingMode: Campaign_DiallingMode.PROGRESSIVE,
        reservedAgents: filled.reservedAgents ?? 0,
        windows: filled.windows ?? [],
        retry: { maxPerDay: filled.maxPerDay ?? 0, maxAttempts: filled.maxAttempts ?? 0 },
        criteria: {
          grades: (filled.grades ?? []).map((grade) => Customer_Grade[grade]!),
          holds: filled.holds ?? [],
          lacks: filled.lacks ?? [],
          segments: filled.segments ?? [],
          regionPrefix: filled.regionPrefix ?? "",
          minAge: filled.minAge ?? 0,
          maxAge: filled.maxAge ?? 0,
          limit: filled.limit ?? 0,
        },
        ...(filled.start ? { startTime: timestamp(fromLocalInput(filled.start)) } : {}),
        ...(filled.end ? { endTime: timestamp(fromLocalInput(filled.end)) } : {}),
      };
      const paths = ["code", "display_name", "purpose", "contact_class", "objective", "offer", "script", "queue", "caller_number", "reserved_agents", "windows", "retry", "criteria", "start_time", "end_time"];
      const kept = of
        ? await campaigns.updateCampaign({ campaign: { ...campaign, name: of.name, etag: of.etag }, updateMask: { paths }, requestId: requestId() })
        : await campaigns.createCampaign({ campaign, requestId: requestId() });
      return campaigns.buildTargets({ name: kept.name, etag: kept.etag, requestId: requestId() });
    },
    (kept) => {
      client.setQueryData(["campaign", kept.name], kept);
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      navigate(`/campaigns/${idOf(kept.name)}`);
    },
  );
  const accounts = ["DEPOSIT", "LOAN", "CREDIT_CARD", "TERM_DEPOSIT"].map((value) => ({ value, label: code("account", value) }));
  const weekdays = [1, 2, 3, 4, 5, 6, 7].map((value) => ({ value, label: weekday(value, language, "short") }));
  const asked = new URLSearchParams(location.search).get("grade");
  const initial: Partial<Filled> = of
    ? {
        code: of.code, displayName: of.displayName, purpose: of.purpose, contactClass: of.contactClass, objective: of.objective, offer: of.offer, callerNumber: of.callerNumber,
        ...(of.script ? { script: of.script } : {}), ...(of.queue ? { queue: of.queue } : {}), reservedAgents: of.reservedAgents,
        windows: of.windows.map(({ weekdays: days, start, end }) => ({ weekdays: days, start, end })),
        ...(of.startTime ? { start: localInput(millis(of.startTime)) } : {}), ...(of.endTime ? { end: localInput(millis(of.endTime)) } : {}),
        ...(of.retry?.maxPerDay ? { maxPerDay: of.retry.maxPerDay } : {}), ...(of.retry?.maxAttempts ? { maxAttempts: of.retry.maxAttempts } : {}),
        grades: (of.criteria?.grades ?? []).map((grade) => Customer_Grade[grade as keyof typeof Customer_Grade]), holds: of.criteria?.holds ?? [], lacks: of.criteria?.lacks ?? [],
        segments: of.criteria?.segments ?? [], regionPrefix: of.criteria?.regionPrefix ?? "",
        ...(of.criteria?.minAge ? { minAge: of.criteria.minAge } : {}), ...(of.criteria?.maxAge ? { maxAge: of.criteria.maxAge } : {}), ...(of.criteria?.limit ? { limit: of.criteria.limit } : {}),
      }
    : { windows: [{ start: "09:00", end: "11:30" }, { start: "14:00", end: "20:00" }], maxPerDay: 3, maxAttempts: 6, ...(asked ? { grades: [Number(asked)] } : {}) };
  return (
    <Form form={form} layout="vertical" initialValues={initial} onFinish={(filled) => save.mutate(filled)} onValuesChange={() => count.reset()}>
      <PageHead
        title={of ? <>{t("campaign.change")} · <Given>{of.displayName}</Given></> : t("campaign.new")}
        extra={<Button type="primary" htmlType="submit" loading={save.isPending}>{t("campaign.saveAndBuild")}</Button>}
      >
        <Link to={of ? `/campaigns/${idOf(of.name)}` : "/campaigns"}>{t("cancel")}</Link>
      </PageHead>
      <div className="split">
        <Panel title={t("campaign.plan")}>
          <div className="form-grid">
            <Form.Item name="displayName" label={t("campaign.name")} rules={need(t("required"))}><Input maxLength={100} /></Form.Item>
            <Form.Item name="code" label={t("campaign.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, message: t("campaign.codeForm") }]}><Input disabled={Boolean(of)} /></Form.Item>
            <Form.Item name="purpose" label={t("campaign.purpose")} rules={need(t("required"))}><Select options={choices(Campaign_PurposeSchema)} /></Form.Item>
            <Form.Item name="contactClass" label={t("campaign.class")} rules={need(t("required"))}><Select options={choices(ContactClassSchema)} /></Form.Item>
            <Form.Item name="objective" label={t("campaign.objective")}><Input maxLength={1000} /></Form.Item>
            <Form.Item name="offer" label={t("campaign.offer")}><Input maxLength={64} /></Form.Item>
            <Form.Item name="script" label={t("campaign.script")}><Select allowClear options={(known.data ?? []).map((one) => ({ value: one.name, label: `${one.displayName} · ${word(Script_StateSchema, one.state)}`, disabled: one.state === Script_State.REJECTED }))} /></Form.Item>
            <Form.Item name="queue" label={t("desk.queue")}>{queues.data ? <Select allowClear options={[...queues.data.values()].map((one) => ({ value: one.name, label: one.displayName }))} /> : <Input placeholder="queues/…" />}</Form.Item>
            <Form.Item name="callerNumber" label={t("campaign.caller")} rules={[{ pattern: /^\+?\d{3,20}$/, message: t("campaign.numberForm") }]}><Input inputMode="tel" /></Form.Item>
            <Form.Item name="reservedAgents" label={t("campaign.reserved")}><InputNumber min={0} max={1000} /></Form.Item>
            <Form.Item name="start" label={t("campaign.from")}><Input type="datetime-local" /></Form.Item>
            <Form.Item name="end" label={t("campaign.to")}><Input type="datetime-local" /></Form.Item>
            <Form.Item name="maxPerDay" label={t("campaign.perDay")}><InputNumber min={1} max={10} /></Form.Item>
            <Form.Item name="maxAttempts" label={t("campaign.attempts")}><InputNumber min={1} max={20} /></Form.Item>
            <div className="wide">
              <h3>{t("campaign.windows")}</h3>
              <Form.List name="windows">
                {(fields, { add, remove }) => (
                  <>
                    {fields.map(({ key, name }) => (
                      <Space key={key} align="baseline">
                        <Form.Item name={[name, "start"]} rules={need(t("required"))}><Input type="time" aria-label={t("campaign.from")} /></Form.Item>
                        <Form.Item name={[name, "end"]} rules={need(t("required"))}><Input type="time" aria-label={t("campaign.to")} /></Form.Item>
                        <Form.Item name={[name, "weekdays"]}><Select mode="multiple" className="filter" aria-label={t("campaign.weekdays")} placeholder={t("campaign.everyDay")} options={weekdays} /></Form.Item>
                        <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                      </Space>
                    ))}
                    <Button onClick={() => add({ start: "09:00", end: "20:00" })}>{t("campaign.addWindow")}</Button>
                  </>
                )}
              </Form.List>
            </div>
          </div>
        </Panel>
        <Panel title={t("campaign.who")}>
          <Form.Item name="grades" label={t("customers.grade")}><Select mode="multiple" allowClear options={choices(Customer_GradeSchema)} /></Form.Item>
          <Form.Item name="holds" label={t("campaign.holds")}><Select mode="tags" options={accounts} /></Form.Item>
          <Form.Item name="lacks" label={t("campaign.lacks")}><Select mode="tags" options={accounts} /></Form.Item>
          <Form.Item name="segments" label={t("campaign.segments")} rules={[{ validator: (_, tags: string[] = []) => (tags.every((tag) => /^[A-Z][A-Z0-9_]*=.{1,64}$/.test(tag)) ? Promise.resolve() : Promise.reject(new Error(t("campaign.segmentForm")))) }]}><Select mode="tags" placeholder="VALUE=DIAMOND" /></Form.Item>
          <Form.Item name="regionPrefix" label={t("customer.region")} rules={[{ pattern: /^\d{0,6}$/, message: t("customers.regionForm") }]}><Input inputMode="numeric" placeholder="44" /></Form.Item>
          <div className="form-grid">
            <Form.Item name="minAge" label={t("campaign.minAge")}><InputNumber min={0} max={120} /></Form.Item>
            <Form.Item name="maxAge" label={t("campaign.maxAge")}><InputNumber min={0} max={120} /></Form.Item>
            <Form.Item name="limit" label={t("campaign.limit")}><InputNumber min={0} max={1_000_000} /></Form.Item>
          </div>
          <div className="buttons">
            <Button loading={count.isPending} onClick={() => count.mutate()}>{t("campaign.estimate")}</Button>
            <span className="figure" role="status">{count.data !== undefined && <><strong>{count.data >= most ? `${most}+` : count.data}</strong> {t("campaign.estimated")}</>}</span>
          </div>
          {count.error && <ErrorNote error={count.error} />}
        </Panel>
      </div>
    </Form>
  );
}
