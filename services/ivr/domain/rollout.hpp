#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/ivr/v1/flow.pb.h"

namespace carillon::ivr {

/// The version a call runs: the one being rolled out when its time has come and the call is among its share,
/// else the published one. A call falls on the same side however often it is asked, and calls fall evenly.
inline int VersionFor(const v1::Flow& published, const std::string& call, TimePoint now) {
  const auto& rollout = published.rollout();
  if (rollout.version() == 0 || now < FromProto(rollout.start_time())) return published.published_version();
  const auto draw = std::stoul(DerivedId("ivr.rollout", call).substr(0, 8), nullptr, 16) % 100;
  return static_cast<int>(draw) < rollout.percent() ? rollout.version() : published.published_version();
}

}  // namespace carillon::ivr
