#include "insight/store/facts.hpp"

#include <functional>

#include "base/proto_time.hpp"
#include "insight/domain/outcome.hpp"
#include "insight/store/statements.hpp"

namespace carillon::insight::store {
namespace {

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }
pg::Param MaybeId(const std::string& name) {
  return name.empty() ? pg::Param(std::nullopt) : pg::Param(IdOf(name));
}
pg::Param MaybeTime(bool has, const google::protobuf::Timestamp& at) {
  return has ? pg::Time(FromProto(at)) : pg::Param(std::nullopt);
}
std::int64_t Micros(const google::protobuf::Duration& length) { return FromProto(length).count(); }

std::string NameOf(const char* collection, const pqxx::field& id) {
  return id.is_null() ? "" : std::string(collection) + "/" + id.c_str();
}
google::protobuf::Duration LengthOf(const pqxx::field& micros) {
  return ToProto(Duration{micros.as<std::int64_t>()});
}
template <class Fact>
void SetEnd(Fact& fact, const pqxx::field& micros) {
  if (!micros.is_null()) *fact.mutable_end_time() = ToProto(pg::TimeOf(micros));
}
template <class Enum>
Enum ValueOf(const pqxx::field& field, bool (*parse)(google::protobuf::ConstStringParam, Enum*)) {
  Enum value{};
  parse(std::string(field.c_str()), &value);
  return value;
}

/// The client of a call is known by what came of it.
void TellCall(pg::Tx& tx, const std::string& call, const std::string& client) {
  if (call.empty()) return;
  tx.Exec(sql::kLockCall, IdOf(call));
  if (!client.empty()) tx.Exec(sql::kClientOfCall, IdOf(call), IdOf(client));
}

pb::Fact InteractionRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_interaction();
  out.set_interaction(NameOf("interactions", row["id"]));
  out.set_call(NameOf("calls", row["call_id"]));
  out.set_client(NameOf("clients", row["client_id"]));
  out.set_channel(ValueOf<carillon::type::v1::Channel>(row["channel"], carillon::type::v1::Channel_Parse));
  out.set_queue(NameOf("queues", row["queue_id"]));
  out.set_agent(NameOf("agents", row["agent_id"]));
  out.set_customer(NameOf("customers", row["customer_id"]));
  out.set_result(ValueOf<pb::InteractionFact::Result>(row["result"], pb::InteractionFact::Result_Parse));
  *out.mutable_arrive_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  *out.mutable_wait() = LengthOf(row["wait_us"]);
  *out.mutable_ring() = LengthOf(row["ring_us"]);
  *out.mutable_talk() = LengthOf(row["talk_us"]);
  *out.mutable_hold() = LengthOf(row["hold_us"]);
  *out.mutable_wrap() = LengthOf(row["wrap_us"]);
  out.set_disposition(row["disposition"].c_str());
  return fact;
}

pb::Fact SessionRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_session();
  out.set_session(NameOf("sessions", row["id"]));
  out.set_call(NameOf("calls", row["call_id"]));
  out.set_client(NameOf("clients", row["client_id"]));
  out.set_customer(NameOf("customers", row["customer_id"]));
  out.set_result(row["result"].c_str());
  out.set_path(row["path"].c_str());
  *out.mutable_start_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  return fact;
}

pb::Fact CallRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_call();
  out.set_call(NameOf("calls", row["id"]));
  out.set_client(NameOf("clients", row["client_id"]));
  *out.mutable_arrive_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  out.set_cause(row["cause"].c_str());
  out.set_outcome(
      domain::OutcomeOf({row["over"].as<bool>(), row["cause"].c_str(), row["session_named"].as<bool>(),
                         row["interaction_named"].as<bool>(), row["session_result"].c_str(),
                         row["served"].as<bool>(), row["gone"].as<bool>(), row["waiting"].as<bool>()}));
  return fact;
}

pb::Fact AgentStateRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_agent_state();
  out.set_agent(NameOf("agents", row["agent_id"]));
  out.set_session(NameOf("agentSessions", row["id"]));
  out.set_state(row["state"].c_str());
  out.set_reason(row["reason"].c_str());
  *out.mutable_start_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  return fact;
}

pb::Fact OrderRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_order();
  out.set_work_order(NameOf("workOrders", row["id"]));
  out.set_client(NameOf("clients", row["client_id"]));
  out.set_type(row["type"].c_str());
  out.set_state(row["state"].c_str());
  out.set_priority(row["priority"].c_str());
  out.set_interaction(NameOf("interactions", row["interaction_id"]));
  out.set_desk(NameOf("desks", row["desk_id"]));
  *out.mutable_create_time() = ToProto(pg::TimeOf(row["at_us"]));
  if (const auto at = pg::MaybeTimeOf(row["completed_us"])) *out.mutable_complete_time() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["closed_us"])) *out.mutable_close_time() = ToProto(*at);
  out.set_revisited(row["revisited"].as<bool>());
  out.set_overdue(row["overdue"].as<bool>());
  out.set_reopened_count(row["reopened_count"].as<int>());
  out.set_first_contact_resolution(row["first_contact"].as<bool>());
  return fact;
}

}  // namespace

void Put(pg::Tx& tx, const pb::CallFact& call, const std::string& session, const std::string& interaction,
         TimePoint as_of) {
  tx.Exec(sql::kLockCall, IdOf(call.call()));
  tx.Exec(sql::kPutCall, IdOf(call.call()), pg::Time(FromProto(call.arrive_time())),
          MaybeTime(call.has_end_time(), call.end_time()), call.cause(), MaybeId(session),
          MaybeId(interaction), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::SessionFact& session, TimePoint as_of) {
  TellCall(tx, session.call(), session.client());
  tx.Exec(sql::kPutSession, IdOf(session.session()), pg::Time(FromProto(session.start_time())),
          IdOf(session.call()), MaybeId(session.client()), MaybeId(session.customer()), session.result(),
          session.path(), MaybeTime(session.has_end_time(), session.end_time()), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::InteractionFact& interaction, TimePoint as_of) {
  TellCall(tx, interaction.call(), interaction.client());
  tx.Exec(sql::kPutInteraction, IdOf(interaction.interaction()),
          pg::Time(FromProto(interaction.arrive_time())), MaybeId(interaction.call()),
          MaybeId(interaction.client()), carillon::type::v1::Channel_Name(interaction.channel()),
          MaybeId(interaction.queue()), MaybeId(interaction.agent()), MaybeId(interaction.customer()),
          pb::InteractionFact::Result_Name(interaction.result()),
          MaybeTime(interaction.has_end_time(), interaction.end_time()), Micros(interaction.wait()),
          Micros(interaction.ring()), Micros(interaction.talk()), Micros(interaction.hold()),
          Micros(interaction.wrap()), interaction.disposition(), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::AgentStateFact& state, std::int64_t change) {
  tx.Exec(sql::kPutAgentState, IdOf(state.session()), change, pg::Time(FromProto(state.start_time())),
          IdOf(state.agent()), state.state(), state.reason(),
          MaybeTime(state.has_end_time(), state.end_time()));
}

void Put(pg::Tx& tx, const pb::OrderFact& order, TimePoint as_of) {
  tx.Exec(sql::kPutOrder, IdOf(order.work_order()), pg::Time(FromProto(order.create_time())),
          MaybeId(order.client()), order.type(), order.state(), order.priority(),
          MaybeId(order.interaction()), MaybeId(order.desk()),
          MaybeTime(order.has_complete_time(), order.complete_time()),
          MaybeTime(order.has_close_time(), order.close_time()), order.revisited(), order.overdue(),
          order.reopened_count(), order.first_contact_resolution(), pg::Time(as_of));
}

void NoteDead(pg::Tx& tx, const pg::EventId& event, const std::string& reason) {
  tx.Exec(sql::kNoteDead, event.event_id, event.topic, event.type, reason, pg::Time(tx.now()));
}

Page List(pg::Tx& tx, const pb::ListFactsRequest& in, const std::string& after, int size) {
  // "<microseconds>/<id>/<change>"
  const auto first = after.find('/');
  const auto second = after.find('/', first + 1);
  const pg::Param at =
      after.empty() ? pg::Param(std::nullopt)
                    : pg::Time(TimePoint{std::chrono::microseconds{std::stoll(after.substr(0, first))}});
  const pg::Param id =
      after.empty() ? pg::Param(std::nullopt) : pg::Param(after.substr(first + 1, second - first - 1));
  const auto from = pg::Time(FromProto(in.start_time()));
  const auto to = pg::Time(FromProto(in.end_time()));
  const auto client = MaybeId(in.client());
  Page page;
  const auto collect = [&](const pqxx::result& rows, pb::Fact (*fact)(const pqxx::row&), bool numbered) {
    for (const auto& row : rows) {
      if (static_cast<int>(page.facts.size()) == size) {
        const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
        page.next = std::string(last["at_us"].c_str()) + "/" + last["id"].c_str() + "/" +
                    (numbered ? last["change"].c_str() : "0");
        return;
      }
      page.facts.push_back(fact(row));
    }
  };
  switch (in.kind()) {
    case pb::ListFactsRequest::INTERACTIONS:
      collect(tx.Exec(sql::kInteractions, from, to, client, at, id, size + 1), InteractionRow, false);
      break;
    case pb::ListFactsRequest::SESSIONS:
      collect(tx.Exec(sql::kSessions, from, to, client, at, id, size + 1), SessionRow, false);
      break;
    case pb::ListFactsRequest::CALLS:
      collect(tx.Exec(sql::kCalls, from, to, client, at, id, size + 1), CallRow, false);
      break;
    case pb::ListFactsRequest::AGENT_STATES:
      collect(tx.Exec(sql::kAgentStates, from, to, client, at, id, size + 1,
                      after.empty() ? pg::Param(std::nullopt) : pg::Param(after.substr(second + 1))),
              AgentStateRow, true);
      break;
    case pb::ListFactsRequest::ORDERS:
      collect(tx.Exec(sql::kOrders, from, to, client, at, id, size + 1), OrderRow, false);
      break;
    default:
      break;
  }
  return page;
}

}  // namespace carillon::insight::store
