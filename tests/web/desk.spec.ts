import type { Page } from "@playwright/test";
import { accessible, admin, expect, ready, test, translated, Wire } from "./browser";
import { chatDesk } from "./channel";
import { Person } from "./platform";
import { known } from "./samples";

const agent = "agent01";
const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`;

/** Sends the summary. */
async function finish(page: Page, outcome: string, keys = "Control+Enter") {
  await page.locator("#disposition").click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: outcome }).first().click();
  await page.keyboard.press(keys);
  await expect(page.locator(".waiting")).toBeVisible();
}

/** Somebody's resident identity card, with its check digit (GB 11643). */
function identityCard(serial: number) {
  const body = `11010519901231${String(serial).padStart(3, "0")}`;
  const sum = [...body].reduce((so, digit, i) => so + Number(digit) * (2 ** (17 - i) % 11), 0);
  return body + "10X98765432"[sum % 11];
}

test.beforeEach(({ line }) => line.clear());
test.describe.configure({ timeout: 150_000 }); // wrap-up of a call before may have to end first

test.beforeAll(async () => {
  const { users } = await admin.ask("GET", `/v1/users?login=${agent}`);
  const user = users[0];
  if (!user.roles.includes("SIM_REVISIT"))
    await admin.ask("PATCH", `/v1/${user.name}?updateMask=roles`, { name: user.name, roles: [...user.roles, "SIM_REVISIT"] });
});

test("a call rings, is answered, survives a reload and ends as a closed order, by two people in two browsers", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000042");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await accessible(page);
  await page.keyboard.press("F2");
  await expect(page.locator(".callbar")).toContainText("通话中");

  // A reload comes back to the same call, with what was typed.
  await page.locator("#order-title").fill(`网银转账失败 ${evil}`);
  await page.reload();
  await expect(page.locator(".callbar")).toContainText("通话中");
  await expect(page.locator("#order-title")).toHaveValue(/网银转账失败/);

  // Keys never fire while an input method composes.
  await page.locator("#order-title").evaluate((field) => field.dispatchEvent(new KeyboardEvent("keydown", { key: "F6", bubbles: true, isComposing: true })));
  await page.keyboard.press("F6");
  await expect(page.locator(".callbar")).toContainText("保持中");
  await page.keyboard.press("F6");
  await expect(page.locator(".callbar")).toContainText("通话中");

  await page.locator("#order-description").fill("客户反映转账时提示系统忙");
  await page.getByRole("button", { name: "建立工单" }).click();
  const made = page.locator(".made-order");
  await expect(made).toBeVisible();
  const number = (await made.getByRole("link").innerText()).trim();
  await accessible(page);
  await made.getByRole("button", { name: "派发" }).click();
  await expect(made).toContainText("已派发");

  await line.hangUp(call);
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await page.locator("#wrap-note").fill("已建单派发");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".waiting")).toBeVisible();

  const { page: desk } = await sit("back-office");
  await desk.goto("/orders");
  await desk.getByRole("link", { name: number }).click();
  await expect(desk.locator(".order-title")).toContainText(evil);
  expect(await desk.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  for (const [act, fill] of [["接单", ""], ["处理完成", "已恢复，客户可再次转账"]] as const) {
    await desk.locator(".ant-drawer").getByRole("button", { name: act, exact: true }).click();
    if (fill) await desk.locator(".ant-modal textarea").fill(fill);
    await desk.locator(".ant-modal").getByRole("button", { name: act }).click();
    await expect(desk.locator(".ant-modal")).toHaveCount(0);
  }
  await expect(desk.locator(".ant-drawer .pill").first()).toContainText("待回访");
  await accessible(desk);

  await page.goto("/orders");
  await page.getByRole("link", { name: number }).click();
  await page.locator(".ant-drawer").getByRole("button", { name: "回访", exact: true }).click();
  const dialog = page.locator(".ant-modal");
  for (const [field, value] of [["满意度", "满意"], ["是否解决", "已解决"]] as const) {
    await dialog.getByLabel(field).click();
    await page.locator(".ant-select-dropdown:visible .ant-select-item", { hasText: new RegExp(`^${value}$`) }).click();
  }
  await dialog.getByRole("button", { name: "回访" }).click();
  await expect(page.locator(".ant-drawer .pill").first()).toContainText("已关闭");
});

test("an offer that nobody answers goes back, and the agent is told", async ({ sit, line }) => {
  const { page: floor } = await sit("supervisor", "en");
  await floor.goto("/floor");
  const { page } = await sit(agent, "en");
  await ready(page);
  const call = await line.ring("+8613900000043");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  const waiting = floor.locator(".tile", { hasText: "Waiting" });
  await expect(waiting.locator("strong")).not.toHaveText("0");
  await expect(waiting).toContainText("00:00"); // nobody waits longer than for a ring
  await expect(floor.locator("#floor-alerts")).not.toContainText(/\d{3,}:/); // no wait since the year dot
  await expect(page.locator(".offerbar")).toBeHidden({ timeout: 30_000 });
  await expect(page.locator(".statebar .pill").first()).toContainText("Offer unanswered");
  await line.hangUp(call);
});

test("a lost line says so and resumes, a second tab looks on", async ({ sit }) => {
  const { page, context } = await sit(agent, "en");
  await ready(page);
  const second = await context.newPage();
  await second.goto("/desk");
  await expect(second.getByText("You work in another tab")).toBeVisible();
  await expect(second.locator(".statebar").getByRole("button", { name: "Leave seat" })).toBeDisabled();
  await second.close();
  await context.setOffline(true);
  await expect(page.getByText(/Connection lost at/)).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText(/Connection lost at/)).toBeHidden();
  await page.getByRole("button", { name: "Leave seat" }).click();
  await expect(page.locator("#seat")).toBeVisible();
});

test("the line is cut for ten seconds in mid-call: it is said, nothing is lost, and what happened meanwhile is there", async ({ sit, line }) => {
  const wire = new Wire();
  await wire.join();
  const { page } = await sit(agent, "en", "light", wire.url);
  await ready(page);
  const call = await line.ring("+8613900000048");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("Talking");
  await page.locator("#order-title").fill("Card lost");
  const cutAt = Date.now();
  wire.cut();
  await expect(page.getByText(/Connection lost at/)).toBeVisible();
  await expect(bar.getByRole("button", { name: /^Hold/ })).toBeDisabled();
  await page.locator("#wrap-note").fill("written while the line was down"); // typing goes on
  await line.hangUp(call); // and so does the world
  await page.waitForTimeout(10_000 - (Date.now() - cutAt));
  await expect(bar).toContainText("Talking");
  await wire.join();
  await expect(page.getByText(/Connection lost at/)).toBeHidden({ timeout: 15_000 });
  await expect(bar).toContainText("Wrap-up");
  await expect(page.locator("#order-title")).toHaveValue("Card lost");
  await expect(page.locator("#wrap-note")).toHaveValue("written while the line was down");
  await finish(page, "Resolved");
  await page.getByRole("button", { name: "Leave seat" }).click();
  await expect(page.locator("#seat")).toBeVisible();
  wire.cut();
});

test("what is chosen during a call comes after it; a hold that lasts is told", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000049");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("通话中");
  await page.keyboard.press("F4");
  await page.keyboard.press("2");
  const state = page.locator(".statebar");
  await expect(state.locator(".pill").first()).toContainText("通话");
  await expect(state.locator(".pill-warn")).toContainText("小休");
  await page.keyboard.press("F6");
  await expect(bar.locator(".elapsed")).toHaveClass(/soon/, { timeout: 25_000 }); // after fifteen seconds
  await page.keyboard.press("F6");
  await line.hangUp(call);
  await expect(state.locator(".pill-warn")).toContainText("小休"); // still, while the summary is written
  await finish(page, "已解答", "Shift+Control+Enter");
  await expect(state.locator(".pill").first()).toContainText("示忙 · 小休");
});

for (const language of ["zh-CN", "en"] as const)
  test(`a call from the seat to the summary in ${language}: translated and accessible at every step`, async ({ sit, line }) => {
    const { page } = await sit(agent, language, language === "en" ? "light" : "dark");
    await ready(page);
    if (await page.locator("#seat").isVisible()) await translated(page, language);
    const look = async () => {
      await expect(page.locator(".loading")).toHaveCount(0);
      await translated(page, language, /^(\+?\d|W\d|银行业务|中文|English)/);
      await accessible(page);
    };
    await look();
    const call = await line.ring((await known()).number);
    await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
    await look();
    await page.keyboard.press("F2");
    await expect(page.locator(".callbar")).toContainText(language === "en" ? "Talking" : "通话中");
    for (const type of language === "en" ? ["Complaint", "Fault", "Acceptance"] : ["投诉", "报修", "业务受理"]) {
      await page.locator("#order-type").click();
      await page.keyboard.type(type);
      await page.keyboard.press("Enter");
      await look();
    }
    await page.keyboard.press("F7");
    await expect(page.getByRole("dialog")).toBeVisible();
    await look();
    await page.keyboard.press("Escape");
    await line.hangUp(call);
    await expect(page.locator(".callbar")).toContainText(language === "en" ? "Wrap-up" : "话后处理");
    await look();
    await finish(page, language === "en" ? "Resolved" : "已解答");
    await page.locator(".statebar").getByRole("button", { name: language === "en" ? "Leave seat" : "签出" }).click();
    await expect(page.locator("#seat")).toBeVisible();
    await translated(page, language);
    await accessible(page);
  });

test("a key is one's own: changed, shown on its button, silent while an input method composes", async ({ sit }) => {
  const { page } = await sit(agent, "en");
  await ready(page);
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByRole("button", { name: "Not ready: change", exact: true }).click();
  await page.keyboard.press("Shift+F4"); // is another's
  await expect(dialog.getByRole("status")).toContainText("Ready");
  await page.keyboard.press("F3");
  await accessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  const button = page.locator(".statebar").getByRole("button", { name: "Not ready" });
  await expect(button).toContainText("F3");
  const menu = page.getByRole("menu");
  await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "F3", bubbles: true, isComposing: true })));
  await page.keyboard.press("F4");
  await expect(menu).toHaveCount(0);
  await page.keyboard.press("F3");
  await expect(menu).toBeVisible();
  await page.keyboard.press("1");
  await expect(page.locator(".statebar .pill").first()).toContainText("Meal");
  await page.reload();
  await expect(button).toContainText("F3");
});

test("the desk goes by the tenant's rules: its own reasons, its own zone", async ({ sit }) => {
  const { etag: _, ...before } = await admin.ask("GET", "/v1/deskRules");
  await admin.ask("PATCH", "/v1/deskRules", { timeZone: "America/New_York", reasons: [{ code: "TEA", displayName: "喝茶", dailyLimit: "1200s" }, { code: "REST", displayName: "小憩" }] });
  try {
    const { page } = await sit(agent);
    await ready(page);
    await page.keyboard.press("F4");
    await expect(page.getByRole("menuitem")).toHaveText(["1 喝茶", "2 小憩"]);
    await page.keyboard.press("1");
    await expect(page.locator(".statebar .pill").first()).toContainText("喝茶");
    const shown = page.locator(".waiting time").first();
    const at = await shown.getAttribute("datetime");
    const expected = new Intl.DateTimeFormat("zh-CN", { timeZone: "America/New_York", hourCycle: "h23", hour: "2-digit", minute: "2-digit" }).format(new Date(at!));
    await expect(shown).toContainText(expected);
  } finally {
    await admin.ask("PATCH", "/v1/deskRules", before);
  }
});

test("a promised call-back is an appointment on its way to a desk", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000044");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  await expect(page.locator(".callbar")).toContainText("通话中");
  await line.hangUp(call);
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await page.locator("#disposition").click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "承诺回电" }).click();
  const send = page.getByRole("button", { name: "提交并就绪" });
  await expect(send).toBeDisabled();
  const field = page.locator("#callback");
  const tomorrow = new Date(Date.parse(`${(await field.getAttribute("min"))!}Z`) + 86_400_000).toISOString().slice(0, 16);
  await field.fill(tomorrow);
  await expect(page.locator("#callback-desk")).toBeVisible();
  await expect(send).toBeEnabled();
  await send.click();
  await expect(page.locator(".waiting")).toBeVisible();
  const { workOrders } = await admin.ask("GET", "/v1/workOrders?types=APPOINTMENT&pageSize=5");
  const order = workOrders.find((one: { title: string }) => one.title === "约定回电");
  expect(order.state).toBe("DISPATCHED");
  // As the clocks of the demo's tenant stand: eight hours ahead of UTC.
  expect(order.assignment.appointmentStartTime).toBe(new Date(Date.parse(`${tomorrow}Z`) - 8 * 3_600_000).toISOString().replace(".000", ""));
});

test("the customer is passed on to a queue, with a briefing that the next one reads", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000045");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await expect(page.locator(".callbar")).toHaveCount(0); // nothing to pass on while it rings
  await page.keyboard.press("F2");
  await expect(page.locator(".callbar")).toContainText("通话中");
  await page.keyboard.press("F7");
  const dialog = page.getByRole("dialog", { name: "转接客户" });
  await expect(dialog.getByRole("radio", { name: "外线" })).toBeDisabled(); // no rule allows one
  await dialog.getByText("队列", { exact: true }).first().click();
  await dialog.locator("#transfer-to").click();
  await dialog.locator(".ant-select-item-option", { hasText: "投诉" }).first().click();
  await dialog.locator("#transfer-briefing").fill("客户要求退回重复扣款，已核实身份");
  await accessible(page);
  await dialog.getByRole("button", { name: "转接", exact: true }).click();
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await expect(page.getByRole("button", { name: /^转接/ })).toBeDisabled();
  const { interactions } = await admin.ask("GET", "/v1/interactions?pageSize=5");
  const child = interactions.find((one: { call: string; parent?: string }) => one.call === call && one.parent);
  expect(child.briefing).toContain("退回重复扣款");
  expect(child.transfers).toBe(1);
  await line.hangUp(call);
  await finish(page, "已解答");
});

test("the customer goes to a colleague with everything: the briefing, the way through the menu, the record", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const customer = await known();
  const call = await line.ring(customer.number);
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  await expect(page.locator(".callbar")).toContainText("通话中");
  const record = page.locator("#pane-customer .card360");
  await expect(record).toBeVisible();
  const menu = await page.locator(".callfacts div", { hasText: "菜单路径" }).locator("dd").first().innerText();
  const { page: colleague } = await sit("agent02");
  await ready(colleague, "W02", "8702");
  await page.keyboard.press("F7");
  const dialog = page.getByRole("dialog", { name: "转接客户" });
  await dialog.locator("#transfer-to").click();
  await dialog.locator(".ant-select-item-option", { hasText: "就绪" }).filter({ hasText: "agent02" }).click();
  await dialog.locator("#transfer-briefing").fill(`已核实身份 ${evil}`);
  await dialog.getByRole("button", { name: "转接", exact: true }).click();
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await expect(colleague.locator(".offerbar")).toContainText("同事转来", { timeout: 20_000 });
  await expect(colleague.locator("#pane-customer .card360")).toBeVisible(); // before the answer
  await colleague.keyboard.press("F2");
  await expect(colleague.locator(".callbar")).toContainText("通话中");
  await expect(colleague.locator(".callfacts")).toContainText(`已核实身份 ${evil}`);
  await expect(colleague.locator(".callfacts")).toContainText(menu);
  expect(await colleague.locator("#pane-customer .card360-head strong").first().innerText()).toBe(await record.locator(".card360-head strong").first().innerText());
  expect(await colleague.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  await line.hangUp(call);
  for (const one of [page, colleague]) await finish(one, "已解答");
  await colleague.getByRole("button", { name: "签出" }).click();
  await expect(colleague.locator("#seat")).toBeVisible();
});

test("a campaign's call brings its script; a call-back is booked and stands in the attempt", async ({ sit, line }) => {
  const [approver, manager] = [new Person("approver"), new Person("outbound-manager")];
  const { scripts } = await admin.ask("GET", "/v1/scripts?pageSize=50");
  const { queues } = await admin.ask("GET", "/v1/queues?pageSize=50");
  const campaign = await admin.ask("POST", "/v1/campaigns", {
    code: `desk-${Date.now()}`, displayName: "话术", purpose: "CARE", contactClass: "CARE", callerNumber: "4008195000",
    script: scripts.find((one: { state: string }) => one.state === "APPROVED").name,
    queue: queues.find((one: { code: string }) => one.code === "outbound").name,
    windows: [{ start: "08:00", end: "21:00" }], criteria: { limit: 60 },
  });
  await admin.ask("POST", `/v1/${campaign["name"]}:buildTargets`, {});
  await expect(async () => expect((await admin.ask("GET", `/v1/${campaign["name"]}`))["build"].state).toBe("BUILT")).toPass({ timeout: 30_000 });
  await admin.ask("POST", `/v1/${campaign["name"]}:submit`, {});
  await approver.ask("POST", `/v1/${campaign["name"]}:approve`, {});
  const { page } = await sit(agent);
  await ready(page);
  line.answers = true;
  try {
    await manager.ask("POST", `/v1/${campaign["name"]}:start`, {});
    await expect(page.locator(".offerbar")).toBeVisible({ timeout: 60_000 });
    await manager.ask("POST", `/v1/${campaign["name"]}:pause`, { reason: "one is enough" });
    await page.keyboard.press("F2");
    await expect(page.locator(".callbar")).toContainText("通话中");
  } finally {
    line.answers = false;
  }
  const wording = page.locator(".script-wording");
  await expect(wording).toContainText("您好");
  await expect(wording).not.toContainText("{agent}");
  await page.getByRole("button", { name: "正忙" }).click();
  await expect(page.getByText("不耽误您")).toBeVisible();
  await expect(page.getByRole("button", { name: "结束语" })).toHaveAttribute("aria-current", "step");
  await accessible(page);
  await page.keyboard.press("F9");
  await expect(page.locator("#order-title")).toBeFocused();
  await line.hangUp();
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await page.locator("#disposition").click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "约定回电" }).click();
  const day = (await page.locator("#callback").getAttribute("min"))!.slice(0, 10);
  const at = `${new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)}T10:30`;
  await page.locator("#callback").fill(at);
  await page.getByRole("button", { name: "提交并就绪" }).click();
  await expect(page.locator(".waiting")).toBeVisible();
  const { attempts } = await admin.ask("GET", `/v1/attempts?campaign=${encodeURIComponent(campaign["name"])}`);
  const booked = attempts.find((one: { disposition?: string }) => one.disposition === "CALLBACK_BOOKED");
  expect(booked.nextCallbackTime).toBe(`${at.slice(0, 10)}T02:30:00Z`);
});

test("a colleague is asked, all three speak, and the customer stays with the colleague", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000046");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("通话中");
  const { page: colleague } = await sit("agent02");
  await ready(colleague, "W02", "8702");
  await page.keyboard.press("F8");
  const dialog = page.getByRole("dialog", { name: "咨询同事" });
  await dialog.locator("#transfer-to").click();
  await dialog.locator(".ant-select-item-option", { hasText: "就绪" }).filter({ hasText: "agent02" }).click();
  await dialog.locator("#transfer-briefing").fill("客户问退款期限");
  await dialog.getByRole("button", { name: "咨询", exact: true }).click();
  await expect(bar).toContainText("正在呼叫");
  await expect(bar.getByRole("button", { name: "转给对方" })).toBeDisabled(); // nobody is there yet
  await expect(colleague.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await colleague.keyboard.press("F2");
  const other = colleague.locator(".callbar");
  await expect(other).toContainText("同事在咨询您");
  await expect(colleague.getByText("客户问退款期限")).toBeVisible();
  await expect(bar).toContainText("通话，客户保持中");
  await page.keyboard.press("F8");
  await expect(bar).toContainText("三方通话");
  await accessible(page);
  await page.keyboard.press("F7");
  await expect(bar).toContainText("话后处理");
  await expect(other).toContainText("通话中");
  await expect(other).not.toContainText("同事在咨询您");
  await line.hangUp(call);
  await expect(other).toContainText("话后处理");
  for (const one of [page, colleague]) await finish(one, "已解答");
  await colleague.getByRole("button", { name: "签出" }).click();
  await expect(colleague.locator("#seat")).toBeVisible();
});

test("a supervisor takes one caller out of the line", async ({ sit, line }) => {
  const { page: other } = await sit(agent);
  await ready(other);
  await other.getByRole("button", { name: "签出" }).click();
  await expect(other.locator("#seat")).toBeVisible(); // nobody serves the line
  const code = `pull-${Date.now()}`;
  const user = (await admin.ask("GET", "/v1/users?login=supervisor"))["users"][0];
  const { queues } = await admin.ask("GET", "/v1/queues?pageSize=50");
  const own = await admin.ask("POST", "/v1/queues", { client: queues[0].client, code, displayName: code });
  const profile = await admin.ask("POST", "/v1/routingProfiles", { code, displayName: code, entries: [{ queue: own["name"], priority: 1 }] });
  await admin.ask("PATCH", `/v1/${user.name}?updateMask=roles`, { name: user.name, roles: [...user.roles, "SIM_AGENT"] });
  const boss = await admin.ask("POST", "/v1/agents", { user: user.name, code: code.slice(-8), displayName: "supervisor", routingProfile: profile["name"] });
  try {
    const { page: desk, context } = await sit("supervisor");
    await ready(desk, "W09", "8709");
    const call = await line.ring("+8613900000051");
    let queue = "";
    await expect(async () => {
      const { interactions } = await admin.ask("GET", "/v1/interactions?pageSize=20");
      queue = interactions.find((one: { call: string; state: string }) => one.call === call && one.state === "QUEUED").queue;
    }).toPass({ timeout: 20_000 });
    const floor = await context.newPage();
    await floor.goto("/floor");
    await floor.locator("main .ant-table-row", { hasText: queues.find((one: { name: string }) => one.name === queue).displayName }).click();
    await floor.locator(".ant-drawer").getByRole("button", { name: "我来接" }).click();
    await accessible(floor);
    await floor.locator(".ant-popconfirm").getByRole("button", { name: "确定" }).click();
    const bar = desk.locator(".callbar");
    await expect(bar).toContainText("通话中", { timeout: 20_000 });
    await line.hangUp(call);
    await expect(bar).toContainText("话后处理");
    await finish(desk, "已解答");
    await desk.getByRole("button", { name: "签出" }).click();
    await expect(desk.locator("#seat")).toBeVisible();
  } finally {
    await admin.ask("PATCH", `/v1/${user.name}?updateMask=roles`, { name: user.name, roles: user.roles });
    for (const { name } of [boss, profile, own] as { name: string }[]) await admin.ask("DELETE", `/v1/${name}`);
  }
});

test("a supervisor listens in, barges in and ends the call", async ({ sit, line }) => {
  const { page } = await sit(agent);
  await ready(page);
  const call = await line.ring("+8613900000047");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("通话中");
  await page.keyboard.press("Control+m");
  await expect(bar.getByRole("button", { name: "取消静音" })).toBeVisible();
  await page.keyboard.press("Control+m");
  await expect(bar.getByRole("button", { name: /^静音/ })).toBeVisible();

  const { page: floor } = await sit("supervisor");
  await floor.goto("/floor");
  await floor.locator(".seats button", { hasText: agent }).click();
  const asked = floor.getByRole("dialog", { name: /agent01 的通话/ });
  const group = floor.getByRole("group", { name: "当前通话" });
  await expect(group).toBeVisible();
  for (const [key, name, hears] of [["m", "监听", "LISTENS"], ["b", "强插", "TALKS"]] as const) {
    await floor.keyboard.press(key);
    await asked.getByLabel("您的分机").fill("8799");
    await asked.getByRole("button", { name, exact: true }).click();
    await expect(asked).toHaveCount(0);
    await expect(() => expect(line.parties.get(call) ?? []).toContain(`8799 ${hears}`)).toPass({ timeout: 10_000 });
    await expect(bar).toContainText("通话中"); // the agent goes on
  }
  await accessible(floor);
  await floor.keyboard.press("x");
  await asked.getByRole("button", { name: "强拆", exact: true }).click();
  await expect(bar).toContainText("话后处理");
  await finish(page, "已解答");
});

test("two chats at one desk: each with its clock, its notes and its end; a reload comes back to the one that was open", async ({ sit }) => {
  const chats = await chatDesk("agent02");
  try {
    const { page } = await sit("agent02");
    await ready(page, "W02", "8702");
    await chats.write("+8613900000061", "宽带办理");
    const offer = page.locator(".offerbar");
    await expect(offer).toContainText("在线聊天", { timeout: 20_000 });
    await accessible(page);
    await page.keyboard.press("F2");
    const bar = page.locator(".callbar");
    await expect(bar).toContainText("在线聊天");
    await expect(page.locator(".callfacts")).toContainText("宽带办理");
    await expect(bar.getByRole("button", { name: /保持|静音|转接|咨询/ })).toHaveCount(0); // nothing that only a call has
    await page.locator("#wrap-note").fill(`第一位 ${evil}`);

    await chats.write("+8613900000062", "退订套餐");
    await expect(offer).toBeVisible({ timeout: 20_000 });
    await expect(page.locator("#wrap-note")).toHaveValue(/第一位/); // the offer takes nothing away
    await page.keyboard.press("F2"); // is the offer's: the chat in hand is not ended
    const works = page.getByRole("navigation", { name: "手上的工作" });
    await expect(works.getByRole("button")).toHaveCount(2);
    await expect(works.locator("[aria-current]")).toContainText("0062");
    await expect(page.locator("#wrap-note")).toHaveValue("");
    await page.locator("#wrap-note").fill("第二位");
    await page.locator("#order-title").fill("套餐退订");
    await accessible(page);
    await translated(page, "zh-CN");
    await page.keyboard.press("Alt+ArrowDown");
    await expect(works.locator("[aria-current]")).toContainText("0061");
    await expect(page.locator("#wrap-note")).toHaveValue(/第一位/);
    await expect(page.locator("#order-title")).toHaveValue("");
    await page.keyboard.press("Alt+ArrowUp");
    await expect(page.locator("#order-title")).toHaveValue("套餐退订");
    await page.reload();
    await expect(works.locator("[aria-current]")).toContainText("0062");
    await expect(page.locator("#wrap-note")).toHaveValue("第二位");
    await expect(page.locator("#order-title")).toHaveValue("套餐退订");

    await page.keyboard.press("F2");
    await page.getByRole("dialog", { name: "结束这个会话？" }).getByRole("button", { name: "结束会话" }).click();
    await expect(bar).toContainText("话后处理");
    await page.locator("#disposition").click();
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "已解答" }).first().click();
    await page.keyboard.press("Control+Enter");
    await expect(works).toHaveCount(0);
    await expect(bar).toContainText("在线聊天"); // the other is still there, with its note
    await expect(page.locator("#wrap-note")).toHaveValue(/第一位/);
    expect(await page.evaluate(() => Object.values(sessionStorage).filter((kept) => kept.includes("第二位")))).toEqual([]);
    await page.keyboard.press("F2");
    await page.getByRole("dialog", { name: "结束这个会话？" }).getByRole("button", { name: "结束会话" }).click();
    await finish(page, "已解答");
    await page.getByRole("button", { name: "签出" }).click();
    await expect(page.locator("#seat")).toBeVisible();
  } finally {
    await chats.close();
  }
});

test("the caller keys alone who it is: the password, then the end of the identity card; the desk is told whether it was right", async ({ sit, line }) => {
  const number = `+8613${String(Date.now()).slice(-9)}`;
  const card = identityCard(Date.now() % 1000);
  const { name } = await admin.ask("POST", "/v1/customers", { person: { fullName: "密码客户" }, contacts: [{ type: "MOBILE", number, primary: true }], identifiers: [{ type: "RESIDENT_ID", number: card }] });
  await admin.ask("POST", `/v1/${name}:setServicePassword`, { password: "864213" });
  const { page } = await sit(agent, "en");
  await ready(page);
  const call = await line.ring(number);
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("Talking");
  line.answering = ["135790", "864213"]; // wrong at first
  await page.keyboard.press("Alt+p");
  await expect(bar).toContainText("Verified", { timeout: 20_000 });
  await accessible(page);
  await translated(page, "en");
  line.answering = ["1", card.slice(-6).replace("X", "*")];
  await page.keyboard.press("Alt+o");
  await expect(() => expect(line.answering).toEqual([])).toPass({ timeout: 20_000 });
  await expect(bar).toContainText("Verified", { timeout: 20_000 });
  await line.hangUp(call);
  await expect(bar).toContainText("Wrap-up");
  await finish(page, "Informed");
  const told = JSON.stringify([await admin.ask("GET", `/v1/${call}`), await admin.ask("GET", `/v1/${call}/events?pageSize=200`)]);
  for (const secret of ["135790", "864213", card.slice(-6)]) expect(told).not.toContain(secret);
  expect(told).toContain("ID_LAST6");
});

test("keys go into the call one by one and are shown nowhere; moments are marked in the record of the call", async ({ sit, line }) => {
  const { page } = await sit(agent, "en", "dark");
  await ready(page);
  const call = await line.ring("+8613900000063");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  const bar = page.locator(".callbar");
  await expect(bar).toContainText("Talking");
  await expect(bar.getByRole("button", { name: /^Keys/ })).toBeEnabled();
  await page.keyboard.press("Control+d");
  const pad = page.getByRole("dialog", { name: "Send keys into the call" });
  await expect(pad).toBeVisible();
  await accessible(page);
  await page.keyboard.type("47#");
  await pad.getByRole("button", { name: "1", exact: true }).click();
  await expect(pad).toContainText("4 sent");
  await expect(() => expect(line.tones.get(call)).toBe("47#1")).toPass({ timeout: 10_000 });
  await expect(pad).not.toContainText("47#");
  await pad.getByRole("button", { name: "Close" }).click();

  await page.keyboard.press("Alt+m");
  await page.getByLabel("Note, if any").fill(`call back before eleven ${evil}`);
  await page.getByRole("button", { name: /Promise/ }).click();
  await expect(page.getByText("Marked: Promise")).toBeVisible();
  await page.keyboard.press("Alt+m");
  await page.keyboard.press("3"); // the word by its number
  await expect(page.getByText("Marked: Complaint")).toBeVisible();
  await page.keyboard.press("F6"); // who holds hears no keys
  await expect(bar.getByRole("button", { name: /^Keys/ })).toBeDisabled();
  await line.hangUp(call);
  await expect(bar).toContainText("Wrap-up");
  await finish(page, "Informed");
  const { events } = await admin.ask("GET", `/v1/${call}/events?pageSize=200`);
  expect(events.filter((one: { type: string }) => one.type === "KEYED")).toHaveLength(4);
  expect(events.filter((one: { type: string }) => one.type === "MARKED").map(({ mark, note }: { mark: string; note?: string }) => `${mark} ${note ?? ""}`.trim())).toEqual([`PROMISE call back before eleven ${evil}`, "COMPLAINT"]);
});
