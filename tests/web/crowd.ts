/** A floor full of people, made up byte for byte as the service would write it: a thousand people signing in are a test of the
 * platform, not of a page. */
import type { Page } from "@playwright/test";

/** A field of a protobuf message: a number, a text or what is inside. */
export function field(number: number, value: number | string | Buffer): Buffer {
  const varint = (of: number): number[] => (of < 128 ? [of] : [(of % 128) + 128, ...varint(Math.floor(of / 128))]);
  if (typeof value === "number") return Buffer.from([...varint(number * 8), ...varint(value)]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const pageSize = 200;

/** Answers for ListAgentSessions: `count` agents, each in another of the five states at every turn. How many turns were asked for. */
export async function crowd(page: Page, count: number) {
  let turn = 0;
  const pages = Math.ceil(count / pageSize);
  await page.route(/AgentService\/ListAgentSessions$/, async (route) => {
    const body = route.request().postDataBuffer()!;
    const at = Number(/page-(\d)/.exec(body.toString("latin1"))?.[1] ?? 0);
    if (at === 0) ++turn;
    const now = Math.floor(Date.now() / 1000);
    const sessions = Array.from({ length: Math.min(pageSize, count - at * pageSize) }, (_, index) => {
      const number = at * pageSize + index;
      const session = [
        field(1, `agentSessions/${number}`), field(2, `${turn}`), field(3, `agents/${number}`), field(4, String(10_000 + number)), field(5, `S${number}`), field(6, String(20_000 + number)),
        field(7, 1 + ((number + turn) % 5)), field(8, "MEAL"), field(9, field(1, now - ((number * 7) % 240))), field(12, 1),
      ];
      return field(1, Buffer.concat(session));
    });
    const message = Buffer.concat([...sessions, field(2, at < pages - 1 ? `page-${at + 1}` : "")]);
    const frame = (flag: number, bytes: Buffer) => {
      const head = Buffer.alloc(5, flag);
      head.writeUInt32BE(bytes.length, 1);
      return Buffer.concat([head, bytes]);
    };
    await route.fulfill({ status: 200, contentType: "application/grpc-web+proto", body: Buffer.concat([frame(0, message), frame(0x80, Buffer.from("grpc-status: 0\r\n"))]) });
  });
  return () => turn;
}
