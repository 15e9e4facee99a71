#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/api/handlers.hpp"
#include "routing/domain/replay.hpp"
#include "routing/store/past.hpp"

namespace carillon::routing::api {
namespace {

constexpr Duration kDay = std::chrono::hours{24};
constexpr Duration kShift = std::chrono::hours{16};  // before the time: who was at work when it began
constexpr std::size_t kMostArrivals = 200'000;
constexpr int kRows = 5'000;

/// What of the journal a replay is made of.
bool Tells(const pb::Command& command) {
  return command.has_create_interaction() || command.has_cancel_interaction() || command.has_sign_in() ||
         command.has_sign_out() || command.has_set_status() || command.has_desk_connected() ||
         command.has_desk_lost() || command.has_desk_expired();
}

/// What is passed on, and advice, is made anew or not at all.
bool Arrived(const pb::Interaction& view) { return view.parent().empty(); }

Result<domain::Past> PastOf(Call& call, Deps& deps, TimePoint start, TimePoint end) {
  domain::Past out;
  std::size_t arrivals = 0;
  for (std::int64_t seq = 0;;) {
    TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<store::PastCommand>> {
      return store::CommandsBetween(tx, start - kShift, end, seq, kRows);
    }));
    for (auto& row : rows) {
      seq = row.seq;
      if (!Tells(row.command)) continue;
      if (row.command.has_create_interaction()) {
        if (row.at < start) continue;
        if (++arrivals > kMostArrivals)
          return ResourceExhausted("REPLAY_TOO_LARGE", "Too much came in that time: replay a part of it.");
      }
      out.acts.emplace_back(row.at, std::move(row.command));
    }
    if (static_cast<int>(rows.size()) < kRows) break;
  }
  for (std::string id;;) {
    TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Interaction>> {
      return store::InteractionsBetween(tx, start, end, id, kRows);
    }));
    for (auto& row : rows) {
      id = IdIn(row.name());
      if (Arrived(row)) out.outcomes.push_back(std::move(row));
    }
    if (static_cast<int>(rows.size()) < kRows) break;
  }
  return out;
}

}  // namespace

Result<pb::ReplayDayResponse> ReplayDay(Call& call, Deps& deps, const pb::ReplayDayRequest& in) {
  const auto start = FromProto(in.start_time());
  const auto end = FromProto(in.end_time());
  if (end <= start || end - start > kDay || end > call.now)
    return InvalidArgument("REPLAY_SPAN", "A time that is over is replayed, at most 24 hours of it.",
                           {{"end_time", "after start_time, at most 24 hours later, and past"}});
  TRY(const auto shard, ShardOf(call, deps));
  TRY(const auto rules, shard->Ask(call, [](const domain::Engine& engine) { return engine.Snapshot(); }));
  TRY(const auto past, PastOf(call, deps, start, end));
  return domain::Replay(rules, past, in, MaySee(call));
}

}  // namespace carillon::routing::api
