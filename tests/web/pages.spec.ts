import { accessible, admin, expect, test, translated } from "./browser";
import { crowd } from "./crowd";

/** Names that people gave: of queues, agents, flows, codes. */
const data = /银行|外呼|投诉|证券|网上|贵宾|业务咨询|坐席 ?\d|agent\d|抽样|Reception|<img|[a-z0-9]+-[a-z0-9-]+|^[A-Z_]+$/;

test("a wrong password is told in the language of the person, and it switches without a reload", async ({ page }) => {
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  await page.addInitScript(() => localStorage.setItem("carillon.language", "zh-CN"));
  await page.goto("/");
  await page.locator("#tenant").fill("bank");
  await page.locator("#login").fill("nobody");
  await page.locator("#password").fill("not the password");
  await page.keyboard.press("Enter");
  await expect(page.getByText("企业、账号或密码不正确")).toBeVisible();
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByText("Organisation, login or password is wrong")).toBeVisible();
  await accessible(page);
  expect(said).toEqual([]);
});

for (const [language, look] of [["en", "light"], ["zh-CN", "dark"]] as const)
  test(`every page of an administrator in ${language}, ${look}: translated, accessible`, async ({ sit }) => {
    test.setTimeout(400_000);
    const { page } = await sit("admin", language, look);
    const first = async (path: string, field: string) => (await admin.ask("GET", `/v1/${path}?pageSize=1`))[field][0].name.split("/")[1];
    const { newSample } = await import("./samples");
    const paths = [
      "desk", "floor", "orders", `orders/${await first("workOrders", "workOrders")}`, "customers", `customers/${await first("customers", "customers")}`, "customers/duplicates",
      ...["scores", "issues", "rules", "sources", "matching", "lists", "segments", "fields", "erasures"].map((tab) => `customers/records/${tab}`), "campaigns", "campaigns/policy",
      `campaigns/${await first("campaigns", "campaigns")}`, "campaigns/new", "campaigns/scripts", "quality", `quality/${(await newSample()).split("/")[1]}`, `quality/cards/${await first("scorecards", "scorecards")}`, "reports", "flows", "flows/numbers", "flows/notices", "flows/announcements", "flows/menus", "flows/sessions", "flows/tables", "knowledge/articles", "knowledge/gaps", "knowledge/phrases", `flows/${await first("ivr/flows", "flows")}`,
      "admin/users", "admin/roles", "admin/clients", "admin/orders", "admin/agents", "admin/queues", "admin/profiles", "admin/skills", "admin/desks", "admin/tenant", "admin/units", "admin/codes", "admin/audit",
    ];
    for (const path of paths) {
      // As links do, without loading the page anew.
      await page.evaluate((to) => (history.pushState(null, "", to), dispatchEvent(new PopStateEvent("popstate"))), `/${path}`);
      await expect(page.locator("main h1, main h2").first()).toBeVisible();
      await page.waitForLoadState("networkidle", { timeout: 600 }).catch(() => undefined); // streams stay open
      await expect(page.locator("main .loading, .ant-drawer .loading")).toHaveCount(0);
      await accessible(page);
      await translated(page, language, data);
      // A page's own tabs, but those whose place is in the address.
      if (!/^(customers|reports|quality$)/.test(path) || path.startsWith("customers/records")) continue;
      const tabs = page.locator("main [role=tab]");
      for (let index = 1; index < (await tabs.count()); ++index) {
        await tabs.nth(index).click();
        await page.waitForLoadState("networkidle", { timeout: 600 }).catch(() => undefined);
        await expect(page.locator("main .loading")).toHaveCount(0);
        await accessible(page);
        await translated(page, language, data);
      }
    }
  });

test("the supervisor drills from a queue to why a call went where it went", async ({ sit }) => {
  const { page } = await sit("supervisor");
  await page.goto("/floor");
  await page.locator(".ant-table-row", { hasText: "银行业务" }).click();
  const drawer = page.locator(".ant-drawer").first();
  await drawer.locator(".ant-table-row").first().click();
  await expect(page.getByText("派话过程")).toBeVisible();
  await expect(page.locator(".ant-drawer table.plain tbody tr").first()).toBeVisible();
});

test("the floor goes by keys: next, open, one question before a state is forced, find", async ({ sit }) => {
  const { page } = await sit("supervisor", "en");
  await page.goto("/floor");
  const rows = page.locator("main .ant-table-row");
  await expect(rows.first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  const drawer = page.locator(".ant-drawer");
  await expect(drawer.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawer.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("/");
  await expect(page.locator("#floor-find")).toBeFocused();
});

test("a floor whose people all change at every turn shows each of them as they are", async ({ sit }) => {
  const { page } = await sit("supervisor", "en");
  const turn = await crowd(page, 300);
  await page.goto("/floor");
  const states = page.locator(".tile-state strong");
  await expect(page.locator(".tile-state small").first()).toContainText("300");
  const first = turn();
  // As many in each state as the service said, and the same on the seats, turn after turn.
  for (let wanted = first + 1; wanted < first + 4; ++wanted) {
    await expect.poll(turn, { timeout: 15_000 }).toBeGreaterThanOrEqual(wanted);
    await expect(states).toHaveText(Array.from({ length: 5 }, () => "60"));
    await expect(page.locator(".seats button")).toHaveCount(300);
  }
  await page.keyboard.press("/");
  await page.locator("#floor-find").fill("10007");
  await expect(page.locator(".seats button")).toHaveCount(1);
});

test("a campaign goes from the search for customers to its funnel, by three people", async ({ sit }) => {
  test.setTimeout(150_000);
  const code = `web-${Date.now()}`;
  const { page } = await sit("admin");
  await page.goto("/customers");
  await page.getByRole("button", { name: "为这些客户建活动" }).click();
  await expect(page).toHaveURL(/campaigns\/new/);
  const choose = async (field: string, option: RegExp) => {
    await page.getByLabel(field, { exact: true }).click();
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
  };
  await page.getByLabel("活动", { exact: true }).fill(`试点 ${code}`);
  await page.getByLabel("代码", { exact: true }).fill(code);
  await choose("目的", /^交叉销售$/);
  await choose("联系类别", /^营销$/);
  await choose("话术", /已批准/);
  await choose("队列", /外呼/);
  await page.getByLabel("主叫号码", { exact: true }).fill("4008195000");
  await page.getByLabel("最多人数", { exact: true }).fill("15");
  await page.getByRole("button", { name: "估算人数" }).click();
  await expect(page.locator(".figure strong")).toHaveText("15");
  await accessible(page);
  await page.getByRole("button", { name: "保存并生成名单" }).click();
  await expect(page.locator(".panel", { hasText: "人入选" }).first()).toContainText("已生成", { timeout: 30_000 });
  const step = async (at: typeof page, name: string, then: string) => {
    await at.locator(".page-head").getByRole("button", { name, exact: true }).click();
    await at.locator(".ant-modal").getByRole("button", { name, exact: true }).click();
    await expect(at.locator(".page-head .pill")).toHaveText(then);
  };
  await step(page, "提交审批", "待审批");
  // Nobody approves what is their own.
  await expect(page.getByRole("button", { name: "批准" })).toHaveCount(0);
  const { page: approver } = await sit("approver");
  await approver.goto(new URL(page.url()).pathname);
  await step(approver, "批准", "已批准");
  const { page: manager } = await sit("outbound-manager");
  await manager.goto(new URL(page.url()).pathname);
  await step(manager, "开始", "进行中");
  await expect(page.locator(".page-head .pill")).toHaveText("进行中", { timeout: 15_000 });
  const targets = page.locator("main table.plain tbody tr").first().locator("td").nth(1);
  await expect(page.getByRole("img", { name: "漏斗" })).toBeVisible();
  expect(Number(await targets.innerText())).toBeGreaterThan(0);
  await manager.locator(".page-head").getByRole("button", { name: "暂停", exact: true }).click();
  const dialog = manager.locator(".ant-modal");
  await dialog.getByRole("button", { name: "暂停", exact: true }).click();
  await expect(dialog.locator(".ant-form-item-explain-error")).toBeVisible(); // not without a reason
  await dialog.getByLabel("原因").fill("测试结束");
  await dialog.getByRole("button", { name: "暂停", exact: true }).click();
  await expect(manager.locator(".page-head .pill")).toHaveText("暂停");
  await step(manager, "结束外呼", "跟进");
});

test("a personal value is shown only for a purpose, which goes with the read", async ({ sit }) => {
  const { page } = await sit("admin", "en");
  const { customers } = await admin.ask("GET", "/v1/customers?pageSize=50");
  const known = customers.find((one: { person?: unknown; contacts?: { number?: string }[] }) => one.person && one.contacts?.[0]?.number);
  const { contacts } = await admin.ask("GET", `/v1/${known.name}?purpose=SERVICE`);
  const number = contacts[0].number;
  expect(known.contacts[0].number).toContain("*"); // nobody is told without a purpose
  await page.goto("/customers");
  await expect(page.locator("main .ant-table-row").first()).toBeVisible();
  await expect(page.locator("main")).not.toContainText(number); // lists never show it
  await page.goto(`/${known.name}`);
  const card = page.locator(".card360");
  await expect(card.locator(".masked").first()).toBeVisible();
  await expect(card).not.toContainText(number);
  await page.keyboard.press("Alt+u");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Show" })).toBeDisabled();
  await accessible(page);
  await dialog.getByText("complaint", { exact: true }).click();
  const [read] = await Promise.all([
    page.waitForRequest((request) => request.url().endsWith("CustomerService/GetCustomer") && Boolean(request.headers()["carillon-purpose"])),
    dialog.getByRole("button", { name: "Show" }).click(),
  ]);
  expect(read.headers()["carillon-purpose"]).toBe("COMPLAINT");
  await expect(card).toContainText(number);
  await expect(async () => {
    const { auditRecords } = await admin.ask("GET", `/v1/auditRecords?resource=${known.name}`);
    expect(auditRecords.map((one: { detail?: string }) => one.detail)).toContain("purpose COMPLAINT");
  }).toPass({ timeout: 15_000 });
  await page.keyboard.press("Alt+u");
  await expect(card).not.toContainText(number);
});

test("the number of a call that is judged is veiled too", async ({ sit }) => {
  const { newSample } = await import("./samples");
  const evaluation = await newSample();
  const { page } = await sit("admin", "en");
  await page.goto(`/quality/${evaluation.split("/")[1]}`);
  const facts = page.locator(".panel", { hasText: "This call" });
  await expect(facts).toContainText("Number");
  await expect(facts.getByText("••••••")).toBeVisible();
  await expect(facts).not.toContainText("+86");
});

test("hours of a queue and rules of desks are set by who administers them", async ({ sit }) => {
  const { page } = await sit("admin", "en");
  await page.goto("/admin/queues");
  const dialog = page.locator(".ant-modal");
  const code = `web-${Date.now()}`;
  await page.getByRole("button", { name: "New queue" }).click();
  await dialog.getByLabel("Code").fill(code);
  await dialog.getByLabel("Queue", { exact: true }).fill(`Night ${code}`);
  await dialog.getByRole("button", { name: "Save" }).click();
  const row = page.locator("main .ant-table-row", { hasText: `Night ${code}` });
  await row.click();
  const monday = dialog.getByLabel("Monday");
  await monday.fill("9 to 5");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Like 08:30-12:00, 14:00-18:00")).toBeVisible();
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]) await dialog.getByLabel(day).fill("00:00-24:00");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row).toContainText("7 days a week");
  const made = (await admin.ask("GET", "/v1/queues?pageSize=200"))["queues"].find((one: { code: string }) => one.code === code);
  await admin.ask("DELETE", `/v1/${made.name}`);
  await page.goto("/admin/audit");
  await page.locator("main .ant-table-row td").first().click(); // beside what filters the list
  await expect(page.locator(".ant-drawer")).toContainText("Previous link");
});

test("a report is saved as CSV", async ({ sit }) => {
  const { page } = await sit("supervisor", "en");
  await page.goto("/reports");
  await expect(page.locator("main .ant-table-row").first()).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export CSV" }).click()]);
  expect(file.suggestedFilename()).toMatch(/^intervals-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await (await import("node:fs/promises")).readFile(await file.path(), "utf8")).split("\r\n");
  expect(lines[0]).toContain("Offered");
  expect(lines).toHaveLength(50); // heads, 48 half-hours, the day
});

test("what is expected of a day stands beside its half-hours", async ({ sit }) => {
  const { page } = await sit("supervisor", "en");
  await page.goto("/reports");
  const day = page.getByLabel("Day", { exact: true });
  await expect(day).toHaveValue(/^\d{4}-\d\d-\d\d$/);
  const tomorrow = new Date(Date.parse(`${await day.inputValue()}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  await day.click();
  await expect(page.locator(".ant-picker-dropdown")).toBeVisible(); // what is typed while it opens is dropped
  await day.fill(tomorrow);
  await day.press("Enter");
  await expect(day).toHaveValue(tomorrow);
  const forecast = await admin.ask("GET", `/v1/reports/days/${tomorrow}:forecast`);
  const days = (forecast["days"] ?? []).length;
  await expect(page.locator("main")).toContainText(
    days === 0 ? "There are no days yet to learn a forecast of." : `${Math.round(forecast["offered"])} expected all day, learnt of ${days} days`,
  );
});
