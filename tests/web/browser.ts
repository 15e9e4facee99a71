/** A person at a browser, whose console stays silent. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { Person, settings, Switch } from "./platform";

export { expect };

export interface Seat {
  page: Page;
  context: BrowserContext;
}

type Sit = (login: string, language?: "zh-CN" | "en", look?: "light" | "dark", baseURL?: string) => Promise<Seat>;

export const test = base.extend<{ sit: Sit }, { line: Switch }>({
  /** Opens a browser and signs somebody in. */
  sit: async ({ browser }, use) => {
    const open: BrowserContext[] = [];
    const said: string[] = [];
    await use(async (login, language = "zh-CN", look = "light", baseURL = settings.url) => {
      const context = await (browser as Browser).newContext({ baseURL, ignoreHTTPSErrors: true, locale: language, viewport: { width: 1366, height: 768 } });
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

/** What the client itself says on the page: labels, buttons, headings; not what people have named, which the page itself marks as not to be translated. */
export const spoken = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("nav a, button, label, h1, h2, h3, dt, th, legend, [role=tab], .pill")]
      .filter((one) => (one as HTMLElement).offsetParent !== null && !one.closest("[translate=no]"))
      .map((one) => [...one.querySelectorAll<HTMLElement>("[translate=no]")].reduce((text, { innerText }) => text.replace(innerText, ""), (one as HTMLElement).innerText).trim())
      .filter(Boolean),
  );

const chinese = /[\u4e00-\u9fff]/;
/** What stays as it is in Chinese: names of formulas and formats, and what the switch to the other language says. */
const international = /^(English|SL-[A-Z]|SCXML.*|CSV.*|AHT|ASA|#|Carillon|[A-Z]\d+ .*)$/;

/** What the client itself says on the page, in the language the person chose. `data` is what others have named. */
export async function translated(page: Page, language: "zh-CN" | "en", data: RegExp = /^$/) {
  const strange = (await spoken(page)).filter((text) => !data.test(text) && (language === "en" ? chinese.test(text) && text !== "中文" : /[A-Za-z]{3}/.test(text) && !chinese.test(text) && !international.test(text)));
  expect(strange, `${page.url()} in ${language}`).toEqual([]);
}

/** A wire between a browser and the gateway that can be cut. */
export class Wire {
  private server: Server | undefined;
  private readonly live = new Set<Socket>();
  private port = 0;

  get url() {
    return `https://localhost:${this.port}`;
  }
  async join() {
    const there = Number(new URL(settings.url).port);
    this.server = createServer((near) => {
      const far = connect(there, "localhost");
      for (const [one, other] of [[near, far], [far, near]] as const) {
        this.live.add(one);
        one.on("error", () => undefined).on("close", () => (this.live.delete(one), other.destroy()));
      }
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, "localhost", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }
  cut() {
    this.server?.close();
    for (const one of this.live) one.destroy();
  }
}

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
