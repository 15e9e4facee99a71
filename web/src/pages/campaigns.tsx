import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, Modal, Select, Tabs } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { campaigns } from "../api/back-office";
import { idOf, type Page, pageOf, requestId } from "../api/clients";
import { useAgentName, useQueues } from "../api/names";
import { useMay, useSession } from "../api/session";
import { lasting, millis } from "../api/time";
import {
  Campaign_PurposeSchema, Campaign_State, Campaign_StateSchema, Campaign_TargetBuild_State, Campaign_TargetBuild_StateSchema, ContactClassSchema, DispositionSchema,
  RefusalSchema, Attempt_StateSchema, TargetRecord_StateSchema, type Attempt, type Campaign, type TargetRecord,
} from "../gen/carillon/campaign/v1/campaign_pb";
import { useT, type TextKey } from "../i18n";
import { need } from "../ui/editor";
import { Answer, Facts, Given, Loading, PageHead, Panel, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";
import { Plan } from "./campaign-plan";
import { ContactPolicy } from "./contact-policy";
import { CustomerName } from "./customer-more";
import { Scripts } from "./scripts";

const Chart = lazy(() => import("../ui/chart"));
const S = Campaign_State;

const tone = (state: Campaign_State): Tone =>
  state === S.RUNNING ? "good" : state === S.PAUSED || state === S.SUBMITTED ? "warn" : state === S.REFUSED || state === S.CANCELLED ? "bad" : state === S.APPROVED || state === S.SCHEDULED ? "strong" : "plain";

export default function CampaignsPage() {
  const [, id, what] = usePath();
  const campaign = useCampaign(what === "plan" ? id : undefined);
  if (id === "new") return <Plan />;
  if (what === "plan") return <Answer of={campaign}>{(it) => <Plan of={it} />}</Answer>;
  return id && id !== "scripts" && id !== "policy" ? <One id={id} /> : <All tab={id ?? "list"} />;
}

const useCampaign = (id: string | undefined) =>
  useQuery({ queryKey: ["campaign", `campaigns/${id}`], queryFn: () => campaigns.getCampaign({ name: `campaigns/${id}` }), refetchInterval: 5_000, enabled: Boolean(id) });

function All({ tab }: { tab: string }) {
  const { t } = useT();
  const may = useMay();
  return (
    <div className="stack">
      <PageHead title={t("nav.campaigns")} extra={may("campaign.plan") && <Button type="primary" onClick={() => navigate("/campaigns/new")}>{t("campaign.new")}</Button>} />
      <Panel>
        <Tabs
          activeKey={tab}
          onChange={(key) => navigate(key === "list" ? "/campaigns" : `/campaigns/${key}`)}
          destroyOnHidden
          items={[{ key: "list", label: t("nav.campaigns"), children: <List /> }, { key: "scripts", label: t("script.scripts"), children: <Scripts /> }, { key: "policy", label: t("policy.title"), children: <ContactPolicy /> }]}
        />
      </Panel>
    </div>
  );
}

function List() {
  const { t, word } = useT();
  return (
    <PagedTable<Campaign>
      id={["campaigns"]}
      page={pageOf(campaigns.listCampaigns, "campaigns")}
      onOpen={(row) => navigate(`/campaigns/${idOf(row.name)}`)}
      columns={[
        { title: t("campaign.name"), render: (_, row) => <Link to={`/campaigns/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.displayName || row.code}</Link> },
        { title: t("campaign.code"), dataIndex: "code" },
        { title: t("campaign.purpose"), render: (_, row) => word(Campaign_PurposeSchema, row.purpose) },
        { title: t("order.state"), render: (_, row) => <Pill tone={tone(row.state)}>{word(Campaign_StateSchema, row.state)}</Pill> },
        { title: t("campaign.targets"), align: "right", render: (_, row) => row.build?.targets ?? "—" },
        { title: t("campaign.from"), render: (_, row) => <Time at={millis(row.startTime)} /> },
        { title: t("campaign.to"), render: (_, row) => <Time at={millis(row.endTime)} /> },
      ]}
    />
  );
}

type Step = "build" | "submit" | "approve" | "refuse" | "schedule" | "start" | "pause" | "resume" | "finish" | "summarise" | "close" | "cancel";

/** What may be done now, by this person. Nobody approves what is their own. */
function steps(of: Campaign, may: (...permissions: string[]) => boolean, me: string): Step[] {
  const is = (...states: Campaign_State[]) => states.includes(of.state);
  const out: Step[] = [];
  if (may("campaign.plan") && is(S.DRAFT, S.REFUSED)) {
    out.push("build");
    if (of.build?.state === Campaign_TargetBuild_State.BUILT) out.unshift("submit");
  }
  if (may("campaign.approve") && is(S.SUBMITTED) && of.ownerUser !== me) out.push("approve", "refuse");
  if (may("campaign.manage") && is(S.APPROVED)) out.push("schedule");
  if (may("campaign.manage") && is(S.APPROVED, S.SCHEDULED)) out.push("start");
  if (may("campaign.manage") && is(S.RUNNING)) out.push("pause", "finish");
  if (may("campaign.manage") && is(S.PAUSED)) out.push("resume", "finish");
  if (may("campaign.manage") && is(S.FOLLOW_UP)) out.push("summarise");
  if (may("campaign.manage") && is(S.SUMMARISED)) out.push("close");
  if (may("campaign.manage") && is(S.DRAFT, S.SUBMITTED, S.APPROVED, S.SCHEDULED)) out.push("cancel");
  return out;
}

function One({ id }: { id: string }) {
  const { t, word } = useT();
  const name = `campaigns/${id}`;
  const may = useMay();
  const session = useSession();
  const client = useQueryClient();
  const queues = useQueues(may("routing.read"));
  const campaign = useCampaign(id);
  const [asked, ask] = useState<Step>();
  const step = useAction(
    async ({ act, etag, reason, ...learnt }: Confirmed & { etag: string }) => {
      const base = { name, etag, requestId: requestId() };
      switch (act) {
        case "build": return campaigns.buildTargets(base);
        case "submit": return campaigns.submitCampaign(base);
        case "approve": return campaigns.approveCampaign(base);
        case "refuse": return campaigns.refuseCampaign({ ...base, reason });
        case "schedule": return campaigns.scheduleCampaign(base);
        case "start": return campaigns.startCampaign(base);
        case "pause": return campaigns.pauseCampaign({ ...base, reason });
        case "resume": return campaigns.resumeCampaign(base);
        case "finish": return campaigns.finishCampaign(base);
        case "cancel": return campaigns.cancelCampaign({ ...base, reason });
        case "close": return campaigns.closeCampaign(base);
        case "summarise": {
          const written = await campaigns.updateCampaign({ campaign: { name, etag, evaluation: learnt }, updateMask: { paths: ["evaluation"] }, requestId: requestId() });
          return campaigns.summariseCampaign({ ...base, etag: written.etag });
        }
      }
    },
    (changed) => {
      client.setQueryData(["campaign", name], changed);
      ask(undefined);
    },
  );
  return (
    <Answer of={campaign}>
      {(it) => (
        <div className="stack">
          <PageHead
            title={<Given>{it.displayName || it.code}</Given>}
            extra={
              <>
                {steps(it, may, session.state === "in" ? session.user.name : "").map((act, index) => (
                  <Button key={act} type={index === 0 ? "primary" : "default"} danger={act === "cancel" || act === "refuse"} onClick={() => ask(act)}>
                    {t(`campaign.do.${act}` as TextKey)}
                  </Button>
                ))}
                {may("campaign.plan") && [S.DRAFT, S.REFUSED].includes(it.state) && <Button onClick={() => navigate(`/campaigns/${id}/plan`)}>{t("campaign.change")}</Button>}
              </>
            }
          >
            <Pill tone={tone(it.state)}>{word(Campaign_StateSchema, it.state)}</Pill>
            <Link to="/campaigns">{t("campaign.back")}</Link>
          </PageHead>
          <div className="split">
            <Panel title={t("campaign.funnel")}><FunnelOf name={name} /></Panel>
            <div className="stack">
              <Panel title={t("campaign.plan")}>
                <Facts
                  of={[
                    { label: t("campaign.purpose"), value: word(Campaign_PurposeSchema, it.purpose) },
                    { label: t("campaign.class"), value: word(ContactClassSchema, it.contactClass) },
                    { label: t("campaign.objective"), value: it.objective },
                    { label: t("campaign.offer"), value: it.offer },
                    { label: t("desk.queue"), value: queues.data?.get(it.queue)?.displayName ?? "—" },
                    { label: t("campaign.caller"), value: it.callerNumber },
                    { label: t("campaign.windows"), value: it.windows.map((one) => `${one.start}–${one.end}`).join(", ") },
                    { label: t("campaign.from"), value: <Time at={millis(it.startTime)} /> },
                    { label: t("campaign.to"), value: <Time at={millis(it.endTime)} /> },
                    Boolean(it.retry?.maxAttempts) && { label: t("campaign.attempts"), value: it.retry!.maxAttempts },
                    Boolean(it.reason) && { label: t("floor.reason"), value: it.reason },
                  ]}
                />
              </Panel>
              {asked && <Confirm act={asked} pending={step.isPending} close={() => ask(undefined)} send={(filled) => step.mutate({ ...filled, etag: it.etag })} />}
              <Panel title={t("campaign.list")} extra={it.build && <Pill tone={it.build.state === Campaign_TargetBuild_State.FAILED ? "bad" : "plain"}>{word(Campaign_TargetBuild_StateSchema, it.build.state)}</Pill>}>
                <p className="figure"><strong>{it.build?.targets ?? 0}</strong> {t("campaign.targetsOf", { found: it.build?.found ?? 0 })}</p>
                <Counts of={it.build?.refused ?? {}} group="Refusal" />
              </Panel>
            </div>
          </div>
          {it.build && <Panel title={t("campaign.records")}><Records name={name} /></Panel>}
        </div>
      )}
    </Answer>
  );
}

interface Confirmed {
  act: Step;
  reason: string;
  sales?: string;
  feedback?: string;
  share?: string;
  problems?: string;
  improvements?: string;
}

const learnt = ["sales", "feedback", "share", "problems", "improvements"] as const;

/** Asks once before a step; why, where the step needs it, and what was learnt before the summary. */
function Confirm({ act, pending, close, send }: { act: Step; pending: boolean; close: () => void; send: (filled: Confirmed) => void }) {
  const { t } = useT();
  const [form] = Form.useForm<Omit<Confirmed, "act">>();
  const why = act === "refuse" || act === "pause" || act === "cancel";
  const title = t(`campaign.do.${act}` as TextKey);
  return (
    <Modal open title={title} okText={title} okButtonProps={{ danger: act === "cancel" || act === "refuse" }} confirmLoading={pending} onCancel={close} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" onFinish={(filled) => send({ ...filled, reason: filled.reason ?? "", act })}>
        {!why && act !== "summarise" && <p>{t("campaign.ask")}</p>}
        {why && <Form.Item name="reason" label={t("floor.reason")} rules={need(t("required"))}><Input maxLength={500} /></Form.Item>}
        {act === "summarise" && learnt.map((field) => <Form.Item key={field} name={field} label={t(`campaign.learnt.${field}`)} rules={need(t("required"))}><Input.TextArea rows={2} maxLength={4000} /></Form.Item>)}
      </Form>
    </Modal>
  );
}

function Records({ name }: { name: string }) {
  const { t, word, choices } = useT();
  const [state, setState] = useState(0);
  const [one, open] = useState<TargetRecord>();
  return (
    <div className="stack">
      <div>
        <Select allowClear className="filter" aria-label={t("order.state")} placeholder={t("order.state")} value={state || undefined} onChange={(value?: number) => setState(value ?? 0)} options={choices(TargetRecord_StateSchema)} />
      </div>
      <PagedTable<TargetRecord>
        id={["records", name, state]}
        page={pageOf((page: Page) => campaigns.listTargetRecords({ ...page, campaign: name, state }), "targetRecords", 20)}
        onOpen={open}
        columns={[
          { title: t("desk.customer"), render: (_, row) => <CustomerName of={row.customer} /> },
          { title: t("order.state"), render: (_, row) => <Pill>{word(TargetRecord_StateSchema, row.state)}</Pill> },
          { title: t("campaign.tried"), align: "right", dataIndex: "attempts" },
          { title: t("col.result"), render: (_, row) => word(DispositionSchema, row.lastDisposition) },
          { title: t("campaign.refusals"), render: (_, row) => word(RefusalSchema, row.refusal) },
          { title: t("campaign.nextTime"), render: (_, row) => <Time at={millis(row.callbackTime ?? row.nextTime)} /> },
        ]}
      />
      <Drawer destroyOnHidden open={Boolean(one)} onClose={() => open(undefined)} size={720} title={t("campaign.attemptsOf")}>
        {one && <Attempts of={one.name} />}
      </Drawer>
    </div>
  );
}

/** Every call that was tried for one on the list. */
function Attempts({ of }: { of: string }) {
  const { t, word } = useT();
  const may = useMay();
  const agentName = useAgentName(may("routing.read"));
  return (
    <PagedTable<Attempt>
      id={["attempts", of]}
      page={pageOf((page: Page) => campaigns.listAttempts({ ...page, targetRecord: of }), "attempts")}
      columns={[
        { title: "#", align: "right", dataIndex: "number" },
        { title: t("col.time"), render: (_, row) => <Time at={millis(row.dialTime ?? row.leaseTime)} /> },
        { title: t("order.state"), render: (_, row) => <Pill>{word(Attempt_StateSchema, row.state)}</Pill> },
        { title: t("col.result"), render: (_, row) => word(DispositionSchema, row.disposition) },
        { title: t("floor.agent"), render: (_, row) => <Given>{row.agent ? agentName(row.agent) : "—"}</Given> },
        { title: t("col.talk"), align: "right", render: (_, row) => lasting(row.talkDuration) },
      ]}
    />
  );
}

function Counts({ of, group }: { of: Record<string, number | bigint>; group: string }) {
  const { code } = useT();
  return <Facts of={Object.entries(of).map(([key, count]) => ({ label: code(group, key), value: String(count) }))} />;
}

function FunnelOf({ name }: { name: string }) {
  const { t, code, language } = useT();
  const funnel = useQuery({ queryKey: ["funnel", name], queryFn: () => campaigns.getFunnel({ campaign: name }), refetchInterval: 5_000 });
  const stages = funnel.data?.stages;
  const option = useMemo(
    () => ({
      tooltip: { show: false },
      legend: { show: false },
      grid: { left: 90, right: 60, top: 6, bottom: 6 },
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", inverse: true, axisTick: { show: false }, axisLine: { show: false }, data: (stages ?? []).map((one) => code("funnel", one.code)) },
      series: [{ type: "bar", barWidth: "62%", label: { show: true, position: "right" }, data: (stages ?? []).map((one) => Number(one.customers)) }],
    }),
    [stages, language],
  );
  return (
    <Answer of={funnel}>
      {(it) => (
        <div className="stack">
          <Suspense fallback={<Loading />}>
            <Chart option={option} label={t("campaign.funnel")} height={210} />
          </Suspense>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("campaign.stage")}</th>
                <th scope="col" className="n">{t("campaign.customers")}</th>
                <th scope="col" className="n">{t("campaign.conversion")}</th>
              </tr>
            </thead>
            <tbody>
              {it.stages.map((one) => (
                <tr key={one.code}>
                  <td>{code("funnel", one.code)}</td>
                  <td className="n">{String(one.customers)}</td>
                  <td className="n">{one.conversion === undefined ? "—" : `${(one.conversion * 100).toFixed(1)}%`}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <div className="columns">
            <section>
              <h3>{t("campaign.results", { count: String(it.attempts) })}</h3>
              <Counts of={it.dispositions} group="Disposition" />
            </section>
            <section>
              <h3>{t("campaign.refusals")}</h3>
              <Counts of={it.refusals} group="Refusal" />
              <p className="quiet">{t("campaign.callbacks", { kept: String(it.callbacksKept), due: String(it.callbacksDue) })}</p>
            </section>
          </div>
        </div>
      )}
    </Answer>
  );
}
