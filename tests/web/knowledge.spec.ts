/** The knowledge base: written by one person, published by another, found at the desk while somebody waits for the answer. */
import type { Locator, Page } from "@playwright/test";
import { accessible, expect, ready, test, translated } from "./browser";

const form = (page: Page) => page.locator(".ant-modal");
async function choose(page: Page, field: Locator, option: string | RegExp) {
  await field.click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
}
/** Only what stands there in the tree. */
async function below(page: Page, category: string) {
  const field = page.locator("main").getByRole("searchbox", { name: "Category" });
  await field.fill(category);
  await field.press("Enter");
}
/** A word that is nobody else's, without digits: those are masked in what was asked. */
const fresh = () => [...String(Date.now()).slice(-7)].map((digit) => "甲乙丙丁戊己庚辛壬癸"[Number(digit)]).join("");
const evil = `<img src=x onerror="window.pwned=1">`;

test.beforeEach(({ line }) => line.clear());
test.describe.configure({ timeout: 150_000 });

test("an article is written by one, published by another, found at the desk, inserted; what is missing is reported and answered", async ({ sit, line }) => {
  const mark = `跨行网银${fresh()}`;
  const missing = `数字藏品${fresh()}`;

  // The desk, before there is such an article.
  const { page } = await sit("agent01");
  await ready(page);
  const call = await line.ring("+8613900000071");
  await expect(page.locator(".offerbar")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("F2");
  await expect(page.locator(".callbar")).toContainText("通话中");
  const panel = page.getByRole("region", { name: "知识" });
  await expect(panel).toBeVisible(); // its key is heard from then on
  await page.keyboard.press("Control+k");
  const search = page.getByRole("searchbox", { name: "搜索：词、拼音或首字母" });
  await expect(search).toBeFocused();
  await search.fill(missing);
  await expect(panel).toContainText("没有匹配的"); // typed only: nothing is logged yet
  await search.press("Enter");
  await expect(panel).toContainText("没有找到");
  await panel.getByRole("button", { name: "上报缺失" }).click();
  await expect(panel.getByLabel("客户问的是")).toHaveValue(missing);
  await panel.getByLabel("备注（可不填）").fill(`客户很急 ${evil}`);
  await panel.getByRole("button", { name: "上报", exact: true }).click();
  await expect(page.getByText("已上报，答复后会关闭")).toBeVisible();
  await expect(panel.getByRole("combobox", { name: "场景" })).toBeAttached(); // what is said, by scene
  await accessible(page);
  await translated(page, "zh-CN");

  // The back office.
  const { page: writer } = await sit("librarian", "en");
  await writer.goto("/knowledge/gaps");
  const gap = writer.locator("main .ant-table-row", { hasText: missing });
  await expect(gap).toContainText(evil);
  expect(await writer.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  await gap.getByRole("button", { name: "Take up" }).click();
  await expect(gap).toContainText("Taken up");
  await accessible(writer);
  await translated(writer, "en", /librarian/);
  await writer.goto("/knowledge/articles");
  await writer.getByRole("button", { name: "New article" }).click();
  await form(writer).getByLabel("Code").fill(`web-${Date.now()}`);
  await form(writer).getByLabel("Category").fill("使用方法/网银");
  await form(writer).getByLabel("Title").fill(`${mark}限额`);
  await form(writer).getByLabel("Summary (fit to be said or sent)").fill(`${mark}每日限额五万元`);
  await form(writer).getByLabel("Text").fill(`一、登录网银。\n二、在设置里改限额。${missing}同样适用。`);
  await form(writer).getByRole("button", { name: "Save" }).click();
  await expect(form(writer)).toHaveCount(0);
  await below(writer, "使用方法/网银");
  await writer.locator("main .ant-table-row", { hasText: mark }).click();
  const drawer = writer.locator(".ant-drawer");
  await accessible(writer);
  await drawer.getByRole("button", { name: "Submit" }).click();
  await expect(drawer).toContainText("In review");
  await expect(drawer.getByRole("button", { name: "Approve" })).toHaveCount(0); // not one's own
  const { page: chief } = await sit("chief-librarian", "en");
  await chief.goto("/knowledge");
  await below(chief, "使用方法/网银");
  await chief.locator("main .ant-table-row", { hasText: mark }).click();
  const other = chief.locator(".ant-drawer");
  await other.getByRole("button", { name: "Approve" }).click();
  await other.getByRole("button", { name: "Publish" }).click();
  await chief.getByRole("dialog", { name: "Publish" }).getByRole("button", { name: "Publish" }).click();
  await expect(chief.getByRole("dialog", { name: "Publish" })).toHaveCount(0); // it has a heading too
  await expect(other.locator("h2")).toContainText("Published");

  // The gap has its answer.
  await writer.goto("/knowledge/gaps");
  await gap.getByRole("button", { name: "Answer by an article" }).click();
  await form(writer).getByLabel("Article").fill(mark); // there are many: the list shows those that fit
  await choose(writer, form(writer).getByLabel("Article"), mark);
  await form(writer).getByRole("button", { name: "Save" }).click();
  await expect(gap).toContainText("Closed");

  // The desk finds it as it is typed, and by the title of the order.
  await page.locator("#wrap-note").fill("已告知：");
  await search.fill(mark);
  const hit = panel.getByRole("button", { name: new RegExp(`${mark}限额`) });
  await expect(hit).toBeVisible({ timeout: 15_000 });
  await search.fill("");
  await page.locator("#order-title").fill(`${mark}转账`);
  await expect(hit).toBeVisible({ timeout: 15_000 });
  await page.locator("#wrap-note").press("End"); // where the cursor was last
  await hit.click();
  await expect(panel).toContainText("在设置里改限额");
  await accessible(page);
  await page.keyboard.press("Alt+i");
  await expect(page.locator("#wrap-note")).toHaveValue(`已告知：${mark}每日限额五万元`);
  await panel.getByRole("button", { name: "是", exact: true }).click();
  await expect(page.getByText("已记下")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(search).toBeVisible();
  await line.hangUp(call);
  await expect(page.locator(".callbar")).toContainText("话后处理");
  await page.locator("#disposition").click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "已解答" }).first().click();
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".waiting")).toBeVisible();
});

test("a phrase is said in the tenant's own words, and given back", async ({ sit }) => {
  const { page } = await sit("librarian", "zh-CN", "dark");
  await page.goto("/knowledge/phrases");
  const first = page.locator("main table.plain tbody tr").first();
  await expect(first).toBeVisible();
  await accessible(page);
  await translated(page, "zh-CN");
  await first.getByRole("button", { name: "修改" }).click();
  await form(page).getByLabel("用语").fill("您好，这里是{企业}，工号{工号}为您服务。");
  await form(page).getByRole("button", { name: "保存" }).click();
  await expect(form(page)).toHaveCount(0);
  await expect(first).toContainText("工号{工号}为您服务");
  await first.getByRole("button", { name: "恢复出厂用语" }).click();
  await expect(first).not.toContainText("工号{工号}为您服务");
});
