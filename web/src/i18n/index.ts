import type { DescEnum } from "@bufbuild/protobuf";
import { enums, wordOf } from "./enums";
import type { office } from "./office";
import { texts } from "./texts";
import { store } from "../ui/store";

export type Language = "zh-CN" | "en";
export type TextKey = keyof typeof texts | keyof typeof office;

type Words = Record<string, readonly [string, string]>;
const said: Words = { ...texts };
const dictionary: Words = { ...enums };

/** More to say, from a page that brings its own words. */
export function learn(more: Words, words: Words) {
  Object.assign(said, more);
  Object.assign(dictionary, words);
}

const kept = localStorage.getItem("carillon.language");
const language = store<Language>(kept === "zh-CN" || kept === "en" ? kept : navigator.language.startsWith("zh") ? "zh-CN" : "en");
document.documentElement.lang = language.get();

export function setLanguage(next: Language) {
  localStorage.setItem("carillon.language", next);
  document.documentElement.lang = next;
  language.set(next);
}

const column = (of: Language) => (of === "zh-CN" ? 0 : 1);

function translate(of: Language, key: TextKey, values?: Record<string, string | number>) {
  const text = said[key]![column(of)];
  return values ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : text;
}

/** The language of the moment: changing it draws everything again, without a reload. */
export function useT() {
  const now = language.use();
  return {
    language: now,
    t: (key: TextKey, values?: Record<string, string | number>) => translate(now, key, values),
    /** The word for a value of a contract's enum; "—" when it is not given. */
    word: (of: DescEnum, value: number) => {
      const known = of.value[value];
      return known && value !== 0 ? named(now, wordOf(of, known.name), known.name) : "—";
    },
    /** The word for a code that services send as text (a reason, a disposition): itself when it is the tenant's own. */
    code: (group: string, value: string) => (value ? named(now, `${group}.${value}`, value) : "—"),
    /** What came of a conversation: a desk's word, or a dialled attempt's. */
    disposition: (value: string) => (value ? named(now, `disposition.${value}`, named(now, `Disposition.${value}`, value)) : "—"),
    /** Every value of an enum but the first, for a select. */
    choices: (of: DescEnum, ...without: number[]) =>
      of.values
        .filter(({ number }) => number !== 0 && !without.includes(number))
        .map(({ number, name }) => ({ value: number, label: named(now, wordOf(of, name), name) })),
    has: (key: string): key is TextKey => key in said,
  };
}

const named = (of: Language, key: string, fallback: string) => dictionary[key]?.[column(of)] ?? fallback;
