#include "insight/store/facts.hpp"

#include <functional>

#include "base/proto_time.hpp"
#include "insight/domain/outcome.hpp"
#include "insight/store/rows.hpp"
#include "insight/store/statements.hpp"

namespace carillon::insight::store {
namespace {

std::int64_t Micros(const google::protobuf::Duration& length) { return FromProto(length).count(); }

google::protobuf::Duration LengthOf(const pqxx::field& micros) {
  return ToProto(Duration{micros.as<std::int64_t>()});
}
/// Sets the time `field` gives, unless the column is NULL.
template <class Field>
void SetTime(const pqxx::field& micros, Field field) {
  if (!micros.is_null()) *field() = ToProto(pg::TimeOf(micros));
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
  out.set_interaction(pg::NameOf("interactions", row["id"]));
  out.set_call(pg::NameOf("calls", row["call_id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  out.set_channel(ValueOf<carillon::type::v1::Channel>(row["channel"], carillon::type::v1::Channel_Parse));
  out.set_queue(pg::NameOf("queues", row["queue_id"]));
  out.set_agent(pg::NameOf("agents", row["agent_id"]));
  out.set_customer(pg::NameOf("customers", row["customer_id"]));
  out.set_result(ValueOf<pb::InteractionFact::Result>(row["result"], pb::InteractionFact::Result_Parse));
  *out.mutable_arrive_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  *out.mutable_wait() = LengthOf(row["wait_us"]);
  *out.mutable_ring() = LengthOf(row["ring_us"]);
  *out.mutable_talk() = LengthOf(row["talk_us"]);
  *out.mutable_hold() = LengthOf(row["hold_us"]);
  *out.mutable_wrap() = LengthOf(row["wrap_us"]);
  out.set_disposition(row["disposition"].c_str());
  out.set_direction(ValueOf<pb::Direction>(row["direction"], pb::Direction_Parse));
  return fact;
}

pb::Fact SessionRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_session();
  out.set_session(pg::NameOf("sessions", row["id"]));
  out.set_call(pg::NameOf("calls", row["call_id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  out.set_customer(pg::NameOf("customers", row["customer_id"]));
  out.set_result(row["result"].c_str());
  out.set_path(row["path"].c_str());
  *out.mutable_start_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  return fact;
}

pb::Fact CallRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_call();
  out.set_call(pg::NameOf("calls", row["id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  *out.mutable_arrive_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  out.set_cause(row["cause"].c_str());
  out.set_outcome(domain::OutcomeOf(ShapeOf(row)));
  out.set_direction(ValueOf<pb::Direction>(row["direction"], pb::Direction_Parse));
  out.set_attempt(pg::NameOf("attempts", row["attempt_id"]));
  SetTime(row["dialled_us"], [&] { return out.mutable_dial_time(); });
  SetTime(row["answered_us"], [&] { return out.mutable_answer_time(); });
  return fact;
}

pb::Fact AgentStateRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_agent_state();
  out.set_agent(pg::NameOf("agents", row["agent_id"]));
  out.set_session(pg::NameOf("agentSessions", row["id"]));
  out.set_state(row["state"].c_str());
  out.set_reason(row["reason"].c_str());
  *out.mutable_start_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetEnd(out, row["ended_us"]);
  return fact;
}

pb::Fact OrderRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_order();
  out.set_work_order(pg::NameOf("workOrders", row["id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  out.set_type(row["type"].c_str());
  out.set_state(row["state"].c_str());
  out.set_priority(row["priority"].c_str());
  out.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
  out.set_desk(pg::NameOf("desks", row["desk_id"]));
  *out.mutable_create_time() = ToProto(pg::TimeOf(row["at_us"]));
  if (const auto at = pg::MaybeTimeOf(row["completed_us"])) *out.mutable_complete_time() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["closed_us"])) *out.mutable_close_time() = ToProto(*at);
  out.set_revisited(row["revisited"].as<bool>());
  out.set_overdue(row["overdue"].as<bool>());
  out.set_reopened_count(row["reopened_count"].as<int>());
  out.set_first_contact_resolution(row["first_contact"].as<bool>());
  return fact;
}

pb::Fact AttemptRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_attempt();
  out.set_attempt(pg::NameOf("attempts", row["id"]));
  out.set_campaign(pg::NameOf("campaigns", row["campaign_id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  out.set_target_record(pg::NameOf("targetRecords", row["target_record_id"]));
  out.set_customer(pg::NameOf("customers", row["customer_id"]));
  out.set_number(row["number"].as<int>());
  out.set_state(row["state"].c_str());
  out.set_disposition(row["disposition"].c_str());
  out.set_offer(row["offer"].c_str());
  *out.mutable_dial_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetTime(row["answered_us"], [&] { return out.mutable_answer_time(); });
  SetTime(row["connected_us"], [&] { return out.mutable_connect_time(); });
  SetEnd(out, row["ended_us"]);
  SetTime(row["callback_us"], [&] { return out.mutable_callback_time(); });
  SetTime(row["next_callback_us"], [&] { return out.mutable_next_callback_time(); });
  out.set_call(pg::NameOf("calls", row["call_id"]));
  out.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
  out.set_agent(pg::NameOf("agents", row["agent_id"]));
  *out.mutable_talk() = LengthOf(row["talk_us"]);
  return fact;
}

pb::Fact EvaluationRow(const pqxx::row& row) {
  pb::Fact fact;
  auto& out = *fact.mutable_evaluation();
  out.set_evaluation(pg::NameOf("evaluations", row["id"]));
  out.set_plan(pg::NameOf("samplePlans", row["plan_id"]));
  out.set_client(pg::NameOf("clients", row["client_id"]));
  out.set_agent(pg::NameOf("agents", row["agent_id"]));
  out.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
  out.set_direction(ValueOf<pb::Direction>(row["direction"], pb::Direction_Parse));
  out.set_state(row["state"].c_str());
  if (!row["total"].is_null()) out.set_total(row["total"].as<int>());
  out.set_passed(row["passed"].as<bool>());
  for (auto& veto : pg::ArrayOf(row["vetoes"])) out.add_vetoes(std::move(veto));
  *out.mutable_draw_time() = ToProto(pg::TimeOf(row["at_us"]));
  SetTime(row["scored_us"], [&] { return out.mutable_score_time(); });
  SetTime(row["published_us"], [&] { return out.mutable_publish_time(); });
  return fact;
}

}  // namespace

void Put(pg::Tx& tx, const pb::CallFact& call, const std::string& session, const std::string& interaction,
         TimePoint as_of) {
  tx.Exec(sql::kLockCall, IdOf(call.call()));
  tx.Exec(sql::kPutCall, IdOf(call.call()), pg::Time(FromProto(call.arrive_time())),
          pg::MaybeTime(call.has_end_time(), call.end_time()), call.cause(), pg::MaybeId(session),
          pg::MaybeId(interaction), pb::Direction_Name(call.direction()), pg::MaybeId(call.attempt()),
          pg::MaybeTime(call.has_dial_time(), call.dial_time()),
          pg::MaybeTime(call.has_answer_time(), call.answer_time()), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::SessionFact& session, TimePoint as_of) {
  TellCall(tx, session.call(), session.client());
  tx.Exec(sql::kPutSession, IdOf(session.session()), pg::Time(FromProto(session.start_time())),
          IdOf(session.call()), pg::MaybeId(session.client()), pg::MaybeId(session.customer()),
          session.result(), session.path(), pg::MaybeTime(session.has_end_time(), session.end_time()),
          pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::InteractionFact& interaction, TimePoint as_of) {
  TellCall(tx, interaction.call(), interaction.client());
  tx.Exec(sql::kPutInteraction, IdOf(interaction.interaction()),
          pg::Time(FromProto(interaction.arrive_time())), pg::MaybeId(interaction.call()),
          pg::MaybeId(interaction.client()), carillon::type::v1::Channel_Name(interaction.channel()),
          pg::MaybeId(interaction.queue()), pg::MaybeId(interaction.agent()),
          pg::MaybeId(interaction.customer()), pb::InteractionFact::Result_Name(interaction.result()),
          pg::MaybeTime(interaction.has_end_time(), interaction.end_time()), Micros(interaction.wait()),
          Micros(interaction.ring()), Micros(interaction.talk()), Micros(interaction.hold()),
          Micros(interaction.wrap()), interaction.disposition(), pb::Direction_Name(interaction.direction()),
          pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::AgentStateFact& state, std::int64_t change) {
  tx.Exec(sql::kPutAgentState, IdOf(state.session()), change, pg::Time(FromProto(state.start_time())),
          IdOf(state.agent()), state.state(), state.reason(),
          pg::MaybeTime(state.has_end_time(), state.end_time()));
}

void Put(pg::Tx& tx, const pb::OrderFact& order, TimePoint as_of) {
  tx.Exec(sql::kPutOrder, IdOf(order.work_order()), pg::Time(FromProto(order.create_time())),
          pg::MaybeId(order.client()), order.type(), order.state(), order.priority(),
          pg::MaybeId(order.interaction()), pg::MaybeId(order.desk()),
          pg::MaybeTime(order.has_complete_time(), order.complete_time()),
          pg::MaybeTime(order.has_close_time(), order.close_time()), order.revisited(), order.overdue(),
          order.reopened_count(), order.first_contact_resolution(), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::CampaignFact& campaign, TimePoint as_of) {
  std::vector<std::string> refusals;
  std::vector<std::int64_t> refused;
  for (const auto& [refusal, count] : campaign.refused()) {
    refusals.push_back(refusal);
    refused.push_back(count);
  }
  tx.Exec(sql::kPutCampaign, IdOf(campaign.campaign()), pg::MaybeId(campaign.client()), campaign.code(),
          campaign.display_name(), campaign.purpose(), campaign.state(), campaign.targets(),
          pg::Array(refusals), pg::Array(refused),
          pg::MaybeTime(campaign.has_build_time(), campaign.build_time()), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::AttemptFact& attempt, int rank, TimePoint as_of) {
  const auto dialled = pg::Time(FromProto(attempt.dial_time()));
  tx.Exec(sql::kPutAttempt, IdOf(attempt.attempt()), dialled, IdOf(attempt.campaign()),
          pg::MaybeId(attempt.client()), IdOf(attempt.target_record()), pg::MaybeId(attempt.customer()),
          attempt.number(), attempt.state(), rank, attempt.disposition(),
          pg::MaybeTime(attempt.has_answer_time(), attempt.answer_time()),
          pg::MaybeTime(attempt.has_connect_time(), attempt.connect_time()),
          pg::MaybeTime(attempt.has_end_time(), attempt.end_time()),
          pg::MaybeTime(attempt.has_callback_time(), attempt.callback_time()),
          pg::MaybeTime(attempt.has_next_callback_time(), attempt.next_callback_time()),
          pg::MaybeId(attempt.call()), pg::MaybeId(attempt.interaction()), pg::MaybeId(attempt.agent()),
          Micros(attempt.talk()), pg::Time(as_of));
  if (!attempt.offer().empty()) tx.Exec(sql::kPutOffer, IdOf(attempt.attempt()), dialled, attempt.offer());
}

void Put(pg::Tx& tx, const pb::RefusalFact& refusal, const std::string& event_id) {
  tx.Exec(sql::kPutRefusal, event_id, pg::Time(FromProto(refusal.refuse_time())),
          IdOf(refusal.target_record()), IdOf(refusal.campaign()), refusal.refusal());
}

void Put(pg::Tx& tx, const pb::QuotaFact& quota, TimePoint as_of) {
  std::vector<std::string> bands, reasons;
  std::vector<std::int64_t> missing;
  for (const auto& shortfall : quota.shortfalls()) {
    bands.push_back(shortfall.band());
    reasons.push_back(shortfall.reason());
    missing.push_back(shortfall.count());
  }
  tx.Exec(sql::kPutQuota, IdOf(quota.plan()), IdOf(quota.agent()), pg::MaybeId(quota.client()),
          pg::Time(FromProto(quota.draw_time())), quota.planned(), quota.drawn(), pg::Array(bands),
          pg::Array(reasons), pg::Array(missing), pg::Time(as_of));
}

void Put(pg::Tx& tx, const pb::EvaluationFact& evaluation, int rank, TimePoint as_of) {
  tx.Exec(sql::kPutEvaluation, IdOf(evaluation.evaluation()), pg::Time(FromProto(evaluation.draw_time())),
          pg::MaybeId(evaluation.plan()), pg::MaybeId(evaluation.client()), IdOf(evaluation.agent()),
          pg::MaybeId(evaluation.interaction()), pb::Direction_Name(evaluation.direction()),
          evaluation.state(), rank,
          evaluation.has_total() ? pg::Param(evaluation.total()) : pg::Param(std::nullopt),
          evaluation.passed(),
          pg::Array(std::vector<std::string>(evaluation.vetoes().begin(), evaluation.vetoes().end())),
          pg::MaybeTime(evaluation.has_score_time(), evaluation.score_time()),
          pg::MaybeTime(evaluation.has_publish_time(), evaluation.publish_time()), pg::Time(as_of));
}

void NoteDead(pg::Tx& tx, const pg::EventId& event, const std::string& reason) {
  tx.Exec(sql::kNoteDead, event.event_id, event.topic, event.type, reason, pg::Time(tx.now()));
}

Page List(pg::Tx& tx, const pb::ListFactsRequest& in, const std::string& after, int size) {
  // "<microseconds>/<id>/<change>"
  const auto second = after.rfind('/');
  const auto [at, id] = pg::After(std::string_view(after).substr(0, second));
  const auto from = pg::Time(FromProto(in.start_time()));
  const auto to = pg::Time(FromProto(in.end_time()));
  const auto client = pg::MaybeId(in.client());
  Page page;
  const auto collect = [&](const pqxx::result& rows, pb::Fact (*fact)(const pqxx::row&), bool numbered) {
    for (const auto& row : rows) {
      if (static_cast<int>(page.facts.size()) == size) {
        const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
        page.next = pg::KeyOf(last["at_us"], last["id"]) + "/" + (numbered ? last["change"].c_str() : "0");
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
    case pb::ListFactsRequest::ATTEMPTS:
      collect(tx.Exec(sql::kAttempts, from, to, client, at, id, size + 1), AttemptRow, false);
      break;
    case pb::ListFactsRequest::EVALUATIONS:
      collect(tx.Exec(sql::kEvaluations, from, to, client, at, id, size + 1), EvaluationRow, false);
      break;
    default:
      break;
  }
  return page;
}

}  // namespace carillon::insight::store
