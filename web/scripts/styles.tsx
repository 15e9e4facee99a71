/** Writes the style sheets of the component library for both looks: the rules once, the values a look each. The first holds
 * what a person at the desk needs, the second what only the other pages use. */
import { writeFileSync } from "node:fs";
import { extractStyle } from "@ant-design/static-style-extract";
import { ConfigProvider } from "antd";
import type { ReactNode } from "react";
import { look, type Mode } from "../src/look";

/** The components that pages use; one that is missing here has no style. */
const atOnce = ["Alert", "Button", "Checkbox", "Input", "Radio", "Select"];
const later = ["DatePicker", "Descriptions", "Drawer", "Empty", "Form", "InputNumber", "Modal", "Pagination", "Popconfirm", "Space", "Spin", "Switch", "Table", "Tabs", "Timeline"];

console.error = () => {}; // deprecations of components that are rendered only to be measured
const sheet = (mode: Mode, includes: string[]) =>
  extractStyle({ includes, customTheme: (node: ReactNode) => <ConfigProvider theme={look(mode)}>{node}</ConfigProvider> });
const rules = (css: string) => css.match(/@[^{]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|[^{}]+\{[^{}]*\}/g) ?? [];

const written = new Set<string>();
function write(target: string, components: string[]) {
  const fresh = [...rules(sheet("light", components)), ...rules(sheet("dark", components))].filter((rule) => !written.has(rule) && written.add(rule));
  writeFileSync(target, fresh.join(""));
}
write("src/gen/antd.css", atOnce);
write("src/gen/antd-later.css", later);
