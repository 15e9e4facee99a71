#pragma once
#include <string>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "base/result.hpp"

/// What the standard methods of queues, skills, routing profiles and agents share.
namespace carillon::routing::api {

inline Error Missing(const std::string& field) {
  return InvalidArgument("FIELD_MISSING", "A field is missing.", {{field, "required"}});
}

/// A new version: etag and times.
template <class T>
void Stamp(T& rule, TimePoint created, TimePoint now) {
  rule.set_etag(NewId(now));
  *rule.mutable_create_time() = ToProto(created);
  *rule.mutable_update_time() = ToProto(now);
}

/// Read, change, write: again when a rival was quicker and the caller did not ask for a certain version.
template <class T, class Fn>
Result<T> Retried(const std::string& asked_etag, Fn attempt) {
  for (int left = 5;; --left) {
    Result<T> done = attempt();
    if (done || left == 0 || !asked_etag.empty() || done.error().reason != "ETAG_STALE") return done;
  }
}

}  // namespace carillon::routing::api
