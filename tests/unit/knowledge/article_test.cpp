#include "knowledge/domain/article.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"

namespace carillon::knowledge::domain {
namespace {

using namespace std::chrono_literals;
using Version = pb::ArticleVersion;

const TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};
constexpr Duration kReview = std::chrono::days{182};
const Actor kEditor{"users/editor", kNow}, kOther{"users/other", kNow}, kApprover{"users/approver", kNow};

pb::ArticleContent Content(const std::string& title = "固定电话移机") {
  pb::ArticleContent content;
  content.set_type(pb::ArticleContent::TARIFF);
  content.set_category("产品及资费/固定电话");
  content.set_title(title);
  content.set_summary("移机每部 108 元。");
  return content;
}

pb::Article Draft(const pb::ArticleContent& content = Content()) {
  pb::Article wish;
  wish.set_name("articles/1");
  return Created(wish, content, kEditor).value().article;
}
pb::Article ApprovedOf(const pb::Article& draft) {
  return Approved(Submitted(draft, kEditor).value().article, kApprover).value().article;
}
pb::Article PublishedOf(const pb::Article& draft) {
  return Published(ApprovedOf(draft), kNow, kReview, kNow).value().article;
}
template <class T>
std::string Reason(const Result<T>& result) {
  return result ? "" : result.error().reason;
}

TEST_CASE("an article goes from draft to published, and readers read it then", "[knowledge][article]") {
  const auto draft = Draft();
  CHECK(draft.latest().state() == Version::DRAFT);
  CHECK(draft.latest().number() == 1);
  CHECK_FALSE(Readable(draft, kNow));
  const auto change = Published(ApprovedOf(draft), kNow, kReview, kNow).value();
  CHECK(change.news == News::kPublished);
  CHECK(change.article.published().number() == 1);
  CHECK(change.article.latest().state() == Version::PUBLISHED);
  CHECK(change.article.published().approver() == "users/approver");
  CHECK(FromProto(change.article.review_due_time()) == kNow + kReview);
  CHECK(Readable(change.article, kNow));
}

TEST_CASE("nobody approves what the own hand wrote, not even a comma of it", "[knowledge][article]") {
  const auto both = Edited(Draft(), Content("固话移机"), kOther).value().article;
  const auto submitted = Submitted(both, kOther).value().article;
  CHECK(Reason(Approved(submitted, kEditor)) == "APPROVER_IS_EDITOR");
  CHECK(Reason(Approved(submitted, kOther)) == "APPROVER_IS_EDITOR");
  CHECK(Approved(submitted, kApprover));
}

TEST_CASE("an edit of what is published is the next version, and the published one stays",
          "[knowledge][article]") {
  const auto published = PublishedOf(Draft());
  const auto edited = Edited(published, Content("移机资费"), kOther).value();
  CHECK(edited.news == News::kNone);
  CHECK(edited.article.latest().number() == 2);
  CHECK(edited.article.latest().editors_size() == 1);
  CHECK(edited.article.published().content().title() == "固定电话移机");
  CHECK(Readable(edited.article, kNow));
  const auto next = Published(ApprovedOf(edited.article), kNow, kReview, kNow + 1h).value();
  REQUIRE(next.versions.size() == 2);
  CHECK(next.versions[0].state() == Version::ARCHIVED);  // before the new one: one at most is published
  CHECK(next.versions[0].number() == 1);
  CHECK(next.article.published().content().title() == "移机资费");

  SECTION("and the earlier one can be put back, whatever is being written") {
    const auto third = Edited(next.article, Content("草稿"), kEditor).value().article;
    const auto back = RolledBack(third, next.versions[0], kReview, kNow + 2h).value();
    CHECK(back.news == News::kPublished);
    CHECK(back.article.published().number() == 1);
    CHECK(back.article.latest().number() == 3);
    CHECK(back.article.latest().state() == Version::DRAFT);
    CHECK(Reason(RolledBack(third, third.latest(), kReview, kNow)) == "ARTICLE_STATE");
  }
}

TEST_CASE("what is rejected is a draft again once it is edited", "[knowledge][article]") {
  const auto rejected =
      Rejected(Submitted(Draft(), kEditor).value().article, "价格不对", kApprover).value().article;
  CHECK(rejected.latest().state() == Version::REJECTED);
  CHECK(rejected.latest().reject_reason() == "价格不对");
  CHECK(Reason(Submitted(rejected, kEditor)) == "ARTICLE_STATE");
  const auto edited = Edited(rejected, Content(), kEditor).value().article;
  CHECK(edited.latest().state() == Version::DRAFT);
  CHECK(edited.latest().number() == 1);
  CHECK(edited.latest().reject_reason().empty());
}

TEST_CASE("nothing is written while it is looked at, and nothing empty is submitted",
          "[knowledge][article]") {
  const auto submitted = Submitted(Draft(), kEditor).value().article;
  CHECK(Reason(Edited(submitted, Content(), kEditor)) == "ARTICLE_STATE");
  CHECK(Reason(Published(submitted, kNow, kReview, kNow)) == "ARTICLE_STATE");
  auto empty = Content();
  empty.clear_summary();
  CHECK(Reason(Submitted(Draft(empty), kEditor)) == "ARTICLE_INCOMPLETE");
  auto backwards = Content();
  *backwards.mutable_valid_from() = *backwards.mutable_valid_to() = ToProto(kNow);
  CHECK(Reason(Edited(Draft(), backwards, kEditor)) == "VALIDITY_INVALID");
}

TEST_CASE("what is to be published later is published by time alone", "[knowledge][article]") {
  const auto noted = Published(ApprovedOf(Draft()), kNow + 1h, kReview, kNow).value();
  CHECK(noted.news == News::kNone);
  CHECK(noted.article.latest().state() == Version::APPROVED);
  CHECK_FALSE(Swept(noted.article, kReview, kNow + 59min));
  const auto swept = Swept(noted.article, kReview, kNow + 1h);
  REQUIRE(swept);
  CHECK(swept->news == News::kPublished);
  CHECK(Readable(swept->article, kNow + 1h));
}

TEST_CASE("a promotion ends by its time, and lives again when that is prolonged", "[knowledge][article]") {
  auto content = Content("预存话费送小灵通");
  *content.mutable_valid_to() = ToProto(kNow + 24h);
  const auto published = PublishedOf(Draft(content));
  CHECK(Readable(published, kNow + 24h - 1us));
  CHECK_FALSE(Readable(published, kNow + 24h));  // before anybody has swept
  CHECK_FALSE(Swept(published, kReview, kNow + 23h));
  const auto expired = Swept(published, kReview, kNow + 24h);
  REQUIRE(expired);
  CHECK(expired->news == News::kEnded);
  CHECK(expired->ended->state() == Version::EXPIRED);
  CHECK(expired->article.latest().state() == Version::EXPIRED);
  CHECK_FALSE(Swept(expired->article, kReview, kNow + 25h));

  const auto again = Revalidated(expired->article, {}, kNow + 48h, kNow + 25h).value();
  CHECK(again.news == News::kPublished);
  CHECK(Readable(again.article, kNow + 25h));
  CHECK(again.article.latest().state() == Version::PUBLISHED);
  CHECK(Reason(Published(ApprovedOf(Draft(content)), kNow + 30h, kReview, kNow)) == "VALIDITY_OVER");
}

TEST_CASE("what is withdrawn is read by nobody, and may be written anew", "[knowledge][article]") {
  const auto archived = Archived(PublishedOf(Draft()), kNow).value();
  CHECK(archived.news == News::kEnded);
  CHECK_FALSE(archived.article.has_published());
  CHECK_FALSE(Readable(archived.article, kNow));
  CHECK(Reason(Archived(archived.article, kNow)) == "ARTICLE_STATE");
  CHECK(Edited(archived.article, Content(), kEditor)->article.latest().number() == 2);
  CHECK(Reason(Confirmed(archived.article, kReview, kNow)) == "ARTICLE_STATE");
}

}  // namespace
}  // namespace carillon::knowledge::domain
