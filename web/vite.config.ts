import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { firstLoad } from "./scripts/first-load.ts";

/** The component library adds style elements through one module: ours takes its place. */
const noStyleElements: Plugin = {
  name: "no-style-elements",
  enforce: "pre",
  resolveId: (source) => (/\/dynamicCSS(\.js)?$/.test(source) ? fileURLToPath(new URL("src/ui/dynamic-css.ts", import.meta.url)) : null),
};

export default defineConfig({
  plugins: [noStyleElements, react(), firstLoad("src/desk/page.tsx", 300)],
  build: { target: "es2023", sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
