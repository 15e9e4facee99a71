/** Makes the pictures of the user guide: web_test.py --pictures. */
import { expect, ready, test } from "./browser";
import { chatDesk } from "./channel";
import { known, newSample } from "./samples";
import { settings } from "./platform";

const shot = (name: string) => `${settings.pictures}/${name}.png`;

test.skip(!process.env["CARILLON_WEB_PICTURES"], "only when asked for");

test("pictures", async ({ sit, line, page: gate }) => {
  test.setTimeout(400_000);
  await gate.setViewportSize({ width: 1366, height: 768 });
  await gate.addInitScript(() => localStorage.setItem("carillon.language", "zh-CN"));
  await gate.goto("/");
  await expect(gate.locator("#tenant")).toBeVisible();
  await gate.screenshot({ path: shot("sign-in") });

  const { page: desk } = await sit("agent01");
  await line.clear();
  await ready(desk);
  await desk.screenshot({ path: shot("desk-ready") });
  const call = await line.ring((await known()).number);
  await expect(desk.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await desk.waitForTimeout(1_500);
  await desk.screenshot({ path: shot("desk-ringing") });
  await desk.keyboard.press("F2");
  await expect(desk.locator(".callbar")).toContainText("通话中");
  await desk.locator("#order-type").click();
  await desk.keyboard.type("投诉");
  await desk.keyboard.press("Enter");
  await desk.locator("#order-title").fill("网银转账重复扣款");
  await desk.locator("#order-description").fill("客户昨日转账一次，账户被扣两次，要求今日内退回。");
  await desk.locator("#order-contact_number").fill("+8613800138000");
  await desk.waitForTimeout(1_000);
  await desk.screenshot({ path: shot("desk-call") });
  await desk.getByRole("button", { name: "深色" }).click();
  await desk.screenshot({ path: shot("desk-call-dark") });
  await desk.getByRole("button", { name: "浅色" }).click();

  // A floor with people on it.
  for (const [login, reason] of [["agent02", ""], ["agent04", "1"], ["agent07", ""], ["agent10", "2"], ["agent11", ""]] as const) {
    const { page } = await sit(login);
    await ready(page, `W${login.slice(-2)}`, `87${login.slice(-2)}`);
    if (!reason) continue;
    await page.keyboard.press("F4");
    await page.keyboard.press(reason);
    await expect(page.locator(".statebar .pill").first()).toContainText("示忙");
  }
  for (const number of ["+8613900000071", "+8613900000072"]) await line.ring(number);

  const { page: boss } = await sit("admin", "zh-CN", "dark");
  await boss.goto("/floor");
  await expect(boss.locator(".chart canvas")).toBeVisible();
  await boss.waitForTimeout(1_500);
  await boss.screenshot({ path: shot("floor") });

  await desk.getByRole("button", { name: "建立工单" }).click();
  await expect(desk.locator(".made-order")).toBeVisible();
  const number = (await desk.locator(".made-order").getByRole("link").first().innerText()).trim();
  await desk.locator(".made-order").getByRole("button", { name: "派发" }).click();
  await expect(desk.locator(".made-order")).toContainText("已派发");
  await line.hangUp(call);
  await line.clear();
  await expect(desk.locator(".callbar")).toContainText("话后");
  await desk.keyboard.press("Control+Enter");
  await expect(desk.locator(".waiting")).toBeVisible();
  await desk.getByRole("button", { name: "签出" }).click();

  const chats = await chatDesk("agent13");
  try {
    const { page } = await sit("agent13");
    await ready(page, "W13", "8713");
    for (const [from, said] of [["+8613900000081", "信用卡账单看不懂"], ["+8613900000082", "网银限额怎么改"]] as const) {
      await chats.write(from, said);
      await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
      await page.keyboard.press("F2");
      await expect(page.locator(".offerbar")).toBeHidden();
    }
    await page.locator("#order-title").fill("网银限额");
    await page.waitForTimeout(2_000);
    await page.screenshot({ path: shot("desk-chats") });
    await page.getByRole("navigation", { name: "手上的工作" }).getByRole("button").first().click();
    for (let left = 2; left > 0; --left) {
      await page.keyboard.press("F2");
      await page.getByRole("dialog").getByRole("button", { name: "结束会话" }).click();
      await expect(page.locator(".callbar")).toContainText("话后");
      await page.locator("#disposition").click();
      await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "已解答" }).first().click();
      await page.keyboard.press("Control+Enter");
      await expect(page.locator(".callbar").filter({ hasText: "话后" })).toHaveCount(0);
    }
    await page.getByRole("button", { name: "签出" }).click();
    await expect(page.locator("#seat")).toBeVisible();
  } finally {
    await chats.close();
  }

  const { page: office } = await sit("admin");
  await office.goto("/orders");
  await office.getByRole("link", { name: number }).click();
  await expect(office.locator(".order-title")).toBeVisible();
  await office.waitForTimeout(1_000);
  await office.screenshot({ path: shot("orders") });
  await office.goto("/customers");
  await office.locator("main .ant-table-row a").first().click();
  await expect(office.locator(".card360")).toBeVisible();
  await office.waitForTimeout(1_000);
  await office.screenshot({ path: shot("customer") });
  await office.goto("/campaigns");
  await office.locator("main .ant-table-row a").first().click();
  await expect(office.locator(".chart canvas")).toBeVisible();
  await office.waitForTimeout(1_000);
  await office.screenshot({ path: shot("campaign") });
  await office.goto("/knowledge");
  await expect(office.locator("main .ant-table-row").first()).toBeVisible();
  await office.waitForTimeout(500);
  await office.screenshot({ path: shot("knowledge") });
  const sample = await newSample();
  await office.goto(`/quality/${sample.split("/")[1]}`);
  await expect(office.locator(".sheet-item").first()).toBeVisible();
  for (const level of ["1", "1", "2", "1"]) await office.keyboard.press(level);
  await office.waitForTimeout(500);
  await office.screenshot({ path: shot("quality") });
  for (const path of ["reports", "flows", "admin"]) {
    await office.goto(`/${path}`);
    await expect(office.locator("main h1")).toBeVisible();
    if (path === "flows") {
      await office.locator("main .ant-table-row", { hasText: "bank" }).getByRole("link").first().click();
      await office.getByRole("group", { name: "流程图" }).getByRole("button", { name: "password" }).click();
    }
    await office.waitForTimeout(2_000);
    await office.screenshot({ path: shot(path) });
  }
});
