#include "routing/domain/move.hpp"

#include <utility>

#include "base/proto_time.hpp"

namespace carillon::routing::domain {
namespace {

constexpr int kMostStretches = 400;  // of Agent.assignments

}  // namespace

Result<pb::Agent> Moved(const pb::Agent& agent, const pb::MoveAgentRequest& in, TimePoint now) {
  const auto until = in.has_end_time() ? FromProto(in.end_time()) : now;
  if (in.has_end_time() && until <= now)
    return InvalidArgument("MOVE_END_PAST", "A move ends later than it begins.", {{"end_time", "after now"}});
  pb::Agent out = agent;
  out.clear_assignments();
  if (!in.has_end_time()) out.set_routing_profile(in.routing_profile());
  const auto add = [&](const std::string& profile, TimePoint start, TimePoint end) {
    if (start >= end) return;
    auto& stretch = *out.add_assignments();
    stretch.set_routing_profile(profile);
    *stretch.mutable_start_time() = ToProto(start);
    *stretch.mutable_end_time() = ToProto(end);
  };
  bool moved = false;
  const auto move = [&] {
    if (!std::exchange(moved, true)) add(in.routing_profile(), now, until);
  };
  for (const auto& stretch : agent.assignments()) {
    const auto start = FromProto(stretch.start_time());
    const auto end = FromProto(stretch.end_time());
    // The part before now; of what lies ahead, the part after the move. Without an end the running stretch is
    // over.
    add(stretch.routing_profile(), start, std::min(end, now));
    if (end <= now) continue;
    move();
    if (in.has_end_time() || start > now) add(stretch.routing_profile(), std::max(start, until), end);
  }
  move();
  while (out.assignments_size() > kMostStretches && FromProto(out.assignments(0).end_time()) <= now)
    out.mutable_assignments()->DeleteSubrange(0, 1);
  return out;
}

}  // namespace carillon::routing::domain
