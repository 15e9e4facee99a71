#pragma once
#include <string>

#include "base/call.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "knowledge/domain/article.hpp"
#include "knowledge/domain/errors.hpp"
#include "pg/pool.hpp"

namespace carillon::knowledge::api {

namespace pb = carillon::knowledge::v1;

/// What every method has at hand.
struct Deps {
  pg::Pool& db;
  calendar::TimeZone zone;  ///< of greetings
  Duration review;          ///< from a publication to the next look at it
};

inline domain::Actor ActorOf(const Call& call) { return {call.principal.Name(), call.now}; }

/// Whoever writes or approves sees every version; a reader what is published and valid.
inline bool SeesAll(const Call& call) {
  return call.principal.May("knowledge.write") || call.principal.May("knowledge.approve");
}

/// Whose gaps a caller sees: empty = everybody's.
inline std::string ReporterOf(const Call& call) {
  return call.principal.May("knowledge.write") ? "" : call.principal.Name();
}

/// The client named, or the caller's when there is exactly one, or none.
inline std::string ClientFor(const Call& call, const std::string& named) {
  if (!named.empty() || call.principal.clients.size() != 1) return named;
  return "clients/" + call.principal.clients.front();
}

/// As a reader sees it. ARTICLE_UNKNOWN when a reader reads nothing of it.
inline Result<pb::Article> ShownTo(const Call& call, pb::Article article) {
  if (SeesAll(call)) return article;
  if (!domain::Readable(article, call.now)) return errors::UnknownArticle(article.name());
  article.clear_latest();
  return article;
}

}  // namespace carillon::knowledge::api
