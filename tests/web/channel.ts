/** Written channels as they will bring their work: one of our own services that asks routing over gRPC. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { field } from "./crowd";
import { Person, settings } from "./platform";

const CHAT = 3;

interface Work {
  channel: number;
  client: string;
  queue: string;
  from: string;
  data: Record<string, string>;
}

/** Somebody writes; the name of the interaction. */
async function bring({ channel, client, queue, from, data }: Work): Promise<string> {
  const { port, ca, certificate, key, secret } = settings.channel;
  const nobody = new Person("admin");
  const { accessToken } = await nobody.ask("POST", "/v1/serviceTokens:issue", { service: "ivr", secret });
  const tenant = await nobody.tenant();
  const attached = Object.entries(data).map(([name, value]) => field(21, Buffer.concat([field(1, name), field(2, value)])));
  const request = Buffer.concat([field(1, Buffer.concat([field(4, channel), field(6, client), field(9, from), field(11, queue), ...attached])), field(2, randomUUID())]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  const session = connect(`https://localhost:${port}`, { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) });
  try {
    return await new Promise<string>((resolve, reject) => {
      const call = session.request({
        ":method": "POST", ":path": "/carillon.routing.v1.InteractionService/CreateInteraction", "content-type": "application/grpc", te: "trailers",
        authorization: `Bearer ${accessToken}`, "x-carillon-tenant": tenant,
      });
      const parts: Buffer[] = [];
      let status = "";
      const note = (headers: Record<string, unknown>) => void (headers["grpc-status"] !== undefined && (status = `${String(headers["grpc-status"])} ${String(headers["grpc-message"] ?? "")}`.trim()));
      session.on("error", reject);
      call.on("error", reject).on("response", note).on("trailers", note).on("data", (part: Buffer) => parts.push(part));
      call.on("end", () => {
        const answer = Buffer.concat(parts).subarray(5);
        if (status === "0") resolve(answer.subarray(2, 2 + answer[1]!).toString());
        else reject(new Error(`CreateInteraction: ${status}`));
      });
      call.end(Buffer.concat([head, request]));
    });
  } finally {
    session.close();
  }
}

/** An agent who is given chats alone, until `close`; `write` is somebody who says something. */
export async function chatDesk(login: string) {
  const admin = new Person("admin");
  const code = `chat-${Date.now()}`;
  const { users } = await admin.ask("GET", `/v1/users?login=${login}`);
  const agents = (await admin.ask("GET", "/v1/agents?pageSize=200"))["agents"] as { name: string; user: string; routingProfile: string }[];
  const agent = agents.find(({ user }) => user === users[0].name)!;
  const { queues } = await admin.ask("GET", "/v1/queues?pageSize=1");
  const queue = await admin.ask("POST", "/v1/queues", { client: queues[0].client, code, displayName: "在线客服", channels: ["CHAT"] });
  const profile = await admin.ask("POST", "/v1/routingProfiles", { code, displayName: code, entries: [{ queue: queue["name"], priority: 1 }] });
  await admin.ask("PATCH", `/v1/${agent.name}?updateMask=routingProfile`, { routingProfile: profile["name"] });
  return {
    write: (from: string, said: string) => bring({ channel: CHAT, client: queues[0].client, queue: queue["name"], from, data: { 主题: said } }),
    async close() {
      await admin.ask("PATCH", `/v1/${agent.name}?updateMask=routingProfile`, { routingProfile: agent.routingProfile });
      for (const { name } of [profile, queue] as { name: string }[]) await admin.ask("DELETE", `/v1/${name}`);
    },
  };
}
