import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, Popconfirm, Select, Tabs } from "antd";
import { useState, type ReactNode } from "react";
import { knowledge, knowledgeGaps, phrases } from "../api/back-office";
import { access, all, type Page, pageOf, requestId } from "../api/clients";
import { useUserName } from "../api/names";
import { useMay, useSession } from "../api/session";
import { fromLocalInput, localInput, millis, timestamp } from "../api/time";
import { ArticleContent_TypeSchema, ArticleVersion_State, ArticleVersion_StateSchema, type Article, type ArticleVersion } from "../gen/carillon/knowledge/v1/article_pb";
import { Gap_OriginSchema, Gap_State, Gap_StateSchema, type Gap } from "../gen/carillon/knowledge/v1/gap_pb";
import { Phrase_Kind, Phrase_KindSchema, type Phrase } from "../gen/carillon/knowledge/v1/phrase_pb";
import { useT, type TextKey } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Answer, Dialog, Facts, Field, Given, PageHead, Panel, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { navigate, usePath } from "../ui/router";

const tone: Partial<Record<ArticleVersion_State, Tone>> = {
  [ArticleVersion_State.PUBLISHED]: "good", [ArticleVersion_State.APPROVED]: "calm", [ArticleVersion_State.IN_REVIEW]: "warn", [ArticleVersion_State.REJECTED]: "bad",
};
const gapTone: Partial<Record<Gap_State, Tone>> = { [Gap_State.OPEN]: "bad", [Gap_State.ASSIGNED]: "warn", [Gap_State.ANSWERED]: "calm", [Gap_State.CLOSED]: "good" };
const languages = ["zh-CN", "en", "yue"];

export default function KnowledgePage() {
  const { t } = useT();
  const [, tab] = usePath();
  const tabs: { key: string; title: TextKey; page: ReactNode }[] = [
    { key: "articles", title: "kb.articles", page: <Articles /> },
    { key: "gaps", title: "kb.gaps", page: <Gaps /> },
    { key: "phrases", title: "knowledge.phrases", page: <Phrases /> },
  ];
  return (
    <div className="stack">
      <PageHead title={t("nav.knowledge")} />
      <Panel>
        <Tabs
          activeKey={tabs.find(({ key }) => key === tab)?.key ?? "articles"}
          onChange={(key) => navigate(`/knowledge/${key}`)}
          destroyOnHidden
          items={tabs.map(({ key, title, page }) => ({ key, label: t(title), children: page }))}
        />
      </Panel>
    </div>
  );
}

/** What its editors see of an article: the newest version, or what is read. */
const newest = (of: Article) => of.latest ?? of.published;

function Articles() {
  const { t, word, choices } = useT();
  const may = useMay();
  const writes = may("knowledge.write");
  const [filter, only] = useState({ state: 0, category: "", language: "" });
  const [editing, edit] = useState<Article | "new">();
  const [shown, show] = useState("");
  return (
    <div className="stack">
      <div className="buttons">
        {writes && <Button type="primary" onClick={() => edit("new")}>{t("kb.new")}</Button>}
        {(writes || may("knowledge.approve")) && (
          <Select className="filter" aria-label={t("order.state")} value={filter.state} onChange={(state: number) => only({ ...filter, state })} options={[{ value: 0, label: t("kb.anyState") }, ...choices(ArticleVersion_StateSchema)]} />
        )}
        <Select className="filter" aria-label={t("customer.language")} value={filter.language} onChange={(language: string) => only({ ...filter, language })} options={[{ value: "", label: t("kb.anyLanguage") }, ...languages.map((value) => ({ value, label: value }))]} />
        <Input.Search className="wide-search" aria-label={t("kb.category")} placeholder={t("kb.category")} allowClear onSearch={(category) => only({ ...filter, category: category.trim() })} />
      </div>
      <PagedTable<Article>
        id={["articles", filter]}
        page={pageOf((page: Page) => knowledge.listArticles({ ...page, ...filter }), "articles")}
        onOpen={({ name }) => show(name)}
        columns={[
          { title: t("order.title"), render: (_, row) => <Given>{newest(row)?.content?.title ?? row.code}</Given> },
          { title: t("kb.category"), render: (_, row) => <Given>{newest(row)?.content?.category ?? "—"}</Given> },
          { title: t("order.type"), render: (_, row) => word(ArticleContent_TypeSchema, newest(row)?.content?.type ?? 0) },
          { title: t("customer.language"), dataIndex: "language" },
          { title: t("flow.version"), align: "right", render: (_, row) => newest(row)?.number ?? "—" },
          { title: t("order.state"), render: (_, row) => <State of={newest(row)} /> },
          { title: t("kb.used"), align: "right", render: (_, row) => String(row.useCount) },
          { title: t("kb.helped"), align: "right", render: (_, row) => `${row.helpfulCount} / ${row.helpfulCount + row.unhelpfulCount}` },
          { title: t("kb.review"), render: (_, row) => <Time at={millis(row.reviewDueTime)} /> },
        ]}
      />
      {editing && <ArticleEditor of={editing === "new" ? undefined : editing} close={() => edit(undefined)} />}
      <Drawer open={shown !== ""} onClose={() => show("")} size={720} title={t("kb.article")} destroyOnHidden>
        {shown && <ArticleCard name={shown} edit={edit} />}
      </Drawer>
    </div>
  );
}

const State = ({ of }: { of: ArticleVersion | undefined }) => {
  const { word } = useT();
  return of ? <Pill tone={tone[of.state] ?? "plain"}>{word(ArticleVersion_StateSchema, of.state)}</Pill> : <>—</>;
};

/** One article with its versions, and what its state and the person's rights allow next. */
function ArticleCard({ name, edit }: { name: string; edit: (of: Article) => void }) {
  const { t } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const userName = useUserName();
  const client = useQueryClient();
  const article = useQuery({ queryKey: ["articles", "one", name], queryFn: () => knowledge.getArticle({ name }) });
  const versions = useQuery({ queryKey: ["articles", "versions", name], queryFn: () => knowledge.listArticleVersions({ parent: name }) });
  const again = () => void client.invalidateQueries({ queryKey: ["articles"] });
  const [rejecting, reject] = useState(false);
  const [publishing, publish] = useState(false);
  const act = useAction((send: (of: { name: string; etag: string; requestId: string }) => Promise<unknown>) => send({ name, etag: article.data?.etag ?? "", requestId: requestId() }), again);
  return (
    <Answer of={article}>
      {(it) => {
        const latest = newest(it);
        const state = latest?.state ?? 0;
        const writes = may("knowledge.write") && state !== ArticleVersion_State.IN_REVIEW && state !== ArticleVersion_State.APPROVED;
        const approves = may("knowledge.approve");
        return (
          <div className="stack">
            <h2><Given>{latest?.content?.title}</Given> <State of={latest} /></h2>
            {latest?.rejectReason && <p className="late"><Given>{latest.rejectReason}</Given></p>}
            <div className="buttons">
              {writes && <Button onClick={() => edit(it)}>{t("admin.change")}</Button>}
              {may("knowledge.write") && state === ArticleVersion_State.DRAFT && <Button type="primary" loading={act.isPending} onClick={() => act.mutate(knowledge.submitArticle)}>{t("campaign.do.submit")}</Button>}
              {approves && state === ArticleVersion_State.IN_REVIEW && !latest?.editors.includes(me) && <Button type="primary" loading={act.isPending} onClick={() => act.mutate(knowledge.approveArticle)}>{t("campaign.do.approve")}</Button>}
              {approves && state === ArticleVersion_State.APPROVED && <Button type="primary" onClick={() => publish(true)}>{t("kb.publish")}</Button>}
              {approves && (state === ArticleVersion_State.IN_REVIEW || state === ArticleVersion_State.APPROVED) && <Button danger onClick={() => reject(true)}>{t("campaign.do.refuse")}</Button>}
              {approves && it.published && <Button loading={act.isPending} onClick={() => act.mutate(knowledge.confirmArticle)}>{t("kb.confirm")}</Button>}
              {approves && it.published && (
                <Popconfirm title={t("kb.withdrawAsk")} onConfirm={() => act.mutate(knowledge.archiveArticle)}>
                  <Button danger>{t("kb.withdraw")}</Button>
                </Popconfirm>
              )}
            </div>
            <Facts
              columns={2}
              of={[
                { label: t("kb.code"), value: <Given>{it.code}</Given> },
                { label: t("customer.language"), value: it.language },
                { label: t("kb.category"), value: <Given>{latest?.content?.category ?? ""}</Given> },
                { label: t("kb.law"), value: <Given>{latest?.content?.sourceLaw ?? ""}</Given> },
                { label: t("kb.keywords"), value: <Given>{[...(latest?.content?.keywords ?? []), ...(latest?.content?.synonyms ?? [])].join(", ")}</Given> },
                { label: t("kb.valid"), value: <><Time at={millis(latest?.content?.validFrom)} /> – <Time at={millis(latest?.content?.validTo)} /></> },
                { label: t("kb.author"), value: userName(latest?.author ?? "") },
                { label: t("kb.approver"), value: userName(latest?.approver ?? "") },
                { label: t("kb.review"), value: <Time at={millis(it.reviewDueTime)} /> },
              ]}
            />
            {latest?.content?.summary && <p className="text"><strong><Given>{latest.content.summary}</Given></strong></p>}
            <p className="text"><Given>{latest?.content?.body}</Given></p>
            <h3>{t("kb.versions")}</h3>
            <Answer of={versions}>
              {({ versions: list }) => (
                <table className="plain">
                  <thead>
                    <tr><th scope="col">{t("flow.version")}</th><th scope="col">{t("order.state")}</th><th scope="col">{t("kb.author")}</th><th scope="col">{t("kb.published")}</th><th scope="col">{t("qa.next")}</th></tr>
                  </thead>
                  <tbody>
                    {list.map((one) => (
                      <tr key={one.name}>
                        <td>{one.number}</td>
                        <td><State of={one} /></td>
                        <td>{userName(one.author)}</td>
                        <td><Time at={millis(one.publishTime)} /></td>
                        <td>
                          {approves && one.state === ArticleVersion_State.ARCHIVED && one.publishTime && (
                            <Button size="small" loading={act.isPending} onClick={() => act.mutate((of) => knowledge.rollBackArticle({ ...of, version: one.number }))}>{t("kb.back")}</Button>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            </Answer>
            {rejecting && <Reason title={t("campaign.do.refuse")} close={() => reject(false)} send={(reason) => knowledge.rejectArticle({ name, etag: it.etag, reason, requestId: requestId() }).then(again)} />}
            {publishing && <Publish of={it} close={() => (publish(false), again())} />}
          </div>
        );
      }}
    </Answer>
  );
}

function Reason({ title, send, close }: { title: string; send: (reason: string) => Promise<unknown>; close: () => void }) {
  const { t } = useT();
  const [reason, setReason] = useState("");
  const act = useAction(() => send(reason.trim()), close);
  return (
    <Dialog open title={title} onClose={close} actions={<><Button type="primary" danger disabled={!reason.trim()} loading={act.isPending} onClick={() => act.mutate(undefined)}>{title}</Button><Button onClick={close}>{t("cancel")}</Button></>}>
      <Field label={t("floor.reason")} id="kb-reason" required>
        <Input id="kb-reason" maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
    </Dialog>
  );
}

function Publish({ of, close }: { of: Article; close: () => void }) {
  const { t } = useT();
  const [at, setAt] = useState("");
  const send = useAction(() => knowledge.publishArticle({ name: of.name, etag: of.etag, ...(at ? { publishTime: timestamp(fromLocalInput(at)) } : {}), requestId: requestId() }), close);
  return (
    <Dialog open title={t("kb.publish")} onClose={close} actions={<><Button type="primary" loading={send.isPending} onClick={() => send.mutate(undefined)}>{t("kb.publish")}</Button><Button onClick={close}>{t("cancel")}</Button></>}>
      <Field label={t("kb.publishAt")} id="kb-at">
        <Input id="kb-at" type="datetime-local" value={at} onChange={({ target }) => setAt(target.value)} />
      </Field>
    </Dialog>
  );
}

interface Filled {
  code: string;
  language: string;
  client?: string;
  type: number;
  category: string;
  title: string;
  summary?: string;
  body?: string;
  keywords?: string[];
  synonyms?: string[];
  sourceLaw?: string;
  validFrom?: string;
  validTo?: string;
}

function ArticleEditor({ of, close }: { of: Article | undefined; close: () => void }) {
  const { t, choices } = useT();
  const may = useMay();
  const content = of && newest(of)?.content;
  const clients = useQuery({ queryKey: ["clients"], queryFn: () => all(pageOf(access.listClients, "clients", 200)), enabled: !of && may("tenant.admin") });
  return (
    <Editor<Filled>
      title={t(of ? "kb.change" : "kb.new")}
      done="articles"
      width={820}
      close={close}
      initial={
        of && content
          ? {
              type: content.type, category: content.category, title: content.title, summary: content.summary, body: content.body, keywords: content.keywords, synonyms: content.synonyms,
              sourceLaw: content.sourceLaw, validFrom: content.validFrom ? localInput(millis(content.validFrom)) : "", validTo: content.validTo ? localInput(millis(content.validTo)) : "",
            }
          : { language: "zh-CN", type: 5 }
      }
      save={({ code, language, client, validFrom, validTo, ...said }) => {
        // What the form does not show (where it holds, its voice prompt) stays as it is.
        const next = {
          ...(content ? { appliesTo: content.appliesTo, voicePrompt: content.voicePrompt } : {}), ...said,
          ...(validFrom ? { validFrom: timestamp(fromLocalInput(validFrom)) } : {}), ...(validTo ? { validTo: timestamp(fromLocalInput(validTo)) } : {}),
        };
        return of
          ? knowledge.editArticle({ name: of.name, etag: of.etag, content: next, requestId: requestId() })
          : knowledge.createArticle({ article: { code, language, client: client ?? "" }, content: next, requestId: requestId() });
      }}
    >
      {!of && (
        <>
          <Form.Item name="code" label={t("kb.code")} rules={[...need(t("required")), { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, message: t("kb.codeForm") }]}><Input maxLength={63} /></Form.Item>
          <Form.Item name="language" label={t("customer.language")} rules={need(t("required"))}><Select options={languages.map((value) => ({ value, label: value }))} /></Form.Item>
          {clients.data && <Form.Item name="client" label={t("kb.client")} className="wide"><Select allowClear placeholder={t("kb.everyClient")} options={clients.data.map((one) => ({ value: one.name, label: one.displayName }))} /></Form.Item>}
        </>
      )}
      <Form.Item name="type" label={t("order.type")} rules={need(t("required"))}><Select options={choices(ArticleContent_TypeSchema)} /></Form.Item>
      <Form.Item name="category" label={t("kb.category")} rules={need(t("required"))}><Input maxLength={200} placeholder="产品及资费/固定电话" /></Form.Item>
      <Form.Item name="title" label={t("order.title")} rules={need(t("required"))} className="wide"><Input maxLength={120} /></Form.Item>
      <Form.Item name="summary" label={t("kb.summary")} className="wide"><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      <Form.Item name="body" label={t("kb.body")} className="wide"><Input.TextArea rows={8} maxLength={20000} /></Form.Item>
      <Form.Item name="keywords" label={t("kb.keywords")}><Select mode="tags" open={false} tokenSeparators={[",", "，"]} /></Form.Item>
      <Form.Item name="synonyms" label={t("kb.synonyms")}><Select mode="tags" open={false} tokenSeparators={[",", "，"]} /></Form.Item>
      <Form.Item name="validFrom" label={t("kb.validFrom")}><Input type="datetime-local" /></Form.Item>
      <Form.Item name="validTo" label={t("kb.validTo")}><Input type="datetime-local" /></Form.Item>
      <Form.Item name="sourceLaw" label={t("kb.law")} className="wide"><Input maxLength={200} /></Form.Item>
    </Editor>
  );
}

/** What was asked and found no answer: taken up, answered by an article, or closed for a reason. */
function Gaps() {
  const { t, word, choices } = useT();
  const may = useMay()("knowledge.write");
  const userName = useUserName();
  const client = useQueryClient();
  const [state, only] = useState(0);
  const [answering, answer] = useState<Gap>();
  const [closing, end] = useState<Gap>();
  const again = () => void client.invalidateQueries({ queryKey: ["gaps"] });
  const take = useAction((of: Gap) => knowledgeGaps.assignGap({ name: of.name, etag: of.etag, requestId: requestId() }), again);
  return (
    <div className="stack">
      <div><Select className="filter" aria-label={t("order.state")} value={state} onChange={only} options={[{ value: 0, label: t("kb.anyState") }, ...choices(Gap_StateSchema)]} /></div>
      <PagedTable<Gap>
        id={["gaps", state]}
        page={pageOf((page: Page) => knowledgeGaps.listGaps({ ...page, state }), "gaps")}
        columns={[
          { title: t("knowledge.question"), render: (_, row) => <><Given>{row.question}</Given>{row.note && <p className="quiet"><Given>{row.note}</Given></p>}</> },
          { title: t("customer.language"), dataIndex: "language" },
          { title: t("kb.origin"), render: (_, row) => word(Gap_OriginSchema, row.origin) },
          { title: t("kb.times"), align: "right", dataIndex: "missCount" },
          { title: t("order.state"), render: (_, row) => <Pill tone={gapTone[row.state] ?? "plain"}>{word(Gap_StateSchema, row.state)}</Pill> },
          { title: t("kb.due"), render: (_, row) => <Time at={millis(row.dueTime)} /> },
          { title: t("kb.assignee"), render: (_, row) => userName(row.assignee) },
          {
            title: t("qa.next"),
            render: (_, row) =>
              may && row.state !== Gap_State.CLOSED && (
                <span className="buttons">
                  {row.state === Gap_State.OPEN && <Button size="small" loading={take.isPending} onClick={() => take.mutate(row)}>{t("kb.take")}</Button>}
                  <Button size="small" onClick={() => answer(row)}>{t("kb.answer")}</Button>
                  <Button size="small" danger onClick={() => end(row)}>{t("kb.close")}</Button>
                </span>
              ),
          },
        ]}
      />
      {closing && <Reason title={t("kb.close")} close={() => end(undefined)} send={(reason) => knowledgeGaps.closeGap({ name: closing.name, etag: closing.etag, reason, requestId: requestId() }).then(again)} />}
      {answering && <AnswerGap of={answering} close={() => (answer(undefined), again())} />}
    </div>
  );
}

function AnswerGap({ of, close }: { of: Gap; close: () => void }) {
  const { t } = useT();
  const list = useQuery({ queryKey: ["articles", "for-gaps", of.language], queryFn: () => all(pageOf((page: Page) => knowledge.listArticles({ ...page, language: of.language }), "articles", 200)) });
  return (
    <Editor<{ article: string }> title={`${t("kb.answer")} · ${of.question}`} done="gaps" close={close} initial={{}} save={({ article }) => knowledgeGaps.answerGap({ name: of.name, etag: of.etag, article, requestId: requestId() })}>
      <Form.Item name="article" label={t("kb.article")} rules={need(t("required"))} className="wide">
        <Select showSearch={{ optionFilterProp: "label" }} options={(list.data ?? []).map((one) => ({ value: one.name, label: `${newest(one)?.content?.title ?? one.code} (${one.code})` }))} />
      </Form.Item>
    </Editor>
  );
}

/** The wordings in force; a tenant's own takes the place of a shipped one, and can be taken back. */
function Phrases() {
  const { t, word, choices, language: tongue } = useT();
  const may = useMay()("knowledge.write");
  const client = useQueryClient();
  const [language, speak] = useState<string>(tongue);
  const [kind, only] = useState(0);
  const [editing, edit] = useState<Phrase>();
  const list = useQuery({ queryKey: ["phrases", language, kind], queryFn: () => phrases.listPhrases({ language, kind }) });
  const reset = useAction((of: Phrase) => phrases.resetPhrase({ name: of.name, language: of.language, client: of.client, etag: of.etag, requestId: requestId() }), () => void client.invalidateQueries({ queryKey: ["phrases"] }));
  const scenes = [...new Map((list.data?.phrases ?? []).map((one) => [one.scene, one])).values()];
  return (
    <div className="stack">
      <div className="buttons">
        <Select className="filter" aria-label={t("customer.language")} value={language} onChange={speak} options={languages.map((value) => ({ value, label: value }))} />
        <Select className="filter" aria-label={t("kb.kind")} value={kind} onChange={only} options={[{ value: 0, label: t("kb.anyKind") }, ...choices(Phrase_KindSchema)]} />
      </div>
      <Answer of={list}>
        {({ phrases: all }) => (
          <table className="plain">
            <thead>
              <tr><th scope="col">{t("knowledge.scene")}</th><th scope="col">{t("kb.kind")}</th><th scope="col">{t("kb.wording")}</th><th scope="col">{t("qa.next")}</th></tr>
            </thead>
            <tbody>
              {scenes.flatMap(({ scene }) =>
                all.filter((one) => one.scene === scene).map((one) => (
                  <tr key={`${one.name} ${one.client}`}>
                    <td><Given>{one.sceneNumber ? `${one.sceneNumber} · ` : ""}{one.sceneTitle || one.scene}</Given></td>
                    <td><Pill tone={one.kind === Phrase_Kind.TABOO ? "bad" : one.kind === Phrase_Kind.REQUIRED ? "warn" : "plain"}>{word(Phrase_KindSchema, one.kind)}</Pill></td>
                    <td><Given>{one.text}</Given>{one.alternatives.map((other) => <p key={other} className="quiet">→ <Given>{other}</Given></p>)}</td>
                    <td>
                      {may && (
                        <span className="buttons">
                          <Button size="small" onClick={() => edit(one)}>{t("admin.change")}</Button>
                          {!one.shipped && <Button size="small" loading={reset.isPending} onClick={() => reset.mutate(one)}>{t("kb.reset")}</Button>}
                        </span>
                      )}
                    </td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        )}
      </Answer>
      {editing && (
        <Editor<{ text: string; alternatives?: string }>
          title={`${editing.sceneTitle || editing.scene} · ${word(Phrase_KindSchema, editing.kind)}`}
          done="phrases"
          close={() => edit(undefined)}
          initial={{ text: editing.text, alternatives: editing.alternatives.join("\n") }}
          save={({ text, alternatives }) =>
            phrases.setPhrase({
              phrase: {
                name: editing.name, etag: editing.shipped ? "" : editing.etag, client: editing.client, language: editing.language, scene: editing.scene, sceneTitle: editing.sceneTitle, kind: editing.kind,
                channels: editing.channels, text, alternatives: (alternatives ?? "").split("\n").map((line) => line.trim()).filter(Boolean),
              },
              requestId: requestId(),
            })
          }
        >
          <Form.Item name="text" label={t("kb.wording")} rules={need(t("required"))} className="wide" extra={t("kb.variables")}><Input.TextArea rows={3} maxLength={500} /></Form.Item>
          {editing.kind === Phrase_Kind.TABOO && <Form.Item name="alternatives" label={t("kb.instead")} rules={need(t("required"))} className="wide"><Input.TextArea rows={3} /></Form.Item>}
        </Editor>
      )}
    </div>
  );
}
