#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "knowledge/api/methods.hpp"
#include "knowledge/jobs/sweep.hpp"
#include "knowledge/store/statements.hpp"
#include "testing/database.hpp"

namespace carillon::knowledge {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::knowledge::v1;
using Permissions = std::set<std::string, std::less<>>;
using Names = std::vector<std::string>;

testing::Database& Db() {
  static testing::Database db("knowledge");
  return db;
}

std::string Peek(const std::string& query) {
  pqxx::connection admin(Db().admin_url());
  pqxx::work work(admin);
  return work.exec1(query)[0].c_str();
}

/// 2026-03-02 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};

/// What an article says; the rest is as usual.
struct Said {
  std::string title, summary = "概要", body = {};
  std::vector<std::string> keywords = {}, synonyms = {};
  std::string region = {};
  std::optional<TimePoint> until = {};
  std::string language = "zh-CN", category = "产品及资费", client = {};
  pb::ArticleContent::Type type = pb::ArticleContent::FAQ;
};

/// The methods over the real database, for a tenant of its own.
struct Centre {
  pg::Pool db{Db().app_url(), 6, "knowledge-test"}, worker{Db().worker_url(), 2, "knowledge-test"};
  api::Deps deps{db, calendar::TimeZone::Load("Asia/Shanghai").value(), std::chrono::days{182}};
  std::string tenant = testing::SomeId(), client = testing::SomeId(), other_client = testing::SomeId();
  std::string editor = testing::SomeId(), approver = testing::SomeId(), agent = testing::SomeId();
  TimePoint now = kTen;
  int made = 0;

  Call By(const std::string& user, Permissions permissions, const std::string& of_client = {}) {
    auto call =
        testing::CallOf(tenant, {of_client.empty() ? client : of_client}, user, std::move(permissions));
    call.now = now;
    return call;
  }
  Call Editor() { return By(editor, {"knowledge.read", "knowledge.write"}); }
  Call Approver() { return By(approver, {"knowledge.read", "knowledge.approve"}); }
  Call Agent() { return By(agent, {"knowledge.read"}); }

  template <class Request, class Response>
  Result<Response> Ask(Call call, Result<Response> (*method)(Call&, api::Deps&, const Request&),
                       const Request& in) {
    return method(call, deps, in);
  }
  /// A request that names an article alone.
  template <class Request, class Response>
  Result<Response> On(Call call, Result<Response> (*method)(Call&, api::Deps&, const Request&),
                      const std::string& name) {
    Request in;
    in.set_name(name);
    return method(call, deps, in);
  }

  static pb::ArticleContent ContentOf(const Said& said) {
    pb::ArticleContent content;
    content.set_type(said.type);
    content.set_category(said.category);
    content.set_title(said.title);
    content.set_summary(said.summary);
    content.set_body(said.body);
    for (const auto& word : said.keywords) content.add_keywords(word);
    for (const auto& word : said.synonyms) content.add_synonyms(word);
    if (!said.region.empty()) content.mutable_applies_to()->add_regions(said.region);
    if (said.until) *content.mutable_valid_to() = ToProto(*said.until);
    return content;
  }
  std::string Draft(const Said& said) {
    pb::CreateArticleRequest in;
    in.mutable_article()->set_code("a-" + std::to_string(++made));
    in.mutable_article()->set_language(said.language);
    in.mutable_article()->set_client(said.client);
    *in.mutable_content() = ContentOf(said);
    return Ask(Editor(), api::CreateArticle, in).value().name();
  }
  std::string Publish(const std::string& name, std::optional<TimePoint> at = {}) {
    REQUIRE(On(Editor(), api::SubmitArticle, name));
    REQUIRE(On(Approver(), api::ApproveArticle, name));
    pb::PublishArticleRequest in;
    in.set_name(name);
    if (at) *in.mutable_publish_time() = ToProto(*at);
    REQUIRE(Ask(Approver(), api::PublishArticle, in));
    return name;
  }
  std::string Published(const Said& said) { return Publish(Draft(said)); }

  pb::SearchArticlesRequest Query(const std::string& words, const std::string& language = "zh-CN") {
    pb::SearchArticlesRequest in;
    in.set_query(words);
    in.set_language(language);
    return in;
  }
  /// Titles in the order they are found.
  Names Find(const pb::SearchArticlesRequest& in) {
    Names titles;
    const auto found = Ask(Agent(), api::SearchArticles, in).value();
    for (const auto& hit : found.hits()) titles.push_back(hit.title());
    return titles;
  }
  Names Find(const std::string& words) {
    auto in = Query(words);
    in.set_typing(true);
    return Find(in);
  }
  Names EventsOf(const std::string& name) {
    Names types;
    pqxx::connection admin(Db().admin_url());
    pqxx::work work(admin);
    for (const auto& row :
         work.exec("SELECT type FROM outbox WHERE key = '" + name.substr(name.find('/') + 1) +
                   "' AND tenant_id = '" + tenant + "' ORDER BY id"))
      types.push_back(std::string(row[0].c_str()).substr(22));
    return types;
  }
  int Sweep() {
    auto call = testing::CallOf("", {}, "services/knowledge");
    call.now = now;
    return jobs::SweepArticles(call, worker, deps.review,
                               [&](const std::string& of) {
                                 auto own = testing::CallOf(of, {}, "services/knowledge");
                                 own.now = now;
                                 own.principal.service = true;
                                 return own;
                               })
        .value();
  }
};

template <class T>
std::string ReasonOf(const Result<T>& refused) {
  return refused ? "" : refused.error().reason;
}

TEST_CASE("移机 finds its article by word, pinyin, initials, synonym and question", "[knowledge][store]") {
  Centre on;
  on.Published({.title = "固定电话移机",
                .summary = "移机每部 108 元，三个工作日内上门。",
                .body = "1. 核对机主。2. 问新地址。3. 派单。",
                .keywords = {"移机", "移机费"},
                .synonyms = {"搬电话", "迁移"},
                .region = "44"});
  on.Published({.title = "宽带报障", .summary = "先重启光猫。", .body = "移机后不能上网的，先查端口。"});
  on.Published({.title = "账单查询", .summary = "每月 3 日出账。"});
  for (const auto* words :
       {"移机", "yiji", "gddh", "搬电话", "请问移机要多少钱", "固定电话移机费用", "108"}) {
    INFO(words);
    const auto found = on.Find(words);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() == "固定电话移机");
  }
  CHECK(on.Find("移机") == Names{"固定电话移机", "宽带报障"});  // the title before the body
  auto elsewhere = on.Query("移机");
  elsewhere.set_region("110000");
  CHECK(on.Find(elsewhere) == Names{"宽带报障"});
  elsewhere.set_region("440604");
  CHECK(on.Find(elsewhere).front() == "固定电话移机");
  for (const auto* blank : {"", "   ", "？！"})
    CHECK(ReasonOf(on.Ask(on.Agent(), api::SearchArticles, on.Query(blank))) == "QUERY_REQUIRED");
  CHECK(on.Ask(on.Agent(), api::SearchArticles, on.Query("移机", "en"))->hits().empty());
}

TEST_CASE("a search looks where its terms are, under the tenant's wall", "[knowledge][store]") {
  Centre on, neighbour;
  on.Published({.title = "固定电话移机"});
  neighbour.Published({.title = "固定电话移机资费"});
  CHECK(on.Find("移机") == Names{"固定电话移机"});
  // A real knowledge base's size, of the same tenant; then what PostgreSQL does as the service's own role.
  {
    pqxx::connection admin(Db().admin_url());
    pqxx::work work(admin);
    work.exec(
        "INSERT INTO articles SELECT tenant_id, md5(code || n)::uuid, client_id, code || n, language, "
        "tongue, "
        "published_number, latest_number, latest_state, is_published, type, category, title || n, "
        "valid_from, "
        "valid_to, due_at, review_due_at, length, owner_unit, owner_user, created_at, updated_at, version, "
        "body "
        "FROM articles, generate_series(1, 3000) AS n WHERE tenant_id = '" +
        on.tenant + "'");
    work.exec(
        "INSERT INTO article_versions SELECT a.tenant_id, a.article_id, 1, a.client_id, 'PUBLISHED', v.body "
        "FROM articles a JOIN article_versions v ON v.tenant_id = a.tenant_id WHERE a.tenant_id = '" +
        on.tenant + "' ON CONFLICT DO NOTHING");
    work.exec(
        "INSERT INTO article_terms SELECT a.tenant_id, a.tongue, 'w' || md5(a.title || n), a.article_id, "
        "NULL, 1 "
        "FROM articles a, generate_series(1, 20) AS n WHERE a.tenant_id = '" +
        on.tenant + "'");
    work.commit();
    pqxx::nontransaction analyse(admin);
    analyse.exec("ANALYZE articles, article_versions, article_terms, article_counts");
  }
  pqxx::connection app(Db().app_url());
  pqxx::work look(app);
  look.exec("SELECT set_config('app.tenant', '" + on.tenant +
            "', true), set_config('app.clients', '*', true)");
  REQUIRE(look.exec1("SELECT count(*) FROM articles")[0].as<int>() == 3001);
  const auto plan = [&](const pg::Statement& statement, const std::string& arguments) {
    look.exec("PREPARE probe AS " + std::string(statement.sql));
    std::string out;
    for (const auto& row : look.exec("EXPLAIN EXECUTE probe(" + arguments + ")"))
      out += std::string(row[0].c_str()) + "\n";
    look.exec("DEALLOCATE probe");
    return out;
  };
  const auto term = plan(store::sql::kMatches, "ARRAY['移机'], ARRAY['移机\U0010FFFF'], 'zh'");
  INFO(term);
  CHECK(term.find("article_terms_pk") != std::string::npos);
  CHECK(term.find("Seq Scan") == std::string::npos);
  const auto candidates =
      plan(store::sql::kCandidates, "ARRAY['" + on.tenant + "']::uuid[], now(), NULL, '{}', NULL");
  INFO(candidates);
  CHECK(candidates.find("Seq Scan on articles") == std::string::npos);
  CHECK(candidates.find("Seq Scan on article_versions") == std::string::npos);
  const auto corpus = plan(store::sql::kCorpus, "'en'");
  INFO(corpus);
  CHECK(corpus.find("Seq Scan") == std::string::npos);
  CHECK(on.Find("移机") == Names{"固定电话移机"});
}

TEST_CASE("every table keeps tenants apart, and forces its owner too", "[knowledge][store]") {
  Centre();
  CHECK(Peek("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'p') AND "
             "relnamespace = 'public'::regnamespace AND relname IN (SELECT table_name FROM "
             "information_schema.columns "
             "WHERE column_name = 'tenant_id') AND NOT (relrowsecurity AND relforcerowsecurity)") == "");
  CHECK(Peek("SELECT count(*) FROM pg_class WHERE relforcerowsecurity AND relname IN ('articles', "
             "'article_versions', "
             "'article_terms', 'article_counts', 'article_ratings', 'phrases', 'gaps', 'searches')") == "8");
}

TEST_CASE("an article of another enterprise is as unknown", "[knowledge][store]") {
  Centre on;
  const auto own = on.Published({.title = "神州行套餐", .client = "clients/" + on.client});
  const auto general = on.Published({.title = "神州通用套餐"});
  auto stranger = on.By(on.agent, {"knowledge.read"}, on.other_client);
  CHECK(ReasonOf(on.On(stranger, api::GetArticle, own)) == "ARTICLE_UNKNOWN");
  CHECK(on.On(stranger, api::GetArticle, general));
  auto found = on.Ask(stranger, api::SearchArticles, on.Query("神州")).value();
  REQUIRE(found.hits_size() == 1);
  CHECK(found.hits(0).article() == general);
  pb::CreateArticleRequest theirs;
  theirs.mutable_article()->set_code("theirs");
  theirs.mutable_article()->set_language("zh-CN");
  theirs.mutable_article()->set_client("clients/" + on.other_client);
  *theirs.mutable_content() = Centre::ContentOf({.title = "越界"});
  CHECK(ReasonOf(on.Ask(on.Editor(), api::CreateArticle, theirs)) == "ROW_REFUSED");
}

TEST_CASE("an expired promotion is found by nobody, and by everybody when its date is put back",
          "[knowledge][store]") {
  Centre on;
  const auto name = on.Published({.title = "预存话费送小灵通", .until = kTen + 24h});
  CHECK(on.Find("小灵通").size() == 1);
  on.now = kTen + 24h;
  CHECK(on.Find("小灵通").empty());  // by business time, before any sweep
  CHECK(ReasonOf(on.On(on.Agent(), api::GetArticle, name)) == "ARTICLE_UNKNOWN");
  CHECK(on.Sweep() >= 1);
  CHECK(on.On(on.Editor(), api::GetArticle, name)->published().state() == pb::ArticleVersion::EXPIRED);
  CHECK(on.Sweep() == 0);
  pb::SetArticleValidityRequest again;
  again.set_name(name);
  *again.mutable_valid_to() = ToProto(kTen + 72h);
  REQUIRE(on.Ask(on.Approver(), api::SetArticleValidity, again));
  CHECK(on.Find("小灵通").size() == 1);
  CHECK(on.On(on.Agent(), api::GetArticle, name)->published().content().title() == "预存话费送小灵通");
  CHECK(on.EventsOf(name) == Names{"ArticlePublished", "ArticleExpired", "ArticlePublished"});
}

TEST_CASE("the published version stays readable until the next is published, and can come back",
          "[knowledge][store]") {
  Centre on;
  const auto name = on.Published({.title = "移机 108 元"});
  pb::EditArticleRequest edit;
  edit.set_name(name);
  *edit.mutable_content() = Centre::ContentOf({.title = "移机 98 元"});
  REQUIRE(on.Ask(on.Editor(), api::EditArticle, edit));
  const auto read = on.On(on.Agent(), api::GetArticle, name).value();
  CHECK(read.published().content().title() == "移机 108 元");
  CHECK_FALSE(read.has_latest());
  CHECK(on.Find("移机 98").empty());
  on.Publish(name);
  CHECK(on.Find("移机") == Names{"移机 98 元"});
  pb::RollBackArticleRequest back;
  back.set_name(name);
  back.set_version(1);
  REQUIRE(on.Ask(on.Approver(), api::RollBackArticle, back));
  CHECK(on.Find("移机") == Names{"移机 108 元"});
  pb::ListArticleVersionsRequest versions;
  versions.set_parent(name);
  const auto listed = on.Ask(on.Agent(), api::ListArticleVersions, versions).value();
  REQUIRE(listed.versions_size() == 2);
  CHECK(listed.versions(0).state() == pb::ArticleVersion::ARCHIVED);
  CHECK(listed.versions(1).state() == pb::ArticleVersion::PUBLISHED);
  back.set_version(7);
  CHECK(ReasonOf(on.Ask(on.Approver(), api::RollBackArticle, back)) == "ARTICLE_VERSION_UNKNOWN");
  REQUIRE(on.On(on.Approver(), api::ArchiveArticle, name));
  CHECK(on.Find("移机").empty());
}

TEST_CASE("what is to be published at a time is published by the sweep, once", "[knowledge][store]") {
  Centre on;
  const auto name = on.Publish(on.Draft({.title = "春节营业时间"}), kTen + 1h);
  CHECK(on.Find("春节").empty());
  CHECK(on.Sweep() == 0);
  on.now = kTen + 1h;
  CHECK(on.Sweep() == 1);
  CHECK(on.Sweep() == 0);
  CHECK(on.Find("春节").size() == 1);
  CHECK(on.EventsOf(name) == Names{"ArticlePublished"});
}

TEST_CASE("readers see drafts nowhere, editors everywhere", "[knowledge][store]") {
  Centre on;
  const auto draft = on.Draft({.title = "草稿", .category = "内部/草稿"});
  on.Published({.title = "公开", .category = "内部/公开"});
  CHECK(ReasonOf(on.On(on.Agent(), api::GetArticle, draft)) == "ARTICLE_UNKNOWN");
  CHECK(ReasonOf(on.On(on.Agent(), api::RateArticle, draft)) == "ARTICLE_UNKNOWN");
  pb::ListArticlesRequest in;
  in.set_category("内部");
  CHECK(on.Ask(on.Agent(), api::ListArticles, in)->articles_size() == 1);
  in.set_page_size(1);
  const auto first = on.Ask(on.Editor(), api::ListArticles, in).value();
  REQUIRE(first.articles_size() == 1);
  CHECK(first.articles(0).published().content().title() == "公开");
  in.set_page_token(first.next_page_token());
  const auto second = on.Ask(on.Editor(), api::ListArticles, in).value();
  REQUIRE(second.articles_size() == 1);
  CHECK(second.articles(0).latest().content().title() == "草稿");
  CHECK(second.next_page_token().empty());
  in.clear_page_token();
  in.set_state(pb::ArticleVersion::DRAFT);
  CHECK(on.Ask(on.Editor(), api::ListArticles, in)->articles(0).name() == draft);
}

TEST_CASE("uses and opinions are counted, one opinion a reader", "[knowledge][store]") {
  Centre on;
  const auto name = on.Published({.title = "标准间"});
  const auto search = on.Ask(on.Agent(), api::SearchArticles, on.Query("标准间")).value();
  pb::GetArticleRequest open;
  open.set_name(name);
  open.set_search(search.search());
  CHECK(on.Ask(on.Agent(), api::GetArticle, open)->use_count() == 1);
  CHECK(on.Ask(on.Agent(), api::GetArticle, open)->use_count() == 2);
  REQUIRE(on.On(on.Editor(), api::GetArticle, name)->use_count() == 2);
  CHECK(Peek("SELECT opened_article_id FROM searches WHERE search_id = '" + search.search().substr(9) +
             "'") == name.substr(9));
  pb::RateArticleRequest rate;
  rate.set_name(name);
  rate.set_helpful(true);
  CHECK(on.Ask(on.Agent(), api::RateArticle, rate)->helpful_count() == 1);
  CHECK(on.Ask(on.Agent(), api::RateArticle, rate)->helpful_count() == 1);
  rate.set_helpful(false);
  const auto rated = on.Ask(on.Agent(), api::RateArticle, rate).value();
  CHECK(rated.helpful_count() == 0);
  CHECK(rated.unhelpful_count() == 1);
}

TEST_CASE("a miss is a gap, and an article that answers it closes it", "[knowledge][store]") {
  Centre on;
  on.Published({.title = "短信套餐", .summary = "企业客户见客户经理。"});
  const auto missed = on.Ask(on.Agent(), api::SearchArticles, on.Query("企业短信组合")).value();
  CHECK(missed.hits().empty());
  REQUIRE_FALSE(missed.gap().empty());
  CHECK(on.Ask(on.Agent(), api::SearchArticles, on.Query("企业短信组合"))->gap() == missed.gap());
  CHECK(on.EventsOf(missed.gap()) == Names{"KnowledgeGapFound"});  // once
  auto typing = on.Query("企业短信组");
  typing.set_typing(true);
  const auto typed = on.Ask(on.Agent(), api::SearchArticles, typing).value();
  CHECK((typed.gap() + typed.search()).empty());

  pb::ReportGapRequest report;
  report.mutable_gap()->set_question("企业短信组合");
  report.mutable_gap()->set_language("zh-CN");
  report.mutable_gap()->set_work_order("workOrders/" + testing::SomeId());
  const auto gap = on.Ask(on.Agent(), api::ReportGap, report).value();
  CHECK(gap.name() == missed.gap());
  CHECK(gap.miss_count() == 3);
  CHECK(FromProto(gap.due_time()) == kTen + 24h);
  CHECK(ReasonOf(on.On(on.By(testing::SomeId(), {"knowledge.read"}), api::GetGap, gap.name())) ==
        "GAP_UNKNOWN");

  REQUIRE(on.On(on.Editor(), api::AssignGap, gap.name()));
  const auto article = on.Draft({.title = "企业短信组合", .summary = "三档。"});
  pb::AnswerGapRequest answer;
  answer.set_name(gap.name());
  answer.set_article(article);
  CHECK(on.Ask(on.Editor(), api::AnswerGap, answer)->state() == pb::Gap::ANSWERED);
  on.Publish(article);
  CHECK(on.On(on.Agent(), api::GetGap, gap.name())->state() == pb::Gap::CLOSED);
  CHECK(on.Find("企业短信组合").front() == "企业短信组合");
  CHECK(on.EventsOf(gap.name()) == Names{"KnowledgeGapFound", "KnowledgeGapFound", "KnowledgeGapClosed"});
  CHECK(ReasonOf(on.Ask(on.Editor(), api::AnswerGap, answer)) == "GAP_STATE");
}

TEST_CASE("the same miss of many at once is one gap", "[knowledge][store]") {
  Centre on;
  std::vector<std::thread> agents;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 6; ++i) {
    agents.emplace_back([&] {
      if (on.Ask(on.Agent(), api::SearchArticles, on.Query("量子宽带"))) ++answered;
    });
  }
  for (auto& agent : agents) agent.join();
  CHECK(answered == 6);
  CHECK(Peek("SELECT count(*) || ' ' || max(body->>'miss_count') FROM gaps WHERE tenant_id = '" + on.tenant +
             "'") == "1 6");
}

TEST_CASE("no personal value stays in the log, and nothing of it for more than 35 days",
          "[knowledge][store]") {
  Centre on;
  REQUIRE(on.Ask(on.Agent(), api::SearchArticles, on.Query("13800138000 欠费 li@example.com")));
  pb::ReportGapRequest report;
  report.mutable_gap()->set_question("卡号 6225 8888 8888 0098 丢失");
  report.mutable_gap()->set_note("客户电话 13800138000");
  report.mutable_gap()->set_language("zh-CN");
  const auto gap = on.Ask(on.Agent(), api::ReportGap, report).value();
  CHECK(gap.question() == "卡号 # 丢失");
  CHECK(gap.note() == "客户电话 #");
  CHECK(Peek("SELECT query FROM searches WHERE tenant_id = '" + on.tenant + "'") == "# 欠费 #");
  for (const auto* table : {"searches", "gaps", "outbox"})
    CHECK(Peek("SELECT count(*) FROM " + std::string(table) + " AS t WHERE t.tenant_id = '" + on.tenant +
               "' AND (t::text LIKE '%13800138000%' OR t::text LIKE '%8888 8888%' OR t::text LIKE "
               "'%li@example.com%')") == "0");
  auto call = testing::CallOf("", {}, "services/knowledge");
  call.now = kTen + 36 * 24h;
  REQUIRE(jobs::ForgetSearches(call, on.worker, std::chrono::days{35}));
  CHECK(Peek("SELECT count(*) FROM searches WHERE tenant_id = '" + on.tenant + "'") == "0");
  CHECK(Peek("SELECT string_agg(origin, ' ') FROM gaps WHERE tenant_id = '" + on.tenant + "'") == "REPORT");
}

TEST_CASE("what is known of a conversation suggests what may help", "[knowledge][store]") {
  Centre on;
  on.Published({.title = "固定电话移机", .keywords = {"移机"}, .region = "44"});
  on.Published({.title = "宽带移机", .keywords = {"移机", "宽带"}});
  on.Published({.title = "积分兑换", .body = "移机不送积分"});
  pb::SuggestArticlesRequest in;
  in.set_language("zh-CN");
  CHECK(on.Ask(on.Agent(), api::SuggestArticles, in)->hits().empty());
  in.add_menu_path("业务办理");
  in.add_menu_path("移机");
  in.set_region("440604");
  in.set_subject("宽带移机预约");
  const auto hits = on.Ask(on.Agent(), api::SuggestArticles, in)->hits();
  REQUIRE(hits.size() == 2);  // the one whose body alone says so is none
  CHECK(hits[0].title() == "宽带移机");
  CHECK(hits[1].title() == "固定电话移机");
  in.set_region("110000");
  CHECK(on.Ask(on.Agent(), api::SuggestArticles, in)->hits_size() == 1);
  CHECK(Peek("SELECT count(*) FROM searches WHERE tenant_id = '" + on.tenant + "'") == "0");
}

TEST_CASE("a tenant's wording takes the place of the shipped one until it is taken back",
          "[knowledge][store]") {
  Centre on;
  pb::SetPhraseRequest set;
  auto& phrase = *set.mutable_phrase();
  phrase.set_name("phrases/opening");
  phrase.set_language("zh-CN");
  phrase.set_scene("opening");
  phrase.set_kind(pb::Phrase::REQUIRED);
  phrase.set_text("{小时段问候}，{企业}{工号}为您服务！");
  const auto saved = on.Ask(on.Editor(), api::SetPhrase, set).value();
  CHECK_FALSE(saved.shipped());
  pb::ListPhrasesRequest in;
  in.set_language("zh-CN");
  in.set_scene("opening");
  in.set_company("粤通");
  in.set_agent_number("1023");
  const auto first = [&] { return on.Ask(on.Agent(), api::ListPhrases, in).value().phrases(0); };
  CHECK(first().filled_text() == "上午好，粤通1023为您服务！");
  set.mutable_phrase()->set_etag("99");
  CHECK(ReasonOf(on.Ask(on.Editor(), api::SetPhrase, set)) == "ETAG_MISMATCH");
  pb::ResetPhraseRequest reset;
  reset.set_name("phrases/opening");
  reset.set_language("zh-CN");
  CHECK(on.Ask(on.Editor(), api::ResetPhrase, reset)->shipped());
  CHECK(first().shipped());
  CHECK(ReasonOf(on.Ask(on.Editor(), api::ResetPhrase, reset)) == "PHRASE_UNKNOWN");
  CHECK(on.EventsOf("phrases/opening") == Names{"PhraseChanged", "PhraseChanged"});

  pb::CheckTabooRequest check;
  check.set_language("zh-CN");
  check.set_text("您别急，这是我们公司的规定。");
  auto taboo = on.Ask(on.Agent(), api::CheckTaboo, check).value();
  CHECK(taboo.blocked());
  REQUIRE(taboo.findings_size() == 1);
  CHECK(taboo.findings(0).alternatives(0).starts_with("为了更好地为您服务"));
  phrase.Clear();
  phrase.set_name("phrases/taboo-own");
  phrase.set_language("zh-CN");
  phrase.set_scene("taboo");
  phrase.set_kind(pb::Phrase::TABOO);
  phrase.set_text("不归我管");
  phrase.add_alternatives("我帮您转给负责的同事");
  REQUIRE(on.Ask(on.Editor(), api::SetPhrase, set));
  check.set_text("这个不归我管");
  CHECK(on.Ask(on.Agent(), api::CheckTaboo, check)->blocked());
}

TEST_CASE("the demo's articles answer what agents ask", "[knowledge][store]") {
  Centre on;
  std::ifstream file("deploy/local/knowledge/articles.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  google::protobuf::ListValue list;
  REQUIRE(google::protobuf::util::JsonStringToMessage(text, &list).ok());
  CHECK(list.values_size() >= 60);
  std::vector<pb::CreateArticleRequest> articles;
  for (const auto& value : list.values()) {
    std::string json;
    REQUIRE(google::protobuf::util::MessageToJsonString(value, &json).ok());
    REQUIRE(google::protobuf::util::JsonStringToMessage(json, &articles.emplace_back()).ok());
    on.Publish(on.Ask(on.Editor(), api::CreateArticle, articles.back()).value().name());
  }
  const auto best = [&](const std::string& words, const std::string& language) {
    const auto found = on.Ask(on.Agent(), api::SearchArticles, on.Query(words, language)).value();
    return found.hits().empty() ? std::string{} : found.hits(0).code();
  };
  for (const auto& article : articles) {
    INFO(article.content().title());
    CHECK(best(article.content().title(), article.article().language()) == article.article().code());
  }
  const std::pair<const char*, const char*> asked[] = {
      {"移机", "relocation-fee"},        {"请问移机要多少钱", "relocation-fee"},
      {"搬电话", "relocation-fee"},      {"标准间", "travel-standard-room"},
      {"bzj", "travel-standard-room"},   {"单房差是什么", "travel-single-supplement"},
      {"社保", "social-security-guide"}, {"卡丢了怎么办", "card-loss"},
      {"断网", "fault-broadband"},       {"没有钱", "objection-no-money"},
      {"过户", "change-of-owner"},       {"U盾", "fault-card-reader"}};
  for (const auto& [words, code] : asked) {
    INFO(words);
    CHECK(best(words, "zh") == code);
  }
  for (const auto& [words, code] :
       {std::pair{"moving fee", "relocation-fee"}, std::pair{"lost my card", "card-loss"},
        std::pair{"what is a standard room", "travel-standard-room"},
        std::pair{"no internet", "fault-broadband"}}) {
    INFO(words);
    CHECK(best(words, "en") == code);
  }
  CHECK(best("企业短信组合", "zh").empty());
}

TEST_CASE("two articles cannot have one code in one language", "[knowledge][store]") {
  Centre on;
  pb::CreateArticleRequest in;
  in.mutable_article()->set_code("relocation");
  in.mutable_article()->set_language("zh-CN");
  *in.mutable_content() = Centre::ContentOf({.title = "移机"});
  const auto first = on.Ask(on.Editor(), api::CreateArticle, in).value();
  CHECK(ReasonOf(on.Ask(on.Editor(), api::CreateArticle, in)) == "ARTICLE_EXISTS");
  in.mutable_article()->set_language("en");
  CHECK(on.Ask(on.Editor(), api::CreateArticle, in));
  pb::SubmitArticleRequest stale;
  stale.set_name(first.name());
  stale.set_etag("7");
  CHECK(ReasonOf(on.Ask(on.Editor(), api::SubmitArticle, stale)) == "ETAG_MISMATCH");
}

}  // namespace
}  // namespace carillon::knowledge
