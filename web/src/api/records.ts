/** The services that a desk needs once there is work, and not before. */
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@tanstack/react-query";
import type { LocalizedText } from "../gen/carillon/type/v1/type_pb";
import { CustomerService } from "../gen/carillon/customer/v1/customer_service_pb";
import { ProfileService } from "../gen/carillon/customer/v1/profile_service_pb";
import { QueueService } from "../gen/carillon/routing/v1/queue_service_pb";
import { WorkOrderService } from "../gen/carillon/workorder/v1/workorder_service_pb";
import { useT } from "../i18n";
import { streams, transport } from "./session";

export const customers = createClient(CustomerService, transport);
export const profiles = createClient(ProfileService, transport);
export const queues = createClient(QueueService, transport);
export const queueStream = createClient(QueueService, streams);
export const orders = createClient(WorkOrderService, transport);

export const localized = (text: LocalizedText | undefined, language: string) => text?.texts[language] ?? Object.values(text?.texts ?? {})[0] ?? "";

/** A list of codes, the tenant's own among them: those that may be chosen, and the word for any. */
export function useCodes(list: string) {
  const { language } = useT();
  const { data } = useQuery({ queryKey: ["codes", list], queryFn: () => profiles.listCodes({ list }), staleTime: 300_000 });
  const all = (data?.codes ?? []).map(({ name, label, retired }) => ({ value: name.split(".")[1]!, label: localized(label, language) || name.split(".")[1]!, retired }));
  return {
    choices: all.filter(({ retired }) => !retired).map(({ value, label }) => ({ value, label })),
    label: (code: string) => all.find(({ value }) => value === code)?.label ?? code,
  };
}
