#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/knowledge/v1/article.pb.h"

/// The life of an article: versions follow each other, a second person approves, one at most is published.
namespace carillon::knowledge::domain {

namespace pb = carillon::knowledge::v1;

/// Who does something, and when.
struct Actor {
  std::string user;
  TimePoint now;
};

/// What readers are to be told.
enum class News { kNone, kPublished, kEnded };

/// An article after a change: `article` holds `published` and `latest` as they are now, `versions` are those
/// to be saved.
struct Change {
  pb::Article article;
  std::vector<pb::ArticleVersion> versions;
  News news = News::kNone;
  std::optional<pb::ArticleVersion> ended;  ///< what readers read until now, for kEnded
};

/// Whether readers read it at that moment: PUBLISHED and in its validity.
bool Readable(const pb::Article& article, TimePoint now);

/// Version 1 of a new article, a DRAFT. VALIDITY_INVALID.
Result<Change> Created(const pb::Article& wish, const pb::ArticleContent& content, const Actor& actor);
/// The DRAFT with another content; the next version when the newest is one that was published.
/// VALIDITY_INVALID, ARTICLE_STATE.
Result<Change> Edited(const pb::Article& before, const pb::ArticleContent& content, const Actor& actor);
/// ARTICLE_STATE, ARTICLE_INCOMPLETE.
Result<Change> Submitted(const pb::Article& before, const Actor& actor);
/// ARTICLE_STATE, APPROVER_IS_EDITOR.
Result<Change> Approved(const pb::Article& before, const Actor& actor);
/// ARTICLE_STATE.
Result<Change> Rejected(const pb::Article& before, const std::string& reason, const Actor& actor);
/// The approved version is published, or noted for `at` when that is to come. ARTICLE_STATE, VALIDITY_OVER.
Result<Change> Published(const pb::Article& before, TimePoint at, Duration review, TimePoint now);
/// Another validity of what is published or expired. VALIDITY_INVALID, ARTICLE_STATE.
Result<Change> Revalidated(const pb::Article& before, const std::optional<TimePoint>& from,
                           const std::optional<TimePoint>& to, TimePoint now);
/// ARTICLE_STATE.
Result<Change> Archived(const pb::Article& before, TimePoint now);
/// `version`, one of the article's, in place of the published one. ARTICLE_STATE, VALIDITY_OVER.
Result<Change> RolledBack(const pb::Article& before, const pb::ArticleVersion& version, Duration review,
                          TimePoint now);
/// ARTICLE_STATE.
Result<Change> Confirmed(const pb::Article& before, Duration review, TimePoint now);
/// What time alone has brought about: a publication that was noted, or an end. Nothing when there is none.
std::optional<Change> Swept(const pb::Article& before, Duration review, TimePoint now);

}  // namespace carillon::knowledge::domain
