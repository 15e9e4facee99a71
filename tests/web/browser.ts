/** A person at a browser, whose console stays silent. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { Person, settings, Switch } from "./platform";

export { expect };

export interface Seat {
  page: Page;
  context: BrowserContext;
}

export const test = base.extend<{ sit: (login: string, language?: "zh-CN" | "en", look?: "light" | "dark") => Promise<Seat> }, { line: Switch }>({
  /** Opens a browser and signs somebody in. */
  sit: async ({ browser }, use) => {
    const open: BrowserContext[] = [];
    const said: string[] = [];
    await use(async (login, language = "zh-CN", look = "light") => {
      const context = await (browser as Browser).newContext({ ignoreHTTPSErrors: true, locale: language, viewport: { width: 1366, height: 768 } });
      open.push(context);
      await context.addInitScript(
        ([tongue, shade]) => {
          localStorage.getItem("carillon.language") ?? localStorage.setItem("carillon.language", tongue!);
          localStorage.setItem("carillon.look", shade!);
        },
        [language, look],
      );
      const page = await context.newPage();
      listen(page, said);
      await page.goto("/");
      await page.locator("#tenant").fill(settings.tenant);
      await page.locator("#login").fill(login);
      await page.locator("#password").fill(settings.people[login]!);
      await page.keyboard.press("Enter");
      await expect(page.locator(".shell")).toBeVisible();
      return { page, context };
    });
    for (const context of open) await context.close();
    expect(said, "the console is silent").toEqual([]);
  },
  line: [
    async ({}, use) => {
      const line = new Switch();
      await line.start();
      await use(line);
      await line.clear();
      await line.stop();
    },
    { scope: "worker" },
  ],
});

export function listen(page: Page, said: string[]) {
  page.on("console", (message) => {
    // A line that was cut is told by the browser itself; what the client makes of it is for the tests to see.
    if ((message.type() === "error" || message.type() === "warning") && !/net::ERR_/.test(message.text())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(`${error.message} ${error.stack ?? ""}`));
}

/** No violation of WCAG 2.2 A and AA that a program can find. */
export async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary?.slice(0, 200)}`) }))).toEqual([]);
}

/** What the client itself says on the page: labels, buttons, headings; not the data. */
export const spoken = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("nav a, button, label, h1, h2, h3, dt, th, legend, [role=tab], .pill")]
      .filter((one) => (one as HTMLElement).offsetParent !== null)
      .map((one) => (one as HTMLElement).innerText.trim())
      .filter(Boolean),
  );

/** An agent at the desk, ready for calls. */
export async function ready(page: Page, seat = "W01", extension = "8701") {
  await page.goto("/desk");
  const place = page.locator("#seat");
  const bar = page.locator(".statebar");
  await expect(place.or(bar)).toBeVisible();
  if (await place.isVisible()) {
    await place.fill(seat);
    await page.locator("#extension").fill(extension);
    await page.keyboard.press("Enter");
  }
  await expect(bar).toBeVisible();
  const button = bar.getByRole("button", { name: /^(就绪|Ready)/ });
  if (await button.isEnabled()) await button.click();
  await expect(bar.locator(".pill").first()).toHaveText(/就绪|Ready/, { timeout: 70_000 });
}

/** Somebody's calls go to the test's agent alone: the others of the demo have gone home. */
export const admin = new Person("admin");
