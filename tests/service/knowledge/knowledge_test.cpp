#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "platform/platform.hpp"

namespace carillon::knowledge {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::knowledge::v1;

const std::string kArticles = "carillon.knowledge.v1.ArticleService/";
const std::string kPhrases = "carillon.knowledge.v1.PhraseService/";
const std::string kGaps = "carillon.knowledge.v1.GapService/";

/// access and knowledge as real processes, an editor, a manager and an agent.
struct Centre {
  testing::Platform platform{{"knowledge"}, {{"knowledge", {{"SWEEP_INTERVAL_MS", "50"}}}}};
  std::unique_ptr<rpc::Peer> editor = platform.As(platform.Hire("editor", {"KB_EDITOR"}), "knowledge");
  std::unique_ptr<rpc::Peer> manager =
      platform.As(platform.Hire("manager", {"QUALITY_MANAGER"}), "knowledge");
  std::unique_ptr<rpc::Peer> agent = platform.As(platform.Hire("agent", {"CSR"}), "knowledge");
  std::unique_ptr<rpc::Peer> boss = platform.As(platform.admin_token(), "knowledge");

  template <class Response>
  Result<Response> Ask(rpc::Peer& who, const std::string& method, const google::protobuf::Message& in) {
    return who.Ask<Response>(testing::AnyCall(), method, in, 15s);
  }
  pb::CreateArticleRequest Relocation() {
    pb::CreateArticleRequest in;
    in.mutable_article()->set_code("relocation-fee");
    in.mutable_article()->set_language("zh-CN");
    auto& content = *in.mutable_content();
    content.set_type(pb::ArticleContent::TARIFF);
    content.set_category("产品及资费/固定电话");
    content.set_title("固定电话移机");
    content.set_summary("移机每部 108 元。");
    content.set_body("1. 核对机主证件。\n2. 记录新地址。\n3. 派单，三个工作日内上门。");
    content.add_keywords("移机");
    content.mutable_applies_to()->add_regions("44");
    return in;
  }
  template <class Request>
  Result<pb::Article> Step(rpc::Peer& who, const std::string& method, const std::string& article) {
    Request in;
    in.set_name(article);
    return Ask<pb::Article>(who, kArticles + method, in);
  }
  std::string Published(const pb::CreateArticleRequest& in) {
    const auto name = Ask<pb::Article>(*editor, kArticles + "CreateArticle", in).value().name();
    REQUIRE(Step<pb::SubmitArticleRequest>(*editor, "SubmitArticle", name));
    REQUIRE(Step<pb::ApproveArticleRequest>(*manager, "ApproveArticle", name));
    REQUIRE(Step<pb::PublishArticleRequest>(*manager, "PublishArticle", name));
    return name;
  }
  Result<pb::SearchArticlesResponse> Search(const std::string& query) {
    pb::SearchArticlesRequest in;
    in.set_query(query);
    in.set_language("zh");
    return Ask<pb::SearchArticlesResponse>(*agent, kArticles + "SearchArticles", in);
  }
};

template <class T>
std::string ReasonOf(const Result<T>& refused) {
  return refused ? "" : refused.error().reason;
}

TEST_CASE("from an editor's draft to an agent's answer, with a crash between", "[knowledge][service]") {
  Centre on;
  auto in = on.Relocation();
  in.set_request_id(testing::SomeId());
  const auto made = on.Ask<pb::Article>(*on.editor, kArticles + "CreateArticle", in).value();
  // The same answer for a repeat; another request under the same id is refused.
  CHECK(on.Ask<pb::Article>(*on.editor, kArticles + "CreateArticle", in)->name() == made.name());
  auto other = in;
  other.mutable_content()->set_title("别的");
  CHECK(ReasonOf(on.Ask<pb::Article>(*on.editor, kArticles + "CreateArticle", other)) == "REQUEST_ID_REUSED");

  CHECK(ReasonOf(on.Step<pb::ApproveArticleRequest>(*on.manager, "ApproveArticle", made.name())) ==
        "ARTICLE_STATE");
  REQUIRE(on.Step<pb::SubmitArticleRequest>(*on.editor, "SubmitArticle", made.name()));
  CHECK(on.Step<pb::ApproveArticleRequest>(*on.editor, "ApproveArticle", made.name()).error().code ==
        Code::kPermissionDenied);
  CHECK(on.Search("移机")->hits().empty());
  REQUIRE(on.Step<pb::ApproveArticleRequest>(*on.manager, "ApproveArticle", made.name()));
  REQUIRE(on.Step<pb::PublishArticleRequest>(*on.manager, "PublishArticle", made.name()));
  on.platform.service("knowledge").CrashAndRestart();

  const auto found = on.Search("移机要多少钱").value();
  REQUIRE(found.hits_size() == 1);
  CHECK(found.hits(0).title() == "固定电话移机");
  CHECK(found.hits(0).summary().find("108") != std::string::npos);
  CHECK_FALSE(found.search().empty());
  const auto read = on.Step<pb::GetArticleRequest>(*on.agent, "GetArticle", made.name()).value();
  CHECK(read.published().content().applies_to().regions(0) == "44");
  CHECK(read.use_count() == 1);
  CHECK(ReasonOf(on.Search("  ")) == "QUERY_REQUIRED");
}

TEST_CASE("whoever may both write and approve does not approve the own article", "[knowledge][service]") {
  Centre on;
  const auto made = on.Ask<pb::Article>(*on.boss, kArticles + "CreateArticle", on.Relocation()).value();
  REQUIRE(on.Step<pb::SubmitArticleRequest>(*on.boss, "SubmitArticle", made.name()));
  const auto refused = on.Step<pb::ApproveArticleRequest>(*on.boss, "ApproveArticle", made.name());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kFailedPrecondition);
  CHECK(refused.error().reason == "APPROVER_IS_EDITOR");
  CHECK(on.Step<pb::ApproveArticleRequest>(*on.manager, "ApproveArticle", made.name()));
}

TEST_CASE("standard terms are answered in the same words whoever asks", "[knowledge][service]") {
  Centre on;
  auto in = on.Relocation();
  in.mutable_article()->set_code("travel-standard-room");
  in.mutable_content()->set_type(pb::ArticleContent::FAQ);
  in.mutable_content()->set_title("标准间");
  in.mutable_content()->set_summary("两张单人床、独立卫生间的双人房。");
  in.mutable_content()->clear_keywords();
  in.mutable_content()->clear_applies_to();
  on.Published(in);
  for (const auto* words : {"标准间", "标准间是什么", "bzj", "biaozhunjian"}) {
    INFO(words);
    const auto found = on.Search(words).value();
    REQUIRE(found.hits_size() == 1);
    CHECK(found.hits(0).summary() == "两张单人床、独立卫生间的双人房。");
  }
}

TEST_CASE("a promotion leaves the search by itself when its time is over", "[knowledge][service]") {
  Centre on;
  auto in = on.Relocation();
  in.mutable_content()->set_title("预存话费送小灵通");
  *in.mutable_content()->mutable_valid_to() = ToProto(RealNow() + 24h);
  const auto name = on.Published(in);
  CHECK(on.Search("小灵通")->hits_size() == 1);
  pb::SetArticleValidityRequest over;
  over.set_name(name);
  *over.mutable_valid_to() = ToProto(RealNow() - 1h);
  CHECK(on.Ask<pb::Article>(*on.manager, kArticles + "SetArticleValidity", over)->published().state() ==
        pb::ArticleVersion::EXPIRED);
  CHECK(on.Search("小灵通")->hits().empty());
  *over.mutable_valid_to() = ToProto(RealNow() + 24h);
  REQUIRE(on.Ask<pb::Article>(*on.manager, kArticles + "SetArticleValidity", over));
  CHECK(on.Search("小灵通")->hits_size() == 1);
}

TEST_CASE("what is to be published soon is published without anybody asking", "[knowledge][service]") {
  Centre on;
  const auto name =
      on.Ask<pb::Article>(*on.editor, kArticles + "CreateArticle", on.Relocation()).value().name();
  REQUIRE(on.Step<pb::SubmitArticleRequest>(*on.editor, "SubmitArticle", name));
  REQUIRE(on.Step<pb::ApproveArticleRequest>(*on.manager, "ApproveArticle", name));
  pb::PublishArticleRequest soon;
  soon.set_name(name);
  *soon.mutable_publish_time() = ToProto(RealNow() + 500ms);
  CHECK_FALSE(on.Ask<pb::Article>(*on.manager, kArticles + "PublishArticle", soon)->has_published());
  pqxx::connection admin(on.platform.database("knowledge").admin_url());
  for (const auto end = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < end;) {
    pqxx::work work(admin);
    if (work.exec1("SELECT count(*) FROM articles WHERE is_published")[0].as<int>() == 1) break;
  }
  CHECK(on.Search("移机")->hits_size() == 1);
}

TEST_CASE("a reply with a taboo phrase is blocked, with what to say instead", "[knowledge][service]") {
  Centre on;
  pb::CheckTabooRequest in;
  in.set_language("zh-CN");
  in.set_channel(carillon::type::v1::CHAT);
  in.set_text("这是我们公司的规定");
  const auto found = on.Ask<pb::CheckTabooResponse>(*on.agent, kPhrases + "CheckTaboo", in).value();
  CHECK(found.blocked());
  CHECK(found.findings(0).alternatives(0).starts_with("为了更好地为您服务"));
  in.set_text(found.findings(0).alternatives(0));
  CHECK_FALSE(on.Ask<pb::CheckTabooResponse>(*on.agent, kPhrases + "CheckTaboo", in)->blocked());
  pb::ListPhrasesRequest all;
  all.set_language("en");
  CHECK(on.Ask<pb::ListPhrasesResponse>(*on.agent, kPhrases + "ListPhrases", all)->phrases_size() > 60);
}

TEST_CASE("what nobody could answer is reported, answered, and found the next time", "[knowledge][service]") {
  Centre on;
  const auto missed = on.Search("企业短信组合").value();
  REQUIRE_FALSE(missed.gap().empty());
  pb::ReportGapRequest report;
  report.mutable_gap()->set_question("企业短信组合");
  report.mutable_gap()->set_language("zh");
  report.mutable_gap()->set_work_order("workOrders/" + testing::SomeId());
  const auto gap = on.Ask<pb::Gap>(*on.agent, kGaps + "ReportGap", report).value();
  CHECK(gap.name() == missed.gap());
  CHECK(gap.due_time().seconds() - gap.update_time().seconds() == 24 * 3600);
  CHECK(on.Ask<pb::ListGapsResponse>(*on.editor, kGaps + "ListGaps", pb::ListGapsRequest())->gaps_size() ==
        1);
  auto in = on.Relocation();
  in.mutable_article()->set_code("sms-bundle");
  in.mutable_content()->set_title("企业短信组合");
  pb::AnswerGapRequest answer;
  answer.set_name(gap.name());
  answer.set_article(on.Published(in));
  CHECK(on.Ask<pb::Gap>(*on.agent, kGaps + "AnswerGap", answer).error().code == Code::kPermissionDenied);
  CHECK(on.Ask<pb::Gap>(*on.editor, kGaps + "AnswerGap", answer)->state() == pb::Gap::CLOSED);
  CHECK(on.Search("企业短信组合")->hits_size() == 1);
}

}  // namespace
}  // namespace carillon::knowledge
