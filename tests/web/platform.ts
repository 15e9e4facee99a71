/** The platform as the tests meet it beside the browser: its HTTP/JSON face, and a switch. */
import { randomUUID } from "node:crypto";

export const settings = JSON.parse(process.env["CARILLON_WEB_TEST"] ?? "{}") as {
  url: string;
  browser: string;
  tenant: string;
  people: Record<string, string>;
  pictures: string;
  /** Where traces and reports go. */
  results: string;
  /** How one of our own services reaches routing. */
  channel: { port: number; ca: string; certificate: string; key: string; secret: string };
};

type Json = Record<string, any>;

export class Person {
  constructor(readonly login: string) {}
  private token = "";

  async ask(method: string, path: string, body?: Json): Promise<Json> {
    if (!this.token) {
      const tokens = await send("POST", "/v1/sessions:login", "", { tenant: settings.tenant, login: this.login, password: settings.people[this.login] });
      this.token = tokens["accessToken"];
    }
    return send(method, path, this.token, body);
  }

  /** The uuid of the person's tenant, as the token tells it. */
  async tenant(): Promise<string> {
    await this.ask("GET", "/v1/users?pageSize=1");
    return (JSON.parse(Buffer.from(this.token.split(".")[1]!, "base64url").toString()) as { tid: string }).tid;
  }

  /** One object a line, until it is stopped. Node ends an answer that says nothing for five minutes: it is asked for anew. */
  async *watch(path: string, signal: AbortSignal) {
    await this.ask("GET", "/v1/users?pageSize=1");
    for (;;)
      try {
        yield* this.lines(path, signal);
      } catch (error) {
        if (!(error instanceof TypeError && error.message === "terminated")) throw error;
      }
  }
  private async *lines(path: string, signal: AbortSignal) {
    const answer = await fetch(settings.url + path, { headers: { authorization: `Bearer ${this.token}` }, signal });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.trim()) yield JSON.parse(line) as Json;
    }
    throw new TypeError("terminated");
  }
}

async function send(method: string, path: string, token: string, body?: Json): Promise<Json> {
  const answer = await fetch(settings.url + path, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? (JSON.parse(text) as Json) : {};
}

/** A switch: callers press `digits`, 0 unless told otherwise, wherever a menu asks, phones on desks answer at once. */
export class Switch {
  /** A name of its own when another switch is at work: each is told of its own calls only. */
  constructor(private readonly id = "") {}
  private readonly line = new Person("web-switch");
  private readonly end = new AbortController();
  private running: Promise<void> | undefined;
  private readonly live = new Set<string>();
  /** Whether customers who are called pick up. */
  answers = false;
  /** What callers key, where `answering` has nothing. */
  digits = "0";
  /** What the next questions are answered with, in turn. */
  answering: string[] = [];
  /** Who is in a call beside the customer, as the last directive says: "8701 TALKS". */
  readonly parties = new Map<string, string[]>();
  /** Keys that desks sent into a call. */
  readonly tones = new Map<string, string>();

  /** Its account is like the demo's own switch's, whose password nobody is told. */
  async start() {
    settings.people["web-switch"] ??= "a line of its own 17";
    const admin = new Person("admin");
    const { users } = await admin.ask("GET", "/v1/users?login=web-switch");
    if (!users?.length)
      await admin.ask("POST", "/v1/users", { user: { login: "web-switch", roles: ["SIM_SWITCH"], allClients: true }, password: settings.people["web-switch"], permanentPassword: true });
    this.running = this.work().catch((error: unknown) => {
      if (!this.end.signal.aborted) throw error;
    });
  }
  async stop() {
    this.end.abort();
    await this.running;
  }

  /** A customer calls; the call's name. */
  async ring(from: string, to = "4008195000"): Promise<string> {
    const call = await this.line.ask("POST", "/v1/calls:reportArrived", { switchCallId: `web-${randomUUID()}`, callingNumber: from, calledNumber: to, switchId: this.id });
    this.live.add(call["name"]);
    return call["name"];
  }
  /** Who speaks hangs up, whoever called. */
  async hangUp(call = [...this.live].at(-1)!) {
    this.live.delete(call);
    await this.line.ask("POST", `/v1/${call}:reportHangUp`, { party: "CUSTOMER" });
  }

  /** Everybody who is still on the line hangs up. */
  async clear() {
    await Promise.all([...this.live].map((call) => this.hangUp(call).catch(() => undefined)));
  }

  private async work() {
    const done = new Map<string, number>();
    const rung = new Set<string>();
    const ringing = async (call: string, leg: string) => {
      if (rung.has(leg)) return;
      rung.add(leg);
      await this.line.ask("POST", `/v1/${call}:reportAgentLeg`, { call, leg, state: "CONNECTED" });
    };
    for await (const directive of this.line.watch(`/v1/directives:watch?switchId=${this.id}`, this.end.signal)) {
      const call: string = directive["call"];
      const version = Number(directive["version"]);
      if (directive["keys"]) {
        this.tones.set(call, (this.tones.get(call) ?? "") + directive["keys"]["digits"]);
        continue;
      }
      if ((done.get(call) ?? 0) >= version) continue;
      done.set(call, version);
      this.live.add(call);
      if (directive["collect"]) await this.line.ask("POST", `/v1/${call}:reportInput`, { directiveVersion: version, digits: this.answering.shift() ?? this.digits });
      else if (directive["play"]) await this.line.ask("POST", `/v1/${call}:reportPlayed`, { directiveVersion: version });
      else if (directive["connect"]) await ringing(call, directive["connect"]["leg"]);
      else if (directive["bridge"]) {
        const parties: Json[] = directive["bridge"]["parties"] ?? [];
        this.parties.set(call, parties.map(({ extension, audio }) => `${extension} ${audio}`));
        for (const { leg } of parties) await ringing(call, leg);
      }
      else if (directive["release"]) await this.line.ask("POST", `/v1/${call}:reportHangUp`, { party: "SYSTEM" });
      else if (directive["dial"] && this.answers) await this.line.ask("POST", `/v1/${call}:reportAnswered`, { switchCallId: `web-${randomUUID()}` });
      else if (directive["dial"]) await this.line.ask("POST", `/v1/${call}:reportHangUp`, { party: "SYSTEM", cause: "NO_ANSWER" });
    }
  }
}
