#include "telephony/store/calls.hpp"

#include <charconv>
#include <map>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/telephony/v1/call_events.pb.h"
#include "pg/message.hpp"
#include "telephony/domain/errors.hpp"
#include "telephony/store/statements.hpp"

namespace carillon::telephony::store {
namespace {

/// The millisecond in which the call of this id arrived: the time part of a UUIDv7.
TimePoint ArrivedFrom(const std::string& id) {
  std::uint64_t ms = 0;
  const auto digits = id.substr(0, 8) + id.substr(9, 4);
  std::from_chars(digits.data(), digits.data() + digits.size(), ms, 16);
  return TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}};
}
TimePoint ArrivedBefore(const std::string& id) { return ArrivedFrom(id) + std::chrono::milliseconds{1}; }

template <class Enum>
Enum Parsed(const pqxx::field& field, bool (*parse)(google::protobuf::ConstStringParam, Enum*)) {
  Enum value{};
  CARILLON_CHECK(parse(field.as<std::string>(), &value));  // only we write these columns, under CHECKs
  return value;
}

google::protobuf::Duration LengthOf(const pqxx::field& us) {
  return ToProto(Duration{us.as<std::int64_t>()});
}

std::int64_t MicrosOf(const google::protobuf::Duration& length) { return FromProto(length).count(); }

pb::Call CallOf(const pqxx::row& row) {
  pb::Call call;
  call.set_name(domain::CallName(row["id"].as<std::string>()));
  call.set_etag(row["revision"].as<std::string>());
  *call.mutable_create_time() = ToProto(pg::TimeOf(row["arrived_us"]));
  *call.mutable_update_time() = ToProto(pg::TimeOf(row["updated_us"]));
  call.set_direction(Parsed<pb::Call::Direction>(row["direction"], pb::Call::Direction_Parse));
  call.set_state(Parsed<pb::Call::State>(row["state"], pb::Call::State_Parse));
  *call.mutable_state_time() = ToProto(pg::TimeOf(row["state_us"]));
  call.set_cause(Parsed<pb::Call::Cause>(row["cause"], pb::Call::Cause_Parse));
  call.set_switch_id(row["switch_id"].as<std::string>());
  call.set_switch_call_id(row["switch_call_id"].as<std::string>());
  call.set_calling_number(row["calling_number"].as<std::string>());
  call.set_called_number(row["called_number"].as<std::string>());
  call.set_trunk(row["trunk"].as<std::string>());
  const auto keys = pg::ArrayOf(row["data_keys"]);
  const auto values = pg::ArrayOf(row["data_values"]);
  CARILLON_CHECK(keys.size() == values.size());
  for (std::size_t i = 0; i < keys.size(); ++i) (*call.mutable_data())[keys[i]] = values[i];
  call.set_session(pg::NameOf("sessions", row["session_id"]));
  call.set_session_version(row["session_version"].as<std::int64_t>());
  call.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
  if (const auto directive = pg::BytesOf(row["directive"]); !directive.empty())
    CARILLON_CHECK(call.mutable_directive()->ParseFromString(directive));
  call.set_answered_version(row["answered_version"].as<std::int64_t>());
  call.set_event_count(row["event_count"].as<std::int64_t>());
  auto& spent = *call.mutable_durations();
  *spent.mutable_ivr() = LengthOf(row["ivr_us"]);
  *spent.mutable_queue() = LengthOf(row["queue_us"]);
  *spent.mutable_ring() = LengthOf(row["ring_us"]);
  *spent.mutable_talk() = LengthOf(row["talk_us"]);
  *spent.mutable_hold() = LengthOf(row["hold_us"]);
  *spent.mutable_total() = LengthOf(row["total_us"]);
  *spent.mutable_dial() = LengthOf(row["dial_us"]);
  call.set_attempt(pg::NameOf("attempts", row["attempt_id"]));
  call.set_customer(pg::NameOf("customers", row["customer_id"]));
  call.set_client(pg::NameOf("clients", row["client_id"]));
  if (const auto at = pg::MaybeTimeOf(row["dialled_us"])) *call.mutable_dial_time() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["call_answered_us"])) *call.mutable_answer_time() = ToProto(*at);
  if (const auto assistance = pg::BytesOf(row["assistance"]); !assistance.empty())
    CARILLON_CHECK(call.mutable_assistance()->ParseFromString(assistance));
  if (!call.attempt().empty()) pg::ReadBytes(row["destination"], *call.mutable_destination());
  return call;
}

void AddLeg(const pqxx::row& row, pb::Call& call) {
  auto& leg = *call.add_legs();
  leg.set_name(call.name() + "/legs/" + row["number"].as<std::string>());
  leg.set_role(Parsed<pb::Leg::Role>(row["role"], pb::Leg::Role_Parse));
  leg.set_state(Parsed<pb::Leg::State>(row["state"], pb::Leg::State_Parse));
  *leg.mutable_state_time() = ToProto(pg::TimeOf(row["state_us"]));
  leg.set_agent(row["agent"].as<std::string>());
  leg.set_extension(row["extension"].as<std::string>());
  leg.set_reservation(row["reservation"].as<std::string>());
  *leg.mutable_start_time() = ToProto(pg::TimeOf(row["started_us"]));
  if (const auto at = pg::MaybeTimeOf(row["connected_us"])) *leg.mutable_connect_time() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["ended_us"])) *leg.mutable_end_time() = ToProto(*at);
  if (row["hold_us"].as<std::int64_t>() != 0) *leg.mutable_hold_total() = LengthOf(row["hold_us"]);
  leg.set_cause(Parsed<pb::Call::Cause>(row["cause"], pb::Call::Cause_Parse));
  leg.set_interaction(row["interaction"].as<std::string>());
  leg.set_phone_number(row["phone_number"].as<std::string>());
  leg.set_audio(Parsed<pb::Party::Audio>(row["audio"], pb::Party::Audio_Parse));
}

Result<pb::Call> LoadBy(pg::Tx& tx, const pg::Statement& statement, const std::string& name) {
  const auto id = IdOf(name);
  if (!IsUuid(id)) return errors::CallUnknown(name);
  const auto from = pg::Time(ArrivedFrom(id));
  const auto before = pg::Time(ArrivedBefore(id));
  const auto rows = tx.Exec(statement, id, from, before);
  if (rows.empty()) return errors::CallUnknown(name);
  auto call = CallOf(rows[0]);
  for (const auto& row : tx.Exec(kLoadLegs, pg::Array(std::vector<std::string>{id}), from, before))
    AddLeg(row, call);
  return call;
}

pg::Param DataKeys(const pb::Call& call) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : call.data()) keys.push_back(key);
  return pg::Array(keys);
}

pg::Param DataValues(const pb::Call& call) {
  std::vector<std::string> values;
  for (const auto& [key, value] : call.data()) values.push_back(value);
  return pg::Array(values);
}

std::optional<TimePoint> EndOf(const pb::Call& call) {
  return domain::IsOver(call) ? std::optional(FromProto(call.state_time())) : std::nullopt;
}

std::optional<TimePoint> ReleasingSince(const pb::Call& call) {
  return call.directive().has_release() ? std::optional(FromProto(call.directive().issue_time()))
                                        : std::nullopt;
}

pg::Param TimeOrNull(bool has, const google::protobuf::Timestamp& at) {
  return pg::Time(has ? std::optional(FromProto(at)) : std::nullopt);
}

std::optional<std::string> TextOf(bool has, const google::protobuf::Timestamp& at) {
  return has ? std::optional(FormatRfc3339(FromProto(at))) : std::nullopt;
}

/// Legs and new events, one statement each.
void SaveParts(pg::Tx& tx, const domain::Change& change) {
  const auto& call = change.call;
  const auto id = IdOf(call.name());
  const auto arrived = pg::Time(FromProto(call.create_time()));
  std::vector<int> numbers;
  std::vector<std::int64_t> holds;
  std::vector<std::string> roles, states, agents, extensions, reservations, causes, interactions,
      numbers_outside, audios;
  std::vector<std::optional<std::string>> since, started, connected, ended;
  for (const auto& leg : call.legs()) {
    numbers.push_back(static_cast<int>(numbers.size()) + 1);
    roles.push_back(pb::Leg::Role_Name(leg.role()));
    states.push_back(pb::Leg::State_Name(leg.state()));
    since.push_back(TextOf(true, leg.state_time()));
    agents.push_back(leg.agent());
    extensions.push_back(leg.extension());
    reservations.push_back(leg.reservation());
    started.push_back(TextOf(true, leg.start_time()));
    connected.push_back(TextOf(leg.has_connect_time(), leg.connect_time()));
    ended.push_back(TextOf(leg.has_end_time(), leg.end_time()));
    holds.push_back(MicrosOf(leg.hold_total()));
    causes.push_back(pb::Call::Cause_Name(leg.cause()));
    interactions.push_back(leg.interaction());
    numbers_outside.push_back(leg.phone_number());
    audios.push_back(pb::Party::Audio_Name(leg.audio()));
  }
  tx.Exec(kSaveLegs, id, arrived, pg::Array(numbers), pg::Array(roles), pg::Array(states), pg::Array(since),
          pg::Array(agents), pg::Array(extensions), pg::Array(reservations), pg::Array(started),
          pg::Array(connected), pg::Array(ended), pg::Array(holds), pg::Array(causes),
          pg::Array(interactions), pg::Array(numbers_outside), pg::Array(audios));
  if (change.events.empty()) return;
  std::vector<std::int64_t> sequences;
  std::vector<std::string> types, legs, event_causes, event_states, marks, notes;
  std::vector<std::optional<std::string>> times;
  for (const auto& event : change.events) {
    sequences.push_back(event.sequence());
    types.push_back(pb::CallEvent::Type_Name(event.type()));
    times.push_back(TextOf(true, event.time()));
    legs.push_back(event.leg());
    event_causes.push_back(pb::Call::Cause_Name(event.cause()));
    event_states.push_back(pb::Call::State_Name(event.state()));
    marks.push_back(event.mark() == pb::CallEvent::MARK_UNSPECIFIED ? ""
                                                                    : pb::CallEvent::Mark_Name(event.mark()));
    notes.push_back(event.note());
  }
  tx.Exec(kAddEvents, id, arrived, pg::Array(sequences), pg::Array(types), pg::Array(times), pg::Array(legs),
          pg::Array(event_causes), pg::Array(event_states), pg::Array(marks), pg::Array(notes));
}

}  // namespace

std::optional<std::string> ReserveSwitchCall(pg::Tx& tx, const std::string& switch_id,
                                             const std::string& switch_call_id, const std::string& call_id,
                                             TimePoint arrived) {
  const auto reserved = tx.Exec(kReserveSwitchCall, switch_id, switch_call_id, call_id, pg::Time(arrived));
  if (reserved.affected_rows() == 1) return std::nullopt;
  const auto rows = tx.Exec(kFindSwitchCall, switch_id, switch_call_id);
  CARILLON_CHECK(!rows.empty());  // rows here go only by retention, weeks after the call
  return rows[0]["call_id"].as<std::string>();
}

Result<pb::Call> Load(pg::Tx& tx, const std::string& name) { return LoadBy(tx, kLoadCall, name); }

Result<pb::Call> LoadForUpdate(pg::Tx& tx, const std::string& name) { return LoadBy(tx, kLockCall, name); }

namespace {

void Insert(pg::Tx& tx, domain::Change& change) {
  auto& call = change.call;
  const auto& spent = call.durations();
  tx.Exec(kInsertCall, IdOf(call.name()), pg::Time(FromProto(call.create_time())),
          pg::Time(FromProto(call.update_time())), pb::Call::Direction_Name(call.direction()),
          pb::Call::State_Name(call.state()), pg::Time(FromProto(call.state_time())),
          pb::Call::Cause_Name(call.cause()), pg::Time(EndOf(call)), call.switch_id(), call.switch_call_id(),
          call.calling_number(), call.called_number(), call.trunk(), DataKeys(call), DataValues(call),
          pg::MaybeId(call.session()), call.session_version(), pg::MaybeId(call.interaction()),
          pg::Bytes(call.directive().SerializeAsString()), call.directive().version(),
          pg::Time(ReleasingSince(call)), call.answered_version(), call.event_count(), MicrosOf(spent.ivr()),
          MicrosOf(spent.queue()), MicrosOf(spent.ring()), MicrosOf(spent.talk()), MicrosOf(spent.hold()),
          MicrosOf(spent.total()), pg::Time(domain::DialDue(call)));
  call.set_etag("1");
}

void Update(pg::Tx& tx, domain::Change& change) {
  auto& call = change.call;
  const auto& spent = call.durations();
  const auto id = IdOf(call.name());
  const auto rows = tx.Exec(
      kUpdateCall, id, pg::Time(ArrivedFrom(id)), pg::Time(ArrivedBefore(id)),
      pg::Time(FromProto(call.update_time())), pb::Call::State_Name(call.state()),
      pg::Time(FromProto(call.state_time())), pb::Call::Cause_Name(call.cause()), pg::Time(EndOf(call)),
      DataKeys(call), DataValues(call), pg::MaybeId(call.session()), call.session_version(),
      pg::MaybeId(call.interaction()), pg::Bytes(call.directive().SerializeAsString()),
      call.directive().version(), pg::Time(ReleasingSince(call)), call.answered_version(), call.event_count(),
      MicrosOf(spent.ivr()), MicrosOf(spent.queue()), MicrosOf(spent.ring()), MicrosOf(spent.talk()),
      MicrosOf(spent.hold()), MicrosOf(spent.total()), call.switch_call_id(), call.calling_number(),
      call.called_number(), pg::MaybeId(call.attempt()), pg::MaybeId(call.customer()),
      TimeOrNull(call.has_dial_time(), call.dial_time()),
      TimeOrNull(call.has_answer_time(), call.answer_time()),
      pg::Bytes(call.destination().SerializeAsString()), pg::Time(domain::DialDue(call)),
      MicrosOf(spent.dial()), pg::MaybeId(call.client()), pg::Bytes(call.assistance().SerializeAsString()));
  CARILLON_CHECK(rows.size() == 1);  // it is locked by this transaction
  call.set_etag(rows[0]["revision"].as<std::string>());
}

template <class Event>
void AnnounceAs(pg::Tx& tx, const pb::Call& call) {
  Event event;
  *event.mutable_call() = call;
  event.mutable_call()->clear_directive();
  event.mutable_call()->clear_assistance();
  pg::Announce(tx, kCallsTopic, IdOf(call.name()), event, FromProto(call.update_time()));
}

void AnnounceChange(pg::Tx& tx, const domain::Change& change) {
  switch (change.announcement) {
    case domain::Announcement::kNone:
      return;
    case domain::Announcement::kDelivered:
      return AnnounceAs<pb::CallDelivered>(tx, change.call);
    case domain::Announcement::kDialled:
      return AnnounceAs<pb::CallDialled>(tx, change.call);
    case domain::Announcement::kAnswered:
      return AnnounceAs<pb::CallAnswered>(tx, change.call);
    case domain::Announcement::kEstablished:
      return AnnounceAs<pb::CallEstablished>(tx, change.call);
    case domain::Announcement::kHeld:
      return AnnounceAs<pb::CallHeld>(tx, change.call);
    case domain::Announcement::kRetrieved:
      return AnnounceAs<pb::CallRetrieved>(tx, change.call);
    case domain::Announcement::kTransferred:
      return AnnounceAs<pb::CallTransferred>(tx, change.call);
    case domain::Announcement::kCleared:
      return AnnounceAs<pb::CallCleared>(tx, change.call);
  }
}

}  // namespace

void Keep(pg::Tx& tx, domain::SwitchLine& line, domain::Change& change) {
  if (!change.changed) return;
  if (change.call.etag().empty())
    Insert(tx, change);
  else
    Update(tx, change);
  SaveParts(tx, change);
  AnnounceChange(tx, change);
  for (const auto& task : change.tasks)
    pg::Enqueue(tx, kCallTask, IdOf(task.assistance().empty() ? change.call.name() : task.assistance()),
                task);
  if (change.call.directive().version() == 0) return;  // no switch has heard of the call yet
  const domain::Line to{tx.call().principal.tenant, change.call.switch_id()};
  if (domain::IsOver(change.call))
    tx.AfterCommit([&line, to, last = change.call.directive()] { line.Over(to, last); });
  else if (change.redirected)
    tx.AfterCommit([&line, to, directive = change.call.directive()] { line.Direct(to, directive); });
}

std::vector<pb::Call> List(pg::Tx& tx, const Filter& filter, const std::string& after, int limit) {
  const auto rows = tx.Exec(
      kListCalls, pg::OrNull(after),
      filter.state == pb::Call::STATE_UNSPECIFIED ? pg::Param(std::nullopt)
                                                  : pg::Param(pb::Call::State_Name(filter.state)),
      filter.live, pg::OrNull(filter.called_number), pg::Time(filter.from), pg::Time(filter.to), limit);
  std::vector<pb::Call> calls;
  std::vector<std::string> ids;
  std::map<std::string, std::size_t> places;
  for (const auto& row : rows) {
    ids.push_back(row["id"].as<std::string>());
    places.emplace(ids.back(), calls.size());
    calls.push_back(CallOf(row));
  }
  if (calls.empty()) return calls;
  for (const auto& row : tx.Exec(kLoadLegs, pg::Array(ids), pg::Time(ArrivedFrom(ids.back())),
                                 pg::Time(ArrivedBefore(ids.front()))))
    AddLeg(row, calls[places.at(row["call_id"].as<std::string>())]);
  return calls;
}

std::vector<pb::CallEvent> Events(pg::Tx& tx, const std::string& call, std::int64_t after, int limit) {
  const auto id = IdOf(call);
  std::vector<pb::CallEvent> events;
  for (const auto& row :
       tx.Exec(kListEvents, id, pg::Time(ArrivedFrom(id)), pg::Time(ArrivedBefore(id)), after, limit)) {
    auto& event = events.emplace_back();
    event.set_name(call + "/events/" + row["sequence"].as<std::string>());
    event.set_sequence(row["sequence"].as<std::int64_t>());
    event.set_type(Parsed<pb::CallEvent::Type>(row["type"], pb::CallEvent::Type_Parse));
    *event.mutable_time() = ToProto(pg::TimeOf(row["at_us"]));
    event.set_leg(row["leg"].as<std::string>());
    event.set_cause(Parsed<pb::Call::Cause>(row["cause"], pb::Call::Cause_Parse));
    event.set_state(Parsed<pb::Call::State>(row["state"], pb::Call::State_Parse));
    if (!row["mark"].as<std::string>().empty())
      event.set_mark(Parsed<pb::CallEvent::Mark>(row["mark"], pb::CallEvent::Mark_Parse));
    event.set_note(row["note"].as<std::string>());
  }
  return events;
}

std::vector<pb::Directive> LiveDirectives(pg::Tx& tx, const std::string& switch_id) {
  std::vector<pb::Directive> directives;
  for (const auto& row : tx.Exec(kLiveDirectives, switch_id))
    directives.push_back(pg::OfBytes<pb::Directive>(row["directive"]));
  return directives;
}

std::vector<TenantCall> OverdueCalls(pg::Tx& tx, TimePoint arrived, TimePoint releasing, TimePoint now) {
  std::vector<TenantCall> calls;
  for (const auto& row : tx.Exec(kOverdueCalls, pg::Time(arrived), pg::Time(releasing), pg::Time(now)))
    calls.push_back({row["tenant_id"].as<std::string>(), domain::CallName(row["id"].as<std::string>())});
  return calls;
}

std::int64_t CountLive(pg::Tx& tx) { return tx.Exec(kCountLive)[0][0].as<std::int64_t>(); }

std::int64_t Forget(pg::Tx& tx, TimePoint before, int most) {
  std::int64_t gone = 0;
  for (const auto& statement : {kForgetEvents, kForgetLegs, kForgetCalls, kForgetSwitchCalls})
    gone += static_cast<std::int64_t>(tx.Exec(statement, pg::Time(before), most).affected_rows());
  return gone;
}

}  // namespace carillon::telephony::store
