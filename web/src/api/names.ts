import { useQuery } from "@tanstack/react-query";
import { access, all, pageOf } from "./clients";
import { queues } from "./records";

/** Everything of one kind, by name; seldom changes. */
const useAll = <T extends { name: string }>(kind: string, list: () => Promise<T[]>, enabled: boolean) =>
  useQuery({ queryKey: ["by-name", kind], queryFn: async () => new Map((await list()).map((one) => [one.name, one])), staleTime: 300_000, enabled });

export const useAgents = (enabled = true) => useAll("agents", () => all(pageOf(queues.listAgents, "agents", 200)), enabled);
export const useQueues = (enabled = true) => useAll("queues", () => all(pageOf(queues.listQueues, "queues", 200)), enabled);
export const useUsers = () => useAll("users", () => all(pageOf(access.listUsers, "users", 200)), true);

/** What people call an agent. */
export function useAgentName(enabled = true) {
  const { data } = useAgents(enabled);
  return (agent: string) => data?.get(agent)?.displayName || data?.get(agent)?.code || "—";
}
/** What people call a user. */
export function useUserName() {
  const { data } = useUsers();
  return (user: string) => (user ? data?.get(user)?.displayName || data?.get(user)?.login || "…" : "—");
}
