/** Every value of every enum that a page shows has its word in both languages: walked here, so that a new value in a contract
 * cannot reach a person as LAST_AGENT. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DescEnum } from "@bufbuild/protobuf";
import { enums, wordOf } from "../src/i18n/enums";

const shown = new Map<string, DescEnum>();
for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
  if (name.startsWith("gen") || !/\.tsx?$/.test(name)) continue;
  const file = join("src", name);
  const source = readFileSync(file, "utf8");
  for (const [, schema] of source.matchAll(/\b(?:word|choices)\((\w+Schema)\b/g)) {
    const [, from] = new RegExp(`import [^;]*\\b${schema}\\b[^;]*from "([^"]+)"`).exec(source) ?? [];
    if (!from) throw new Error(`${file}: ${schema} comes from nowhere`);
    const { [schema!]: of } = (await import(`${resolve(file, "..", from)}.ts`)) as Record<string, DescEnum>;
    shown.set(of!.typeName, of!);
  }
}
const values = [...shown.values()].flatMap((of) => of.values.filter(({ number }) => number !== 0).map(({ name }) => wordOf(of, name)));
const missing = values.filter((key) => !(key in enums));
console.log(`${values.length} values of ${shown.size} enums have their words`);
if (missing.length > 0) throw new Error(`no word for ${missing.join(", ")}`);
if (values.length < 200) throw new Error("pages show more than that: the walk has lost its way");
