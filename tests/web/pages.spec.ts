import { accessible, expect, spoken, test } from "./browser";

const chinese = /[\u4e00-\u9fff]/;

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
    test.setTimeout(240_000);
    const { page } = await sit("admin", language, look);
    for (const path of ["floor", "orders", "customers", "campaigns", "quality", "reports", "flows", "admin/users", "admin/agents", "admin/queues", "admin/skills", "admin/audit"]) {
      await page.goto(`/${path}`);
      await expect(page.locator("main h1")).toBeVisible();
      await page.waitForLoadState("networkidle", { timeout: 1_200 }).catch(() => undefined); // streams stay open
      await expect(page.locator(".loading")).toHaveCount(0);
      await accessible(page);
      if (language === "en") {
        const strange = (await spoken(page)).filter((text) => chinese.test(text) && !/^(中文|English)$/.test(text));
        // Buttons of the floor and links in tables bear people's and queues' own names.
        const ours = path === "floor" ? strange.filter((text) => !/坐席|agent/i.test(text)) : strange;
        expect(ours, path).toEqual([]);
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

test("a campaign shows its list and its funnel", async ({ sit }) => {
  const { page } = await sit("planner");
  await page.goto("/campaigns");
  await page.locator("main .ant-table-row a").first().click();
  await expect(page.getByRole("img", { name: "漏斗" })).toBeVisible();
  const rows = page.locator("main table.plain tbody tr");
  await expect(rows).toHaveCount(5);
  expect(Number(await rows.first().locator("td").nth(1).innerText())).toBeGreaterThan(0);
});

test("a sample is drawn, scored with keys and published", async ({ sit }) => {
  const { newSample } = await import("./samples");
  const evaluation = await newSample();
  const { page } = await sit("evaluator-1");
  await page.goto(`/quality/${evaluation.split("/")[1]}`);
  const items = page.locator(".sheet-item");
  await expect(items.first()).toBeVisible();
  for (let at = 0; at < (await items.count()); ++at) await page.keyboard.press("1");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".page-head .pill")).toHaveText("已评");
  await accessible(page);
  await page.getByRole("button", { name: "发布给坐席" }).click();
  await expect(page.locator(".page-head .pill")).toHaveText("已发布");
  await expect(page.locator(".panel", { hasText: "评分表" }).locator("header strong").last()).toHaveText("100.00");
});

test("a report is saved as CSV", async ({ sit }) => {
  const { page } = await sit("supervisor", "en");
  await page.goto("/reports");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export CSV" }).click()]);
  expect(file.suggestedFilename()).toMatch(/^intervals-\d{4}-\d\d-\d\d\.csv$/);
});
