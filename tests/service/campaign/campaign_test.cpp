#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <set>

#include "world.hpp"

namespace carillon::campaign {
namespace {

TEST_CASE("a campaign goes from its plan to a sale, and nobody is called who said no") {
  World w;
  for (int i = 0; i < 6; ++i) w.Customer(true, i == 0 ? "DIAMOND" : "STANDARD");
  w.Customer(false);
  const auto campaign = w.Running("spring", 1);
  CHECK(campaign.build().targets() == 6);
  CHECK(campaign.build().found() == 7);
  CHECK(campaign.build().refused().at("NO_CONSENT") == 1);
  CHECK(campaign.script_version() == 1);
  CHECK(w.Work() == std::vector<std::string>{campaign.name()});

  // Three agents, one of them reserved: two calls, and no more while those are in the air.
  const auto request = testing::SomeId();
  const auto leased = w.Lease(campaign.name(), 3, 10, request).value();
  REQUIRE(leased.leases_size() == 2);
  CHECK(w.Lease(campaign.name(), 3, 10, request).value().SerializeAsString() == leased.SerializeAsString());
  CHECK(w.Lease(campaign.name(), 3).value().leases_size() == 0);
  const auto first = w.Attempt(leased.leases(0).attempt());
  CHECK(w.Target(first.target_record()).priority() == 1);
  CHECK(first.gates(0).consent_evidence() == "form 12");

  // A token makes one call.
  const auto token = leased.leases(0).dial_token();
  const auto call = "calls/" + testing::SomeId();
  const auto redeemed = w.Redeem(token, call);
  REQUIRE(redeemed);
  CHECK(redeemed->called_number() == "+8613810000001");
  CHECK(redeemed->grade() == "DIAMOND");
  CHECK(redeemed->attached_data().at("script_version") == "1");
  CHECK(google::protobuf::util::MessageDifferencer::Equals(*w.Redeem(token, call), *redeemed));
  CHECK(w.Redeem(token, "calls/" + testing::SomeId()).error().reason == "DIAL_TOKEN_USED");
  auto forged = token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  CHECK(w.Redeem(forged, call).error().reason == "DIAL_TOKEN_INVALID");

  // The second customer takes consent back after the lease: the token is worthless, the target gone.
  const auto second = w.Attempt(leased.leases(1).attempt());
  customer::UpdateCustomerRequest no;
  no.mutable_customer()->set_name(second.customer());
  no.mutable_customer()->add_consents()->set_decision(customer::Consent::WITHDRAWN);
  no.mutable_update_mask()->add_paths("consents");
  REQUIRE(w.master->Ask<customer::Customer>(AnyCall(), "carillon.customer.v1.CustomerService/UpdateCustomer",
                                            no, 15s));
  const auto refused = w.Redeem(leased.leases(1).dial_token(), "calls/" + testing::SomeId()).error().reason;
  CHECK((refused == "DIAL_REFUSED" || refused == "DIAL_TOKEN_EXPIRED"));  // the event was as fast as we
  CHECK(w.Target(second.target_record()).state() == pb::TargetRecord::SUPPRESSED);
  CHECK(w.Target(second.target_record()).refusal() == pb::NO_CONSENT);

  // The first one buys.
  const auto connected = w.TellConnected(call, "agents/" + testing::SomeId());
  w.UntilState(first.name(), pb::Attempt::CONNECTED);
  pb::RecordDispositionRequest sold;
  sold.set_name(first.name());
  sold.set_disposition(pb::SOLD);
  CHECK(w.Ask<pb::Attempt>(*w.planner, "CampaignService/RecordDisposition", sold).error().code ==
        Code::kPermissionDenied);
  REQUIRE(w.Ask<pb::Attempt>(*w.manager, "CampaignService/RecordDisposition", sold));
  w.TellCompleted(call, "REFUSED");
  w.TellCleared(connected, telephony::Call::CUSTOMER_HUNG_UP);
  const auto ended = w.UntilState(first.name(), pb::Attempt::ENDED);
  CHECK(ended.disposition() == pb::SOLD);
  CHECK(w.Target(first.target_record()).state() == pb::TargetRecord::DONE);

  // Busy: again in fifteen minutes. A second campaign finds the buyer contacted this week.
  const auto third = w.Lease(campaign.name(), 2).value();
  REQUIRE(third.leases_size() == 1);
  const auto busy_call = "calls/" + testing::SomeId();
  REQUIRE(w.Redeem(third.leases(0).dial_token(), busy_call));
  w.TellCleared(w.CallOf(busy_call), telephony::Call::BUSY);
  const auto busy = w.UntilState(third.leases(0).attempt(), pb::Attempt::ENDED);
  CHECK(busy.disposition() == pb::BUSY);
  const auto waits = w.Target(busy.target_record());
  CHECK(waits.state() == pb::TargetRecord::QUEUED);
  CHECK(FromProto(waits.next_time()) - FromProto(busy.end_time()) == 15min);
  const auto other = w.Running("summer");
  const auto leases = w.Lease(other.name(), 10).value();
  CHECK(leases.leases_size() == 4);
  int capped = 0;
  for (const auto& target : w.Targets(other.name())) {
    if (target.customer() != first.customer()) continue;
    CHECK(target.refusal() == pb::FREQUENCY);
    CHECK(target.state() == pb::TargetRecord::QUEUED);
    CHECK(FromProto(target.next_time()) > kTen + 6 * 24h);
    ++capped;
  }
  CHECK(capped == 1);

  // A pause makes every token worthless at once.
  pb::PauseCampaignRequest pause;
  pause.set_name(other.name());
  pause.set_reason("maintenance");
  REQUIRE(w.Ask<pb::Campaign>(*w.manager, "CampaignService/PauseCampaign", pause));
  CHECK(w.Redeem(leases.leases(0).dial_token(), "calls/" + testing::SomeId()).error().reason ==
        "DIAL_TOKEN_EXPIRED");
  CHECK(w.Lease(other.name(), 10).value().leases_size() == 0);

  const auto funnel = w.Funnel(campaign.name());
  CHECK(funnel.stages(0).customers() == 6);
  CHECK(funnel.stages(1).customers() == 2);
  CHECK(funnel.stages(2).customers() == 1);
  CHECK(funnel.stages(4).customers() == 1);
  CHECK(funnel.dispositions().at("BUSY") == 1);
  CHECK(funnel.refusals().at("NO_CONSENT") == 1);
}

TEST_CASE("a promised call comes first and to the minute; do-not-call stops every offer at once") {
  World w;
  for (int i = 0; i < 4; ++i) w.Customer(true);
  const auto campaign = w.Running("promises");
  const auto dial = [&](const pb::LeaseTargetsResponse::Lease& lease) {
    const auto call = "calls/" + testing::SomeId();
    REQUIRE(w.Redeem(lease.dial_token(), call));
    return call;
  };
  const auto first = w.Lease(campaign.name(), 1).value();
  REQUIRE(first.leases_size() == 1);
  const auto call = dial(first.leases(0));
  const auto agent = "agents/" + testing::SomeId();
  const auto connected = w.TellConnected(call, agent);
  w.UntilState(first.leases(0).attempt(), pb::Attempt::CONNECTED);
  pb::RecordDispositionRequest booked;
  booked.set_name(first.leases(0).attempt());
  booked.set_disposition(pb::CALLBACK_BOOKED);
  *booked.mutable_next_callback_time() = ToProto(kTen + 2h);
  REQUIRE(w.Ask<pb::Attempt>(*w.manager, "CampaignService/RecordDisposition", booked));
  w.TellCleared(connected, telephony::Call::CUSTOMER_HUNG_UP);
  const auto ended = w.UntilState(first.leases(0).attempt(), pb::Attempt::ENDED);
  const auto promised = w.Target(ended.target_record());
  CHECK(FromProto(promised.callback_time()) == kTen + 2h);

  // A conversation's length before, the only agent is kept for the promise; then it is dialled, though the
  // week's offer is used.
  w.file.clock.Advance(kTen + 2h - 3min);
  CHECK(w.Lease(campaign.name(), 1).value().leases_size() == 0);
  CHECK(w.Lease(campaign.name(), 2, 1).value().leases_size() == 1);
  w.file.clock.Advance(kTen + 2h + 1s);
  const auto kept = w.Lease(campaign.name(), 2).value();
  REQUIRE(kept.leases_size() == 1);
  CHECK(w.Attempt(kept.leases(0).attempt()).target_record() == promised.name());
  const auto again = "calls/" + testing::SomeId();
  CHECK(w.Redeem(kept.leases(0).dial_token(), again)->agent() == agent);
  const auto funnel = w.Funnel(campaign.name());
  CHECK(funnel.callbacks_due() == 1);
  CHECK(funnel.callbacks_kept() == 1);

  // The agent hears "never again".
  const auto line = w.TellConnected(again, agent);
  w.UntilState(kept.leases(0).attempt(), pb::Attempt::CONNECTED);
  const auto other = w.Running("another");
  pb::RecordDispositionRequest never;
  never.set_name(kept.leases(0).attempt());
  never.set_disposition(pb::DO_NOT_CALL);
  REQUIRE(w.Ask<pb::Attempt>(*w.manager, "CampaignService/RecordDisposition", never));
  int stopped = 0;
  for (const auto& target : w.Targets(other.name()))
    stopped += target.customer() == promised.customer() && target.refusal() == pb::ON_DO_NOT_CALL ? 1 : 0;
  CHECK(stopped == 1);
  pb::CheckContactRequest check;
  check.set_customer(promised.customer());
  check.set_contact_class(pb::MARKETING);
  const auto gate = w.Ask<pb::GateResult>(*w.planner, "ContactPolicyService/CheckContact", check).value();
  CHECK((gate.refusal() == pb::ON_DO_NOT_CALL || gate.refusal() == pb::NO_CONSENT));

  // A number on the list stops whoever has it, with a token out or not.
  const auto out = w.Lease(other.name(), 3).value();
  REQUIRE(out.leases_size() == 2);  // the third is leased to the first campaign
  customer::GetCustomerRequest whose;
  whose.set_name(w.Attempt(out.leases(0).attempt()).customer());
  whose.set_purpose("LEGAL_REQUEST");
  pb::AddDoNotCallRequest add;
  add.mutable_do_not_call_entry()->set_number(
      w.master
          ->Ask<customer::Customer>(AnyCall(), "carillon.customer.v1.CustomerService/GetCustomer", whose, 15s)
          ->contacts(0)
          .number());
  const auto entry = w.Ask<pb::DoNotCallEntry>(*w.manager, "ContactPolicyService/AddDoNotCall", add);
  REQUIRE(entry);
  CHECK(entry->number().empty());
  const auto refused = w.Redeem(out.leases(0).dial_token(), "calls/" + testing::SomeId());
  CHECK(refused.error().reason == "DIAL_REFUSED");
  CHECK(refused.error().metadata.at("refusal") == "ON_DO_NOT_CALL");
}

TEST_CASE(
    "many dialers, two campaigns and a crash: everybody is dialled once, never more than agents are free") {
  constexpr int kCustomers = 40;
  constexpr int kReady = 6;
  World w;
  for (int i = 0; i < kCustomers; ++i) w.Customer(true);
  const auto one = w.Running("one");
  const auto two = w.Running("two");
  std::mutex mutex;
  std::map<std::string, std::set<std::string>> calls;  // by customer
  std::atomic<bool> done = false;
  std::atomic<int> most = 0, problems = 0;

  const auto dialer = [&](unsigned seed) {
    std::mt19937 random(seed);
    kafka::Producer events(testing::Brokers());
    while (!done) {
      const auto& campaign = random() % 2 == 0 ? one : two;
      const auto leased = w.Lease(campaign.name(), kReady, 3);
      if (!leased || leased->leases().empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
      if (!leased) continue;
      for (const auto& lease : leased->leases()) {
        if (random() % 8 == 0) continue;  // this dialer died with the lease
        const auto call = "calls/" + testing::SomeId();
        auto redeemed = w.Redeem(lease.dial_token(), call);
        while (!redeemed && IsTransient(redeemed.error()) && !done)
          redeemed = w.Redeem(lease.dial_token(), call);
        if (!redeemed) {
          problems +=
              redeemed.error().reason != "DIAL_TOKEN_EXPIRED" && redeemed.error().reason != "DIAL_REFUSED";
          continue;
        }
        {
          const std::lock_guard lock(mutex);
          calls[redeemed->customer()].insert(call);
        }
        telephony::CallCleared event;
        auto& cleared = *event.mutable_call();
        cleared = w.CallOf(call);
        cleared.set_state(telephony::Call::CLEARED);
        cleared.set_cause(telephony::Call::CUSTOMER_HUNG_UP);
        *cleared.mutable_answer_time() = ToProto(w.file.clock.Now());
        *cleared.mutable_state_time() = ToProto(w.file.clock.Now());
        auto& leg = *cleared.add_legs();
        leg.set_role(telephony::Leg::AGENT);
        leg.set_agent("agents/" + testing::SomeId());
        *leg.mutable_connect_time() = ToProto(w.file.clock.Now());
        const auto told = w.EventOf("carillon.telephony.calls.v1", call.substr(6), event);
        while (!events.Send({told})) std::this_thread::sleep_for(10ms);
      }
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(dialer, seed);
  pqxx::connection db(w.on.database("campaign").admin_url());
  const auto end = std::chrono::steady_clock::now() + 180s;
  bool crashed = false;
  for (int turn = 0; std::chrono::steady_clock::now() < end; ++turn) {
    pqxx::work tx(db);
    const auto rows = tx.exec(
        "SELECT queue_id, count(*) AS n, count(*) FILTER (WHERE state <> 'LEASED') AS called "
        "FROM attempts WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED') GROUP BY 1");
    int called = 0;
    for (const auto& row : rows) {
      most = std::max<int>(most, row["n"].as<int>());
      called += row["called"].as<int>();
    }
    tx.commit();
    std::size_t reached = 0;
    {
      const std::lock_guard lock(mutex);
      reached = calls.size();
    }
    if (!crashed && reached >= kCustomers / 4) {
      w.on.service("campaign").CrashAndRestart();
      crashed = true;
    }
    if (reached == kCustomers) break;
    // Business time passes, so that leases of the dead come back; not while a call's end is on its way, or
    // a slow machine would make a call of hours of it.
    if (turn % 10 == 9 && called == 0) w.file.clock.Advance(w.file.clock.Now() + 1min);
    std::this_thread::sleep_for(30ms);
  }
  done = true;
  threads.clear();
  CHECK(crashed);
  CHECK(problems == 0);
  CHECK(most <= kReady);
  CHECK(most > 0);
  CHECK(calls.size() == kCustomers);
  // A customer is an offer's contact once a week, whichever campaign was first.
  for (const auto& [name, made] : calls) CHECK(made.size() == 1);

  // What was left lying is given back or concluded: nobody hangs.
  w.file.clock.Advance(w.file.clock.Now() + 2h);
  const auto stuck = w.Until<int>(
      [&] {
        pqxx::work tx(db);
        return tx
            .exec(
                "SELECT count(*) FROM attempts WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED', "
                "'CONNECTED')")[0][0]
            .as<int>();
      },
      [](int n) { return n == 0; });
  CHECK(stuck == 0);
  int finished = 0;
  for (const auto* campaign : {&one, &two})
    for (const auto& target : w.Targets(campaign->name())) {
      CHECK((target.state() == pb::TargetRecord::DONE || target.state() == pb::TargetRecord::QUEUED));
      finished += target.state() == pb::TargetRecord::DONE ? 1 : 0;
    }
  CHECK(finished == kCustomers);
}

}  // namespace
}  // namespace carillon::campaign
