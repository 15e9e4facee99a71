import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { AccessService } from "../gen/carillon/access/v1/access_service_pb";
import { AgentService } from "../gen/carillon/routing/v1/agent_service_pb";
import { InteractionService } from "../gen/carillon/routing/v1/interaction_service_pb";
import { streams, transport } from "./session";

export const access = createClient(AccessService, transport);
export const agents = createClient(AgentService, transport);
export const interactions = createClient(InteractionService, transport);
export const deskStream = createClient(AgentService, streams);

/** A fresh id for one intention: sent again with a repeat, so that nothing happens twice. */
export const requestId = () => crypto.randomUUID();

/** The id behind "customers/…". */
export const idOf = (name: string) => name.slice(name.lastIndexOf("/") + 1);

export const make = <T extends DescMessage>(schema: T, init?: MessageInitShape<T>): MessageShape<T> => create(schema, init);

export interface Page {
  pageSize: number;
  pageToken: string;
}

/** Reads a page of a list: the method, and the field of its answer that holds the items. */
export const pageOf =
  <Answer extends { nextPageToken: string }, Field extends keyof Answer>(list: (page: Page) => Promise<Answer>, field: Field, pageSize = 50) =>
  async (pageToken: string) => {
    const page = await list({ pageSize, pageToken });
    return { items: page[field], next: page.nextPageToken };
  };

/** Every page of a list, up to `most` items. */
export async function all<T>(page: (pageToken: string) => Promise<{ items: T[]; next: string }>, most = 1000) {
  const out: T[] = [];
  let token = "";
  do {
    const { items, next } = await page(token);
    out.push(...items);
    token = next;
  } while (token && out.length < most);
  return out;
}

export { Code, ConnectError };
