import { createClient } from "@connectrpc/connect";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { requestId } from "../api/clients";
import { transport, useSession } from "../api/session";
import { millis } from "../api/time";
import { ArticleContent_TypeSchema, type ArticleHit } from "../gen/carillon/knowledge/v1/article_pb";
import { ArticleService, GapService, PhraseService } from "../gen/carillon/knowledge/v1/knowledge_service_pb";
import { Phrase_Kind, Phrase_KindSchema } from "../gen/carillon/knowledge/v1/phrase_pb";
import { Interaction_Direction, Interaction_State, type Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { useT } from "../i18n";
import { insertText } from "../ui/insert";
import { useKeys } from "../ui/keys";
import { Answer, Field, Given, Key, Pill, Time, useAction } from "../ui/kit";
import { toast } from "../ui/toast";
import { useCustomer } from "./customer";

const articles = createClient(ArticleService, transport);
const phrases = createClient(PhraseService, transport);
const gaps = createClient(GapService, transport);

/** The same, a moment after it was changed last. */
function useLater<T>(value: T, ms: number) {
  const [late, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return late;
}

/** What is known beside the conversation: what fits to the way through the menu and the order's title, without asking; and what is
 * asked for. `subject` is the title that is being written. */
export default function Knowledge({ work, customer, subject }: { work: Interaction; customer: string; subject: string }) {
  const { t, language } = useT();
  const [text, setText] = useState("");
  const [asked, ask] = useState("");
  const [reading, read] = useState<{ article: string; search: string }>();
  const [reporting, report] = useState(false);
  const typed = useLater(text.trim(), 250);
  const about = useLater(subject.trim().slice(0, 200), 600);
  const context = {
    language: work.language || language, client: work.client, grade: work.grade, channel: work.channel,
    region: /^\d{2}(\d{2}){0,2}$/.test(work.region) ? work.region : "",
  };
  const fits = useQuery({
    queryKey: ["suggested", work.name, about, context.language],
    queryFn: () => articles.suggestArticles({ ...context, menuPath: work.menuPath.slice(-20), subject: about }),
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  // Only what is asked with Enter is logged, and can be a gap.
  const final = asked !== "" && asked === typed;
  const found = useQuery({
    queryKey: ["searched", typed, final, context],
    queryFn: () => articles.searchArticles({ ...context, query: typed.slice(0, 200), pageSize: 8, typing: !final }),
    enabled: typed !== "",
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  const field = useRef<HTMLDivElement>(null);
  useKeys({ "desk.knowledge": () => (read(undefined), requestAnimationFrame(() => field.current?.querySelector("input")?.focus())) });
  const hits = typed ? found.data?.hits : fits.data?.hits;
  const open = (hit: ArticleHit) => read({ article: hit.article, search: typed ? (found.data?.search ?? "") : "" });
  return (
    <section className="knowledge" aria-label={t("knowledge.knowledge")}>
      <h3>{t("knowledge.knowledge")} <Key of="desk.knowledge" /></h3>
      {reading ? (
        <Reading {...reading} back={() => read(undefined)} />
      ) : (
        <>
          <div ref={field}>
            <Input.Search
              aria-label={t("knowledge.search")} placeholder={t("knowledge.search")} allowClear maxLength={200}
              value={text} onChange={({ target }) => setText(target.value)} onSearch={(value) => (setText(value), ask(value.trim()))}
            />
          </div>
          {hits && hits.length > 0 ? (
            <ol className="knowledge-hits" aria-label={t(typed ? "knowledge.found" : "knowledge.fits")}>
              {hits.map((hit) => (
                <li key={hit.article}>
                  <button type="button" onClick={() => open(hit)}>
                    <strong><Given>{hit.title}</Given></strong>
                    <span className="quiet"><Given>{hit.snippet.length > 0 ? hit.snippet.map((part, index) => (part.matched ? <mark key={index}>{part.text}</mark> : part.text)) : hit.summary}</Given></span>
                  </button>
                </li>
              ))}
            </ol>
          ) : (
            <p className="quiet" role="status">{typed ? (found.data && !found.isPlaceholderData ? t(final ? "knowledge.nothing" : "knowledge.nothingYet") : "…") : t("knowledge.askOr")}</p>
          )}
          {reporting ? (
            <Report question={typed} work={work} language={context.language} close={() => report(false)} />
          ) : (
            <Button size="small" type={final && hits?.length === 0 ? "primary" : "default"} onClick={() => report(true)}>{t("knowledge.report")}</Button>
          )}
        </>
      )}
      <Phrases work={work} customer={customer} language={context.language} />
    </section>
  );
}

/** One article as it is published; what it says goes where the agent writes. */
function Reading({ article, search, back }: { article: string; search: string; back: () => void }) {
  const { t, word } = useT();
  const shown = useQuery({ queryKey: ["article", article, search], queryFn: () => articles.getArticle({ name: article, search }), staleTime: 60_000 });
  const content = shown.data?.published?.content;
  const insert = content ? () => insertText(content.summary || content.body.slice(0, 500), "wrap-note") : undefined;
  const rate = useAction((helpful: boolean) => articles.rateArticle({ name: article, helpful, requestId: requestId() }), () => toast("good", t("knowledge.thanks")));
  useKeys({ "desk.insert": insert, Escape: back });
  return (
    <Answer of={shown}>
      {({ code }) => (
        <article className="knowledge-article">
          <div className="buttons">
            <Button size="small" onClick={back}>{t("knowledge.back")}</Button>
            <Button size="small" type="primary" disabled={!insert} onClick={insert}>{t("knowledge.insert")} <Key of="desk.insert" /></Button>
          </div>
          {content && (
            <>
              <h4><Given>{content.title}</Given></h4>
              <p className="quiet">
                <Pill>{word(ArticleContent_TypeSchema, content.type)}</Pill> <Given>{content.category}</Given>
                {content.validTo && <> · {t("knowledge.until")} <Time at={millis(content.validTo)} /></>}
              </p>
              {content.summary && <p className="text"><strong><Given>{content.summary}</Given></strong></p>}
              <p className="text"><Given>{content.body}</Given></p>
              {content.sourceLaw && <p className="quiet"><Given>{content.sourceLaw}</Given></p>}
              <div className="buttons" role="group" aria-label={t("knowledge.helped")}>
                <span className="quiet">{t("knowledge.helped")}</span>
                <Button size="small" loading={rate.isPending} aria-pressed={rate.data ? rate.variables === true : undefined} onClick={() => rate.mutate(true)}>{t("yes")}</Button>
                <Button size="small" loading={rate.isPending} aria-pressed={rate.data ? rate.variables === false : undefined} onClick={() => rate.mutate(false)}>{t("no")}</Button>
                <code translate="no">{code}</code>
              </div>
            </>
          )}
        </article>
      )}
    </Answer>
  );
}

function Report({ question, work, language, close }: { question: string; work: Interaction; language: string; close: () => void }) {
  const { t } = useT();
  const [gap, change] = useState({ question, note: "" });
  const send = useAction(
    () => gaps.reportGap({ gap: { ...gap, language, client: work.client, interaction: work.name }, requestId: requestId() }),
    () => {
      toast("good", t("knowledge.reported"));
      close();
    },
  );
  return (
    <form onSubmit={(event) => (event.preventDefault(), gap.question.trim() && send.mutate(undefined))}>
      <Field label={t("knowledge.question")} id="gap-question" required>
        <Input id="gap-question" autoFocus maxLength={200} value={gap.question} onChange={({ target }) => change({ ...gap, question: target.value })} />
      </Field>
      <Field label={t("mark.note")} id="gap-note">
        <Input id="gap-note" maxLength={1000} value={gap.note} onChange={({ target }) => change({ ...gap, note: target.value })} />
      </Field>
      <div className="buttons">
        <Button size="small" type="primary" htmlType="submit" disabled={!gap.question.trim()} loading={send.isPending}>{t("knowledge.send")}</Button>
        <Button size="small" onClick={close}>{t("cancel")}</Button>
      </div>
    </form>
  );
}

/** Numbers of the trade's scenes that a call goes through by itself. */
const scenes = { opening: 1, beforeWait: 3, ending: 6, outbound: 41, outboundEnding: 42 };
function sceneOf(work: Interaction) {
  const called = work.direction === Interaction_Direction.OUTBOUND;
  if (work.state !== Interaction_State.ASSIGNED) return called ? scenes.outboundEnding : scenes.ending;
  if (work.holdTime) return scenes.beforeWait;
  return called ? scenes.outbound : scenes.opening;
}

const binding = { [Phrase_Kind.REQUIRED]: "warn", [Phrase_Kind.TABOO]: "bad" } as const;

/** What is said now: the scene follows the call until the agent chooses another. */
function Phrases({ work, customer, language }: { work: Interaction; customer: string; language: string }) {
  const { t, word } = useT();
  const session = useSession();
  const known = useCustomer(customer);
  const party = known.data?.party;
  const person = party?.case === "person" ? party.value : undefined;
  const salutation = person ? (/^\p{sc=Han}/u.test(person.fullName) ? `${person.fullName.charAt(0)}${person.salutation}` : `${person.salutation} ${person.fullName}`.trim()) : "";
  const agentNumber = session.state === "in" ? session.user.agentNumber : "";
  const all = useQuery({
    queryKey: ["phrases", language, work.client, work.channel, salutation],
    queryFn: () => phrases.listPhrases({ language, client: work.client, channel: work.channel, agentNumber, salutation }),
    staleTime: 300_000,
  });
  const [chosen, choose] = useState("");
  const list = all.data?.phrases ?? [];
  const scene = chosen || list.find(({ sceneNumber }) => sceneNumber === sceneOf(work))?.scene || "";
  const titles = [...new Map(list.map((one) => [one.scene, one.sceneTitle || one.scene])).entries()];
  if (list.length === 0) return null;
  return (
    <>
      <h3 id="phrases">{t("knowledge.phrases")}</h3>
      <Select
        className="phrase-scene" aria-label={t("knowledge.scene")} size="small" showSearch={{ optionFilterProp: "label" }} value={scene || undefined} onChange={choose}
        options={titles.map(([value, label]) => ({ value, label }))}
      />
      <ul className="plain-list phrases" aria-labelledby="phrases">
        {list.filter((one) => one.scene === scene).map((one) => (
          <li key={one.name}>
            {one.kind !== Phrase_Kind.RECOMMENDED && <><Pill tone={binding[one.kind as keyof typeof binding] ?? "plain"}>{word(Phrase_KindSchema, one.kind)}</Pill>{" "}</>}
            <Given>{one.filledText || one.text}</Given>
            {one.alternatives.map((other) => <p key={other} className="quiet">→ <Given>{other}</Given></p>)}
          </li>
        ))}
      </ul>
    </>
  );
}
