import { useQuery } from "@tanstack/react-query";
import { access, all, queues } from "./clients";

/** Agents by name: what people call them. */
export const useAgents = (enabled = true) =>
  useQuery({
    queryKey: ["agents"],
    queryFn: async () => {
      const list = await all(async (pageToken) => {
        const page = await queues.listAgents({ pageSize: 200, pageToken });
        return { items: page.agents, next: page.nextPageToken };
      });
      return new Map(list.map((agent) => [agent.name, agent]));
    },
    staleTime: 300_000,
    enabled,
  });

export const useQueues = (enabled = true) =>
  useQuery({
    queryKey: ["queues"],
    queryFn: async () => {
      const list = await all(async (pageToken) => {
        const page = await queues.listQueues({ pageSize: 200, pageToken });
        return { items: page.queues, next: page.nextPageToken };
      });
      return new Map(list.map((queue) => [queue.name, queue]));
    },
    staleTime: 300_000,
    enabled,
  });

/** Users by name. */
export const useUsers = () =>
  useQuery({
    queryKey: ["users-by-name"],
    queryFn: async () => {
      const list = await all(async (pageToken) => {
        const page = await access.listUsers({ pageSize: 200, pageToken });
        return { items: page.users, next: page.nextPageToken };
      });
      return new Map(list.map((user) => [user.name, user.displayName || user.login]));
    },
    staleTime: 300_000,
  });
