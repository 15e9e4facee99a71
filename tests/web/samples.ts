/** What tests find or have made by the platform's own interfaces. */
import { randomUUID } from "node:crypto";
import { Person } from "./platform";

/** Somebody whose number is known: an administrator sees it for a purpose. */
export async function known(): Promise<{ name: string; number: string }> {
  const admin = new Person("admin");
  const { customers } = await admin.ask("GET", "/v1/customers?pageSize=50&grade=STANDARD");
  const one = customers.find((customer: { person?: unknown; contacts?: { number?: string }[] }) => customer.person && customer.contacts?.[0]?.number);
  const { contacts } = await admin.ask("GET", `/v1/${one.name}?purpose=SERVICE`);
  return { name: one.name, number: contacts[0].number };
}

/** A sample to judge: a plan for a day that was played, drawn now. */
export async function newSample(): Promise<string> {
  const manager = new Person("quality-manager");
  const { samplePlans } = await manager.ask("GET", "/v1/samplePlans?pageSize=50");
  const plans = await Promise.all(samplePlans.map((plan: { name: string }) => manager.ask("GET", `/v1/${plan.name}`)));
  const known: any = plans.find((plan: { quotas?: { eligible?: number }[] }) => plan.quotas?.some((quota) => (quota.eligible ?? 0) > 0));
  const agent = known.quotas.find((quota: { eligible?: number }) => (quota.eligible ?? 0) > 0).agent;
  const plan = await manager.ask("POST", `/v1/samplePlans?requestId=${randomUUID()}`, {
    client: known.client,
    displayName: `抽样 ${randomUUID().slice(0, 8)}`,
    startDate: known.startDate,
    endDate: known.endDate,
    scorecards: known.scorecards,
    members: [{ agent, tier: "ORDINARY" }],
    targetCount: 20,
    seed: "4711",
  });
  const open = await manager.ask("POST", `/v1/${plan["name"]}:open`, { requestId: randomUUID() });
  await manager.ask("POST", `/v1/${open["name"]}:draw`, { requestId: randomUUID() });
  const { evaluations } = await manager.ask("GET", `/v1/evaluations?plan=${encodeURIComponent(plan["name"])}`);
  return evaluations[0].name;
}
