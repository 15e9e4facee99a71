#include "routing/store/journal.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/type/v1/audit.pb.h"
#include "routing/store/statements.hpp"

namespace carillon::routing::store {
namespace {

constexpr int kChunk = 2000;  // journal rows read at once

using Texts = std::vector<std::optional<std::string>>;

std::optional<std::string> IdOrNull(const std::string& name) {
  return name.empty() ? std::nullopt : std::optional(IdOf(name));
}

std::optional<std::string> TimeOrNull(bool given, const google::protobuf::Timestamp& at) {
  return given ? std::optional(FormatRfc3339(FromProto(at))) : std::nullopt;
}

std::optional<std::string> LengthOrNull(bool given, const google::protobuf::Duration& length) {
  return given ? std::optional(std::to_string(FromProto(length).count())) : std::nullopt;
}

void PutInteractions(pg::Tx& tx, const std::map<std::string, const pb::InteractionRecord*>& records) {
  if (records.empty()) return;
  std::array<Texts, 19> c;
  for (const auto& [name, record] : records) {
    const auto& i = record->interaction();
    c[0].push_back(IdOf(name));
    c[1].push_back(FormatRfc3339(FromProto(i.create_time())));
    c[2].push_back(IdOf(i.client()));
    c[3].push_back(pb::Interaction::State_Name(i.state()));
    c[4].push_back(carillon::type::v1::Channel_Name(i.channel()));
    c[5].push_back(IdOf(i.queue()));
    c[6].push_back(IdOrNull(i.agent()));
    c[7].push_back(IdOrNull(i.customer()));
    c[8].push_back(IdOrNull(i.call()));
    c[9].push_back(FormatRfc3339(FromProto(i.queue_time())));
    c[10].push_back(TimeOrNull(i.has_accept_time(), i.accept_time()));
    c[11].push_back(TimeOrNull(i.has_end_time(), i.end_time()));
    c[12].push_back(LengthOrNull(i.has_wait_duration(), i.wait_duration()));
    c[13].push_back(LengthOrNull(i.has_ring_duration(), i.ring_duration()));
    c[14].push_back(LengthOrNull(i.has_talk_duration(), i.talk_duration()));
    c[15].push_back(LengthOrNull(i.has_hold_duration(), i.hold_duration()));
    c[16].push_back(LengthOrNull(i.has_wrap_duration(), i.wrap_duration()));
    c[17].push_back(i.disposition().empty() ? std::nullopt : std::optional(i.disposition()));
    c[18].push_back(Hex(record->SerializeAsString()));
  }
  const auto a = [&](std::size_t at) { return pg::Array(c[at]); };
  tx.ExecAtCommit(kInteractionsPut, a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), a(9), a(10), a(11),
                  a(12), a(13), a(14), a(15), a(16), a(17), a(18));
}

void PutSessions(pg::Tx& tx, const std::map<std::string, const pb::SessionRecord*>& records) {
  if (records.empty()) return;
  std::array<Texts, 8> c;
  for (const auto& [name, record] : records) {
    const auto& s = record->session();
    c[0].push_back(IdOf(name));
    c[1].push_back(IdOf(s.agent()));
    c[2].push_back(s.agent_code());
    c[3].push_back(s.seat());
    c[4].push_back(pb::AgentSession::State_Name(s.state()));
    c[5].push_back(FormatRfc3339(FromProto(s.create_time())));
    c[6].push_back(TimeOrNull(s.has_end_time(), s.end_time()));
    c[7].push_back(Hex(record->SerializeAsString()));
  }
  const auto a = [&](std::size_t at) { return pg::Array(c[at]); };
  tx.ExecAtCommit(kSessionsPut, a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7));
}

template <class T>
void PutRule(pg::Tx& tx, const pg::Statement& statement, const T& rule) {
  tx.Exec(statement, IdOf(rule.name()), rule.code(), pg::Bytes(rule.SerializeAsString()));
}

void PutRules(pg::Tx& tx, const pb::Transition& record) {
  switch (record.record_case()) {
    case pb::Transition::kQueue:
      tx.Exec(kQueuePut, IdOf(record.queue().name()), record.queue().code(),
              pg::Bytes(record.queue().SerializeAsString()), IdOf(record.queue().client()));
      break;
    case pb::Transition::kQueueDeleted:
      tx.Exec(kQueueDelete, record.queue_deleted());
      break;
    case pb::Transition::kSkill:
      PutRule(tx, kSkillPut, record.skill());
      break;
    case pb::Transition::kSkillDeleted:
      tx.Exec(kSkillDelete, record.skill_deleted());
      break;
    case pb::Transition::kRoutingProfile:
      PutRule(tx, kProfilePut, record.routing_profile());
      break;
    case pb::Transition::kRoutingProfileDeleted:
      tx.Exec(kProfileDelete, record.routing_profile_deleted());
      break;
    case pb::Transition::kAgent:
      PutRule(tx, kAgentPut, record.agent());
      break;
    case pb::Transition::kAgentDeleted:
      tx.Exec(kAgentDelete, record.agent_deleted());
      break;
    default:
      break;
  }
}

const char* KindOf(const google::protobuf::Message& payload) {
  if (dynamic_cast<const pb::ConnectAgentTask*>(&payload) != nullptr) return "telephony.connect_agent";
  if (dynamic_cast<const pb::ReleaseCallTask*>(&payload) != nullptr) return "telephony.release_call";
  if (dynamic_cast<const pb::ArrangeCallTask*>(&payload) != nullptr) return "telephony.arrange_call";
  return "telephony.hold_call";
}

Error Fenced() { return Aborted("SHARD_FENCED", "Another process writes this shard now."); }

}  // namespace

Holder HolderOf(pg::Tx& tx, std::chrono::milliseconds stale) {
  const auto rows = tx.Exec(kLeaseLook, stale.count());
  if (rows.empty()) return {};
  return {rows[0]["holder"].c_str(), rows[0]["stale"].as<bool>()};
}

Result<Lease> TakeLease(pg::Tx& tx, const std::string& holder, std::chrono::milliseconds stale) {
  tx.Exec(kLeasePatience);
  tx.Exec(kLeaseMake);
  const auto row = tx.Exec(kLeaseLock, stale.count())[0];
  const std::string current = row["holder"].c_str();
  if (!current.empty() && current != holder && !row["stale"].as<bool>())
    return Unavailable("SHARD_HELD", "Another process writes this shard.");
  if (!current.empty() && current != holder) tx.Exec(kTasksFree, current.substr(0, current.find('@')));
  const auto business = pg::TimeOf(row["business_us"]);
  return Lease{tx.Exec(kLeaseTake, holder)[0][0].as<std::int64_t>(), business};
}

Result<void> RenewLease(pg::Tx& tx, std::int64_t epoch, TimePoint business) {
  if (tx.Exec(kLeaseRenew, epoch, pg::Time(business)).affected_rows() == 0) return Fenced();
  return Ok();
}

void GiveUpLease(pg::Tx& tx, std::int64_t epoch, TimePoint business) {
  tx.Exec(kLeaseGiveUp, epoch, pg::Time(business));
}

void EnsureMonth(pg::Tx& tx, TimePoint now) { tx.Exec(kMonth, pg::Time(now)); }

Result<void> Append(pg::Tx& tx, const Batch& batch) {
  if (batch.rows.empty()) {
    if (tx.Exec(kLeaseFence, batch.epoch).empty()) return Fenced();
  } else {
    std::vector<std::int64_t> seqs, versions;
    std::vector<std::string> times, commands, transitions;
    std::map<std::string, const pb::InteractionRecord*> interactions;
    std::map<std::string, const pb::SessionRecord*> sessions;
    for (const auto& row : batch.rows) {
      seqs.push_back(row.seq);
      versions.push_back(row.rule_version);
      times.push_back(FormatRfc3339(row.at));
      commands.push_back(Hex(row.command));
      transitions.push_back(Hex(row.records.SerializeAsString()));
      for (const auto& record : row.records.transitions()) {
        if (record.has_interaction())
          interactions[record.interaction().interaction().name()] = &record.interaction();
        else if (record.has_session())
          sessions[record.session().session().name()] = &record.session();
      }
    }
    if (tx.Exec(kJournalAppend, batch.epoch, domain::kFormatVersion, pg::Array(seqs), pg::Array(times),
                pg::Array(versions), pg::Array(commands), pg::Array(transitions))
            .affected_rows() == 0)
      return Fenced();
    for (const auto& row : batch.rows)
      for (const auto& record : row.records.transitions()) PutRules(tx, record);
    PutInteractions(tx, interactions);
    PutSessions(tx, sessions);
  }
  if (batch.renew) tx.ExecAtCommit(kLeaseRenew, batch.epoch, pg::Time(batch.now));
  if (!batch.replies.empty()) {
    std::vector<std::string> principals, methods, ids, hashes, responses;
    for (const auto& reply : batch.replies) {
      principals.push_back(reply.principal);
      methods.push_back(reply.method);
      ids.push_back(reply.request_id);
      hashes.push_back(Hex(reply.request_hash));
      responses.push_back(Hex(reply.response));
    }
    tx.ExecAtCommit(kRepliesSave, pg::Array(principals), pg::Array(methods), pg::Array(ids),
                    pg::Array(hashes), pg::Array(responses));
  }
  // What happens to a queue is told where its interactions are.
  for (const auto& [event, at] : batch.events)
    pg::Announce(tx,
                 event.aggregate == domain::Event::Aggregate::kAgent ? "carillon.routing.agents.v1"
                                                                     : "carillon.routing.interactions.v1",
                 event.key, *event.message, at);
  for (const auto& entry : batch.audits) pg::Audit(tx, *entry);
  for (const auto& task : batch.tasks) pg::Enqueue(tx, KindOf(*task.payload), task.call, *task.payload);
  return Ok();
}

void SaveSnapshot(pg::Tx& tx, std::int64_t seq, TimePoint at, const pb::Transitions& state) {
  tx.Exec(kSnapshotSave, seq, pg::Time(at), domain::kFormatVersion, pg::Bytes(state.SerializeAsString()));
  tx.Exec(kSnapshotForget);
}

Result<void> ReadOn(pg::Tx& tx, domain::Engine& engine, Position& at) {
  const auto readable = [](const pqxx::row& row) {
    return row["format"].as<int>() <= domain::kFormatVersion;
  };
  const auto too_new = [] {
    return FailedPrecondition("JOURNAL_FORMAT", "A later build wrote the journal; this one cannot read it.");
  };
  const auto put = [&](const pqxx::field& bytes) {
    pb::Transitions records;
    if (!records.ParseFromString(pg::BytesOf(bytes))) return false;
    for (const auto& record : records.transitions()) engine.Put(record);
    return true;
  };
  const Error broken{Code::kDataLoss, "JOURNAL_UNREADABLE", "A journal row cannot be decoded.", {}, {}};
  if (at.seq == 0) {
    if (const auto rows = tx.Exec(kSnapshotLast); !rows.empty()) {
      if (!readable(rows[0])) return too_new();
      at.seq = rows[0]["seq"].as<std::int64_t>();
      at.at = pg::TimeOf(rows[0]["at_us"]);
      if (!put(rows[0]["state"])) return broken;
    }
  }
  for (;;) {
    const auto rows = tx.Exec(kJournalAfter, at.seq, kChunk);
    for (const auto& row : rows) {
      if (!readable(row)) return too_new();
      const auto next = row["seq"].as<std::int64_t>();
      if (next != at.seq + 1)
        return Error{Code::kDataLoss,
                     "JOURNAL_GAP",
                     "A number is missing in the journal.",
                     {},
                     {{"after", std::to_string(at.seq)}, {"found", std::to_string(next)}}};
      at.seq = next;
      at.at = pg::TimeOf(row["at_us"]);
      if (!put(row["transitions"])) return broken;
    }
    if (rows.size() < static_cast<pqxx::result::size_type>(kChunk)) return Ok();
  }
}

std::vector<Reply> RepliesAfter(pg::Tx& tx, Position& at, std::chrono::milliseconds overlap) {
  std::vector<Reply> out;
  // A row shows the beginning of its transaction, which may end after that of the next.
  const auto from = std::max(TimePoint{} + overlap, at.replies) - overlap;
  for (const auto& row : tx.Exec(kRepliesAfter, pg::Time(from))) {
    out.push_back({row["principal"].c_str(), row["method"].c_str(), row["request_id"].c_str(),
                   pg::BytesOf(row["request_hash"]), pg::BytesOf(row["response"]),
                   pg::TimeOf(row["answered_us"])});
    at.replies = std::max(at.replies, out.back().at);
  }
  return out;
}

Result<std::string> AnswerTo(pg::Tx& tx, const std::string& principal, const std::string& method,
                             const std::string& request_id) {
  const auto rows = tx.Exec(kReplyFind, principal, method, request_id);
  if (rows.empty()) return NotFound("REPLY_UNKNOWN", "No answer is kept for this request.");
  return pg::BytesOf(rows[0]["response"]);
}

std::vector<std::string> ShardTenants(pg::Tx& tx) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kShardTenants)) out.emplace_back(row[0].c_str());
  return out;
}

}  // namespace carillon::routing::store
