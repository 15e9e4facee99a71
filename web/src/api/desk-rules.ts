import { useQuery } from "@tanstack/react-query";
import { setTimeZone } from "./time";

/** What holds for all desks of the tenant: the reasons for being not ready, the numbers outside that may be called, and the zone
 * that its days and times are in. */
export function useDeskRules(enabled: boolean) {
  return useQuery({
    queryKey: ["desk-rules"],
    queryFn: async () => {
      // Not in the first load.
      const [{ queues }, { NotReadyReason_Setter: setter }] = await Promise.all([import("./records"), import("../gen/carillon/routing/v1/queue_pb")]);
      const { reasons, timeZone, outsidePrefixes } = await queues.getDeskRules({});
      setTimeZone(timeZone);
      return { reasons, outsidePrefixes, choosable: reasons.filter(({ setBy }) => setBy !== setter.SUPERVISOR) };
    },
    staleTime: 300_000,
    enabled,
  }).data;
}
