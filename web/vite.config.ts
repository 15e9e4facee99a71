import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The component library adds style elements through one module: ours takes its place. */
const noStyleElements: Plugin = {
  name: "no-style-elements",
  enforce: "pre",
  resolveId: (source) => (/\/dynamicCSS(\.js)?$/.test(source) ? fileURLToPath(new URL("src/ui/dynamic-css.ts", import.meta.url)) : null),
};

export default defineConfig({
  plugins: [noStyleElements, react()],
  build: { target: "es2023", sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
