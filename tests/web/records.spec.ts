/** The customer's record: what the law gives the person. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { admin, expect, test } from "./browser";

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
