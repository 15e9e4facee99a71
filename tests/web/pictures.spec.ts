/** Makes the pictures of the user guide: web_test.py --pictures. */
import { admin, expect, ready, test } from "./browser";
import { newSample } from "./samples";
import { settings } from "./platform";

const shot = (name: string) => `${settings.pictures}/${name}.png`;

test.skip(!process.env["CARILLON_WEB_PICTURES"], "only when asked for");

test("pictures", async ({ sit, line, page: gate }) => {
  test.setTimeout(240_000);
  await gate.setViewportSize({ width: 1366, height: 768 });
  await gate.addInitScript(() => localStorage.setItem("carillon.language", "zh-CN"));
  await gate.goto("/");
  await expect(gate.locator("#tenant")).toBeVisible();
  await gate.screenshot({ path: shot("sign-in") });

  const { page: desk } = await sit("agent01");
  await line.clear();
  await ready(desk);
  await desk.screenshot({ path: shot("desk-ready") });
  // An administrator sees numbers in clear for a purpose: somebody known calls.
  const { customers } = await admin.ask("GET", "/v1/customers?pageSize=20&grade=STANDARD");
  const known = customers.find((one: { contacts?: { number?: string }[] }) => one.contacts?.[0]?.number);
  const { contacts } = await admin.ask("GET", `/v1/${known.name}?purpose=SERVICE`);
  const call = await line.ring(contacts[0].number);
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
  await expect(desk.locator(".callbar")).toContainText("话后");
  await desk.keyboard.press("Control+Enter");
  await expect(desk.locator(".waiting")).toBeVisible();
  await desk.getByRole("button", { name: "签出" }).click();

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
  const sample = await newSample();
  await office.goto(`/quality/${sample.split("/")[1]}`);
  await expect(office.locator(".sheet-item").first()).toBeVisible();
  for (const level of ["1", "1", "2", "1"]) await office.keyboard.press(level);
  await office.waitForTimeout(500);
  await office.screenshot({ path: shot("quality") });
  for (const path of ["reports", "flows", "admin"]) {
    await office.goto(`/${path}`);
    await expect(office.locator("main h1")).toBeVisible();
    if (path === "flows") await office.locator("main .ant-table-row a").first().click();
    await office.waitForTimeout(2_000);
    await office.screenshot({ path: shot(path), ...(path === "flows" ? { clip: { x: 0, y: 0, width: 1366, height: 560 } } : {}) });
  }
});
