#include "knowledge/domain/article.hpp"

#include <algorithm>

#include "base/proto_time.hpp"
#include "knowledge/domain/errors.hpp"

namespace carillon::knowledge::domain {
namespace {

using Version = pb::ArticleVersion;

Result<void> RequireValidity(const pb::ArticleContent& content) {
  if (content.has_valid_from() && content.has_valid_to() &&
      FromProto(content.valid_to()) <= FromProto(content.valid_from()))
    return errors::ValidityInvalid();
  return Ok();
}

bool Over(const pb::ArticleContent& content, TimePoint at) {
  return content.has_valid_to() && FromProto(content.valid_to()) <= at;
}

Version NewVersion(const pb::Article& article, int number, TimePoint now) {
  Version version;
  version.set_name(article.name() + "/versions/" + std::to_string(number));
  version.set_number(number);
  *version.mutable_create_time() = ToProto(now);
  return version;
}

/// Notes a version as changed now; `published` and `latest` follow when they are that version.
void Put(Change& change, Version version, TimePoint now) {
  *version.mutable_update_time() = ToProto(now);
  if (change.article.published().number() == version.number()) *change.article.mutable_published() = version;
  if (change.article.latest().number() == version.number()) *change.article.mutable_latest() = version;
  *change.article.mutable_update_time() = ToProto(now);
  change.versions.push_back(std::move(version));
}

Change Written(const pb::Article& before, Version version, const pb::ArticleContent& content,
               const Actor& actor) {
  Change change{before, {}, News::kNone, {}};
  version.set_state(Version::DRAFT);
  *version.mutable_content() = content;
  version.set_author(actor.user);
  if (std::find(version.editors().begin(), version.editors().end(), actor.user) == version.editors().end())
    version.add_editors(actor.user);
  version.clear_approver();
  version.clear_reject_reason();
  *change.article.mutable_latest() = version;
  Put(change, std::move(version), actor.now);
  return change;
}

/// The published version, when it is or was read until it expired.
Result<Version> ReadVersion(const pb::Article& article) {
  const auto state = article.published().state();
  if (state != Version::PUBLISHED && state != Version::EXPIRED) return errors::ArticleState(state);
  return article.published();
}

/// `version` takes the place of what readers read.
Change InForce(const pb::Article& before, Version version, Duration review, TimePoint now) {
  Change change{before, {}, News::kPublished, {}};
  if (before.has_published() && before.published().number() != version.number()) {
    Version old = before.published();
    old.set_state(Version::ARCHIVED);
    if (!old.has_end_time()) *old.mutable_end_time() = ToProto(now);
    Put(change, std::move(old), now);
  }
  version.set_state(Version::PUBLISHED);
  *version.mutable_publish_time() = ToProto(now);
  version.clear_end_time();
  *change.article.mutable_published() = version;
  *change.article.mutable_review_due_time() = ToProto(now + review);
  Put(change, std::move(version), now);
  return change;
}

Change Ended(const pb::Article& before, Version::State state, TimePoint now) {
  Change change{before, {}, News::kEnded, {}};
  Version version = before.published();
  version.set_state(state);
  *version.mutable_end_time() = ToProto(now);
  Put(change, version, now);
  change.ended = std::move(version);
  if (state == Version::ARCHIVED) change.article.clear_published();
  return change;
}

}  // namespace

bool Readable(const pb::Article& article, TimePoint now) {
  const auto& version = article.published();
  return version.state() == Version::PUBLISHED && !Over(version.content(), now) &&
         (!version.content().has_valid_from() || FromProto(version.content().valid_from()) <= now);
}

Result<Change> Created(const pb::Article& wish, const pb::ArticleContent& content, const Actor& actor) {
  TRY_VOID(RequireValidity(content));
  pb::Article article = wish;
  article.set_owner_user(actor.user);
  *article.mutable_create_time() = ToProto(actor.now);
  return Written(article, NewVersion(article, 1, actor.now), content, actor);
}

Result<Change> Edited(const pb::Article& before, const pb::ArticleContent& content, const Actor& actor) {
  TRY_VOID(RequireValidity(content));
  switch (before.latest().state()) {
    case Version::DRAFT:
    case Version::REJECTED:
      return Written(before, before.latest(), content, actor);
    case Version::PUBLISHED:
    case Version::EXPIRED:
    case Version::ARCHIVED:
      return Written(before, NewVersion(before, before.latest().number() + 1, actor.now), content, actor);
    default:
      return errors::ArticleState(before.latest().state());
  }
}

Result<Change> Submitted(const pb::Article& before, const Actor& actor) {
  Version version = before.latest();
  if (version.state() != Version::DRAFT) return errors::ArticleState(version.state());
  if (version.content().summary().empty() && version.content().body().empty()) return errors::Incomplete();
  Change change{before, {}, News::kNone, {}};
  version.set_state(Version::IN_REVIEW);
  Put(change, std::move(version), actor.now);
  return change;
}

Result<Change> Approved(const pb::Article& before, const Actor& actor) {
  Version version = before.latest();
  if (version.state() != Version::IN_REVIEW) return errors::ArticleState(version.state());
  if (std::find(version.editors().begin(), version.editors().end(), actor.user) != version.editors().end())
    return errors::ApproverIsEditor();
  Change change{before, {}, News::kNone, {}};
  version.set_state(Version::APPROVED);
  version.set_approver(actor.user);
  Put(change, std::move(version), actor.now);
  return change;
}

Result<Change> Rejected(const pb::Article& before, const std::string& reason, const Actor& actor) {
  Version version = before.latest();
  if (version.state() != Version::IN_REVIEW && version.state() != Version::APPROVED)
    return errors::ArticleState(version.state());
  Change change{before, {}, News::kNone, {}};
  version.set_state(Version::REJECTED);
  version.set_approver(actor.user);
  version.set_reject_reason(reason);
  version.clear_publish_time();
  Put(change, std::move(version), actor.now);
  return change;
}

Result<Change> Published(const pb::Article& before, TimePoint at, Duration review, TimePoint now) {
  Version version = before.latest();
  if (version.state() != Version::APPROVED) return errors::ArticleState(version.state());
  if (Over(version.content(), std::max(at, now))) return errors::ValidityOver();
  if (at <= now) return InForce(before, std::move(version), review, now);
  Change change{before, {}, News::kNone, {}};
  *version.mutable_publish_time() = ToProto(at);
  Put(change, std::move(version), now);
  return change;
}

Result<Change> Revalidated(const pb::Article& before, const std::optional<TimePoint>& from,
                           const std::optional<TimePoint>& to, TimePoint now) {
  TRY(auto version, ReadVersion(before));
  auto& content = *version.mutable_content();
  content.clear_valid_from();
  content.clear_valid_to();
  if (from) *content.mutable_valid_from() = ToProto(*from);
  if (to) *content.mutable_valid_to() = ToProto(*to);
  TRY_VOID(RequireValidity(content));
  pb::Article article = before;
  *article.mutable_published() = version;
  if (Over(content, now)) return Ended(article, Version::EXPIRED, now);
  Change change{article, {}, News::kPublished, {}};
  version.set_state(Version::PUBLISHED);
  version.clear_end_time();
  Put(change, std::move(version), now);
  return change;
}

Result<Change> Archived(const pb::Article& before, TimePoint now) {
  TRY_VOID(ReadVersion(before));
  return Ended(before, Version::ARCHIVED, now);
}

Result<Change> RolledBack(const pb::Article& before, const Version& version, Duration review, TimePoint now) {
  if (version.state() != Version::ARCHIVED) return errors::ArticleState(version.state());
  if (Over(version.content(), now)) return errors::ValidityOver();
  return InForce(before, version, review, now);
}

Result<Change> Confirmed(const pb::Article& before, Duration review, TimePoint now) {
  if (before.published().state() != Version::PUBLISHED)
    return errors::ArticleState(before.published().state());
  Change change{before, {}, News::kNone, {}};
  *change.article.mutable_review_due_time() = ToProto(now + review);
  *change.article.mutable_update_time() = ToProto(now);
  return change;
}

std::optional<Change> Swept(const pb::Article& before, Duration review, TimePoint now) {
  const auto& latest = before.latest();
  if (latest.state() == Version::APPROVED && latest.has_publish_time() &&
      FromProto(latest.publish_time()) <= now)
    return InForce(before, latest, review, now);
  if (before.published().state() == Version::PUBLISHED && Over(before.published().content(), now))
    return Ended(before, Version::EXPIRED, now);
  return std::nullopt;
}

}  // namespace carillon::knowledge::domain
