/** Every value of every enum that a page shows has its word in both languages: walked here, so that a new value in a contract
 * cannot reach a person as LAST_AGENT. And what the first load brings says nothing whose words come later. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DescEnum } from "@bufbuild/protobuf";
import { enums, wordOf } from "../src/i18n/enums";
import { office, officeEnums } from "../src/i18n/office";
import { texts } from "../src/i18n/texts";

const shown = new Map<string, DescEnum>();
/** Files of the pages: they or what they import bring the words of office.ts. */
const later = /^(pages\/|ui\/(chart|editor|hours|list)\.tsx)/;
const early: string[] = [];
for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
  if (name.startsWith("gen") || !/\.tsx?$/.test(name)) continue;
  const file = join("src", name);
  const source = readFileSync(file, "utf8");
  if (!later.test(name) && !name.startsWith("i18n")) {
    const said = [...source.matchAll(/"([\w.]+)"/g)].map(([, key]) => key!);
    // `${act}.title`, `orders.do.${act}`: whatever it may be.
    for (const [, start, , end] of source.matchAll(/\bt\(`([\w.]*)(\$\{[^}]+\})([\w.]*)`/g)) said.push(...Object.keys(office).filter((key) => key.startsWith(start!) && key.endsWith(end!)));
    early.push(...said.filter((key) => key in office && !(key in texts)).map((key) => `${name}: ${key}`));
  }
  for (const [, schema] of source.matchAll(/\b(?:word|choices)\((\w+Schema)\b/g)) {
    const [, from] = new RegExp(`import [^;]*\\b${schema}\\b[^;]*from "([^"]+)"`).exec(source) ?? [];
    if (!from) throw new Error(`${file}: ${schema} comes from nowhere`);
    const { [schema!]: of } = (await import(`${resolve(file, "..", from)}.ts`)) as Record<string, DescEnum>;
    shown.set(of!.typeName, of!);
    if (!later.test(name)) early.push(...of!.values.filter(({ number, name: value }) => number !== 0 && !(wordOf(of!, value) in enums)).map(({ name: value }) => `${name}: ${wordOf(of!, value)}`));
  }
}
const values = [...shown.values()].flatMap((of) => of.values.filter(({ number }) => number !== 0).map(({ name }) => wordOf(of, name)));
const missing = values.filter((key) => !(key in enums || key in officeEnums));
console.log(`${values.length} values of ${shown.size} enums have their words`);
if (missing.length > 0) throw new Error(`no word for ${missing.join(", ")}`);
if (values.length < 200) throw new Error("pages show more than that: the walk has lost its way");
if (early.length > 0) throw new Error(`words of the desk that come with other pages: ${early.join(", ")}`);
