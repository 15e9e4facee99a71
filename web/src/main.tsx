import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { start } from "./api/session";
import { loadSettings } from "./api/time";
import { Root } from "./shell";
import "./gen/antd.css";
import "./style.css";

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: false } },
});

void loadSettings().then(start);
createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={client}>
    <Root />
  </QueryClientProvider>,
);
