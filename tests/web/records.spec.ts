/** The customer's record: what the law gives the person. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { accessible, admin, expect, test, translated } from "./browser";

const form = (page: Page) => page.locator(".ant-modal");
const row = (page: Page, text: string | RegExp) => page.locator("main .ant-table-row", { hasText: text });
const id = (name: string) => name.split("/").at(-1)!;

/** Chooses in a list of a form, by what stands there. */
async function choose(page: Page, field: Locator, option: string | RegExp) {
  await field.click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
}
/** The words of a toast, when the thing is done. */
const said = (page: Page, text: string) => expect(page.locator(".toasts")).toContainText(text);

/** Somebody new, under a name that nobody else has. */
async function person(mark: string) {
  const number = `+86136${mark}`;
  const han = [...mark].map((digit) => "零壹贰叁肆伍陆柒捌玖"[Number(digit)]).join("");
  const fullName = `档${han}`;
  return { ...(await admin.ask("POST", "/v1/customers", { person: { fullName }, contacts: [{ type: "MOBILE", number, primary: true }] })), number, fullName } as { name: string; number: string; fullName: string };
}
const fresh = () => String(Date.now()).slice(-6) + String(Math.floor(Math.random() * 90) + 10);

test("all that is kept of a customer is exported for a purpose; erased, nobody finds a value", async ({ sit }) => {
  test.setTimeout(90_000);
  const mark = fresh();
  const one = await person(mark);
  const { page } = await sit("admin", "en");
  await page.goto(`/${one.name}`);
  await page.getByRole("button", { name: "Export data" }).click();
  await choose(page, form(page).getByLabel("Why do you need it in clear?"), /.+/);
  const [file] = await Promise.all([page.waitForEvent("download"), form(page).getByRole("button", { name: "Export data" }).click()]);
  expect(file.suggestedFilename()).toBe(`customer-${id(one.name)}.json`);
  const items = JSON.parse(await readFile(await file.path(), "utf8")) as { customer?: { displayName: string } }[];
  expect(items.some((item) => item.customer?.displayName === one.fullName)).toBe(true);
  await expect(form(page)).toHaveCount(0);

  await page.getByRole("button", { name: "Erase", exact: true }).click();
  await choose(page, form(page).getByLabel("Reason"), /.+/);
  await form(page).getByRole("button", { name: "Erase", exact: true }).click();
  await expect(form(page).locator(".ant-form-item-explain-error")).toBeVisible(); // not without saying so twice
  await form(page).getByRole("checkbox").check();
  await form(page).getByRole("button", { name: "Erase", exact: true }).click();
  await said(page, "Erased");
  await expect(page.locator("main")).not.toContainText(one.fullName);
  await page.goto("/customers/records/erasures");
  await expect(row(page, id(one.name))).toBeVisible();
});

test("a word on being contacted is kept with its proof, and holds at once", async ({ sit }) => {
  const one = await person(fresh());
  const { page } = await sit("admin", "en");
  await page.goto(`/${one.name}`);
  await page.getByRole("tab", { name: "Consents" }).click();
  const holds = page.locator("main .pill", { hasText: /contacted/ });
  await expect(holds).toBeVisible();
  for (const [word, after] of [["Given", "May be contacted"], ["Withdrawn", "May not be contacted"]] as const) {
    await page.getByRole("button", { name: "Record a word" }).click();
    await choose(page, form(page).getByLabel("Word"), word);
    await choose(page, form(page).getByLabel("Purpose"), "Marketing");
    await form(page).getByLabel("Proof").fill(`${word} by telephone`);
    await form(page).getByRole("button", { name: "Save" }).click();
    await expect(form(page)).toHaveCount(0);
    await expect(holds).toHaveText(after);
    await expect(row(page, `${word} by telephone`)).toHaveCount(1);
  }
  await accessible(page);
  const { consents } = await admin.ask("GET", `/v1/${one.name}/consents?pageSize=10`);
  expect(consents).toHaveLength(2);
});

test("a merge is undone for a reason, and both are customers again", async ({ sit }) => {
  const [one, other] = [await person(fresh()), await person(fresh())];
  const kept = await admin.ask("POST", "/v1/customers:merge", { customers: [one.name, other.name], reason: "taken for one" });
  const gone = kept["name"] === one.name ? other : one;
  const { page } = await sit("admin", "en");
  await page.goto(`/${gone.name}`);
  await expect(page.locator("main")).toContainText("Merged into");
  await page.getByRole("button", { name: "Undo the merge" }).click();
  await form(page).getByLabel("Reason").fill("two people after all");
  await form(page).getByRole("button", { name: "Undo the merge" }).click();
  await said(page, "The merge is undone");
  await expect(page.locator("main")).not.toContainText("Merged into");
  const both = await Promise.all([one, other].map(({ name }) => admin.ask("GET", `/v1/${name}?redirect=true`)));
  expect(both.map(({ name }) => name as string)).toEqual([one.name, other.name]);
});

test("the quality of the records is checked at once, and what is wrong gets an owner and an end", async ({ sit }) => {
  test.setTimeout(120_000);
  const rule = { name: "qualityRules/WEB_MAIL", dimension: "COMPLETENESS", attribute: "EMAIL", test: "PRESENT" };
  await admin.ask("PUT", `/v1/${rule.name}`, { ...rule, opensIssues: true });
  const { page } = await sit("admin", "en");
  await page.goto("/customers/records/scores");
  const before = (await admin.ask("GET", "/v1/qualityRuns?pageSize=50"))["qualityRuns"]?.length ?? 0;
  await page.getByRole("button", { name: "Check now" }).click();
  await said(page, "The check has begun");
  await expect(async () => {
    const runs = (await admin.ask("GET", "/v1/qualityRuns?pageSize=50"))["qualityRuns"] ?? [];
    expect(runs.length).toBeGreaterThan(before);
    expect(runs[0].endTime).toBeTruthy();
  }).toPass({ timeout: 60_000 });
  await page.reload();
  await row(page, /\d/).first().click();
  await expect(page.getByRole("heading", { name: "Scores of this check" })).toBeVisible();
  await translated(page, "en");
  await accessible(page);
  await page.goto("/customers/records/issues");
  await choose(page, page.getByLabel("State"), "Open");
  const issue = row(page, "Open").first();
  await expect(issue).toBeVisible();
  const name = (await issue.getAttribute("data-row-key"))!;
  await page.locator(`[data-row-key="${name}"]`).getByRole("button", { name: "Resolve" }).click();
  await form(page).getByLabel("Reason").fill("seen");
  await form(page).getByRole("button", { name: "Save" }).click();
  await said(page, "QUALITY_ISSUE_STANDS"); // fixed it is not
  await choose(page, form(page).getByLabel("Result"), "Accepted");
  await form(page).getByRole("button", { name: "Save" }).click();
  await expect(form(page)).toHaveCount(0);
  const { qualityIssues } = await admin.ask("GET", "/v1/qualityIssues?pageSize=200");
  expect(qualityIssues.find((one: { name: string }) => one.name === name)?.state ?? "gone").not.toBe("OPEN");
  await admin.ask("PUT", `/v1/${rule.name}`, { ...rule, retired: true });
});

test("an order is corrected as a whole, and its history says by whom", async ({ sit }) => {
  const made = await admin.ask("POST", "/v1/workOrders", { type: "SUGGESTION", title: "营业厅排队太久", sourceChannel: "PHONE", replyChannel: "REPLY_PHONE" });
  const { page } = await sit("admin", "en");
  await page.goto(`/orders/${id(made["name"])}`);
  const drawer = page.locator(".ant-drawer");
  await drawer.getByRole("button", { name: "Change", exact: true }).click();
  await form(page).getByLabel("Title").fill("营业厅排队超过一小时");
  await form(page).getByLabel("Description").fill("周一上午，三号窗口");
  await choose(page, form(page).getByLabel("Reply by"), "SMS");
  await accessible(page);
  await form(page).getByRole("button", { name: "Change" }).click();
  await expect(form(page)).toHaveCount(0);
  await expect(drawer).toContainText("营业厅排队超过一小时");
  const now = await admin.ask("GET", `/v1/${made["name"]}`);
  expect([now["title"], now["description"], now["replyChannel"]]).toEqual(["营业厅排队超过一小时", "周一上午，三号窗口", "REPLY_SMS"]);
});

test("an agent's roster is written stretch by stretch, and tried before it is kept", async ({ sit }) => {
  const { agents } = await admin.ask("GET", "/v1/agents?pageSize=200");
  const one = agents.at(-1) as { name: string; code: string };
  const { page } = await sit("admin", "en");
  await page.goto("/admin/agents");
  await page.locator(`main [data-row-key="${one.name}"]`).click();
  await form(page).getByRole("button", { name: "Add a stretch" }).click();
  const year = new Date().getFullYear() + 1;
  await form(page).getByLabel("From").fill(`${year}-05-04T08:30`);
  await form(page).getByLabel("To", { exact: true }).fill(`${year}-05-04T12:00`);
  await choose(page, form(page).locator(".ant-space").filter({ has: page.getByLabel("From") }).getByLabel(/profile/i), /.+/);
  await accessible(page);
  await form(page).getByRole("button", { name: "Save" }).click();
  await expect(form(page)).toHaveCount(0);
  const kept = await admin.ask("GET", `/v1/${one.name}`);
  expect(kept["assignments"]).toHaveLength(1);
  await admin.ask("PATCH", `/v1/${one.name}?updateMask=assignments`, { assignments: [] });
});

test("a queue is given its channels, weights, rings and criteria, and keeps what another form does not show", async ({ sit }) => {
  const code = `choice-${fresh()}`;
  const { queues } = await admin.ask("GET", "/v1/queues?pageSize=1");
  const { skills } = await admin.ask("GET", "/v1/skills?pageSize=1");
  const made = await admin.ask("POST", "/v1/queues", { client: queues[0].client, code, displayName: code, strategy: "WEIGHTED" });
  try {
    const { page } = await sit("admin", "en");
    await page.goto("/admin/queues");
    await page.locator(`main [data-row-key="${made["name"]}"]`).click();
    await choose(page, form(page).getByLabel("Channels"), "Chat");
    await form(page).locator(".ant-modal-title").click(); // Tab would choose once more
    await form(page).getByLabel("Skill level").fill("70");
    await form(page).getByLabel("Time idle").fill("30");
    await form(page).getByRole("button", { name: "Add a ring" }).click();
    await choose(page, form(page).getByLabel("Skills not asked for any more"), skills[0].displayName);
    await accessible(page);
    await form(page).getByRole("button", { name: "Save" }).click();
    await expect(form(page)).toHaveCount(0);
    const kept = await admin.ask("GET", `/v1/${made["name"]}`);
    expect(kept["channels"]).toEqual(["CHAT"]);
    expect(kept["weights"]).toEqual({ skillLevel: 70, idleTime: 30 });
    expect(kept["rings"]).toEqual([{ stay: "30s", dropSkills: [skills[0].name] }]);
  } finally {
    await admin.ask("DELETE", `/v1/${made["name"]}`);
  }
});

test("an administrator sees the tenant as it is, and the keys its tokens are signed with", async ({ sit }) => {
  const { page } = await sit("admin", "en");
  await page.goto("/admin/tenant");
  await expect(page.getByRole("heading", { name: "Signing keys" })).toBeVisible();
  await expect(page.locator("main table.plain tbody tr").first()).toContainText("P-256");
  await translated(page, "en");
  await accessible(page);
});

test("customers are listed by a condition that is explained first; a rule puts them into a segment", async ({ sit }) => {
  const mark = fresh();
  const { name, fullName } = await person(mark);
  await admin.ask("PATCH", `/v1/${name}?updateMask=homeRegion`, { name, homeRegion: `7${mark.slice(0, 5)}` });
  const { page } = await sit("admin", "en");
  await page.goto("/customers/records/lists");
  await page.getByRole("button", { name: "New list" }).click();
  await form(page).getByLabel("Name").fill(`Region ${mark}`);
  const filter = form(page).getByLabel("Condition");
  await filter.fill("home_region = ");
  await form(page).getByRole("button", { name: "Save" }).click();
  await said(page, "FILTER_INVALID");
  await filter.fill(`home_region = '7${mark.slice(0, 5)}' AND NOT alerts:*`);
  await form(page).getByRole("button", { name: "Try it" }).click();
  await expect(form(page)).toContainText(/\b1 of \d+ customers pass/);
  await accessible(page);
  await translated(page, "en");
  await form(page).getByRole("button", { name: "Save" }).click();
  await expect(form(page)).toHaveCount(0);
  await row(page, `Region ${mark}`).click();
  await expect(page.locator(".ant-drawer")).toContainText(fullName.slice(0, 1));
  await accessible(page);
  await page.goto("/customers/records/segments");
  await page.getByRole("button", { name: "New segment rule" }).click();
  await form(page).getByLabel("Dimension").fill("WEB");
  await form(page).getByRole("textbox", { name: "Value" }).fill(`R${mark}`);
  await form(page).getByLabel("Condition").fill(`home_region = '7${mark.slice(0, 5)}'`);
  await form(page).getByRole("button", { name: "Save" }).click();
  await expect(form(page)).toHaveCount(0);
  await expect(row(page, `R${mark}`)).toBeVisible();
  await expect(async () => {
    const { segments } = await admin.ask("GET", `/v1/${name}`);
    expect(segments).toContainEqual(expect.objectContaining({ dimension: "WEB", value: `R${mark}` }));
  }).toPass({ timeout: 60_000 });
});
