#include "campaign/store/attempts.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "campaign/api/gatekeeper.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/events/line.hpp"
#include "campaign/jobs/sweep.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/policy.hpp"
#include "testing/database.hpp"

namespace carillon::campaign {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::campaign::v1;
namespace customer = carillon::customer::v1;
namespace telephony = carillon::telephony::v1;

testing::Database& Db() {
  static testing::Database db("campaign");
  return db;
}

/// 2026-04-01 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};

/// A tenant over the real database; the customer master is not asked here.
struct House {
  Settings settings;
  pg::Pool db{Db().app_url(), 8, "campaign-test"};
  pg::Pool worker{Db().worker_url(), 2, "campaign-test"};
  rpc::Peer nobody{"127.0.0.1:1", {}, nullptr};
  api::Deps deps{db,
                 worker,
                 nobody,
                 settings,
                 calendar::TimeZone::Load("Asia/Shanghai").value(),
                 store::Vault::Make("intl", "t1:0123456789abcdef0123456789abcdef").value(),
                 {"askers", 2, 16}};
  std::string tenant = testing::SomeId();
  std::string client = testing::SomeId();
  TimePoint now = kTen;

  Call Service() const {
    auto call = testing::CallOf(tenant, {}, "services/campaign");
    call.principal.service = true;
    call.now = now;
    return call;
  }
  template <class Fn>
  auto Write(Fn fn) {
    return db.Write(Service(), fn);
  }

  pb::Campaign Running(const std::vector<std::string>& customers, const std::string& queue) {
    pb::Campaign campaign;
    campaign.set_name("campaigns/" + NewId(now));
    campaign.set_client("clients/" + client);
    campaign.set_code(testing::SomeId());
    campaign.set_contact_class(pb::MARKETING);
    campaign.set_queue(queue);
    campaign.set_state(pb::Campaign::RUNNING);
    campaign.set_etag("1");
    *campaign.mutable_create_time() = ToProto(now);
    *campaign.mutable_update_time() = ToProto(now);
    REQUIRE(Write([&](pg::Tx& tx) -> Result<void> {
      TRY_VOID(store::SaveCampaign(tx, campaign));
      std::vector<pb::TargetRecord> targets;
      for (const auto& customer : customers) {
        auto& target = targets.emplace_back();
        target.set_name("targetRecords/" + NewId(now));
        target.set_campaign(campaign.name());
        target.set_customer(customer);
        target.set_priority(5);
        target.set_state(pb::TargetRecord::QUEUED);
        *target.mutable_next_time() = ToProto(now);
      }
      CHECK(store::AddTargets(tx, campaign, targets) == static_cast<int>(customers.size()));
      CHECK(store::AddTargets(tx, campaign, targets) == 0);  // a customer is a target once
      return Ok();
    }));
    return campaign;
  }

  /// Claims and asks the gate, as a lease does around its questions to the customer master.
  Result<std::vector<pb::AttemptRecord>> Lease(const pb::Campaign& campaign, int most) {
    TRY(const auto claimed, Write([&](pg::Tx& tx) -> Result<std::vector<pb::AttemptRecord>> {
          store::LockQueue(tx, campaign.queue());
          return store::ClaimTargets(tx, {campaign, "dialer-1", "", now + 10min}, most);
        }));
    std::map<std::string, clients::Customer> customers;
    std::vector<std::string> names;
    for (const auto& record : claimed) {
      clients::Customer customer;
      customer.name = record.attempt().customer();
      customer.person.has_number = true;
      customer.person.consents = {{domain::Consent::Purpose::kMarketing, true, kTen, ""}};
      customers.emplace(customer.name, customer);
      names.push_back(record.attempt().name());
    }
    return Write([&](pg::Tx& tx) -> Result<std::vector<pb::AttemptRecord>> {
      std::vector<pb::AttemptRecord> passed;
      auto waiting = store::LockUnchecked(tx, names);
      const auto gates = api::AskGate(tx, deps, campaign, waiting, customers);
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (gates[i].refusal() != pb::REFUSAL_UNSPECIFIED) {
          TRY_VOID(store::Refuse(tx, waiting[i], gates[i]));
          continue;
        }
        store::Check(tx, waiting[i], gates[i]);
        passed.push_back(waiting[i]);
      }
      return passed;
    });
  }
  std::string Dial(const pb::AttemptRecord& leased) {
    const auto call = "calls/" + testing::SomeId();
    REQUIRE(Write([&](pg::Tx& tx) -> Result<void> {
      TRY(auto record, store::LockAttempt(tx, leased.attempt().name()));
      return store::Dial(tx, record, call, {});
    }));
    return call;
  }
  template <class Tell>
  void Learn(const std::string& call, Tell tell) {
    REQUIRE(Write([&](pg::Tx& tx) -> Result<void> {
      const auto before = store::LockAttemptOfCall(tx, call);
      auto after = *before;
      tell(after);
      return store::Learn(tx, *before, after);
    }));
  }
  pb::TargetRecord Target(const pb::AttemptRecord& record) {
    return db
        .Read(Service(), [&](pg::Tx& tx) { return store::LoadTarget(tx, record.attempt().target_record()); })
        .value();
  }
  void Sweep() {
    jobs::Sweep(Service(), deps, [&](const std::string& of) {
      auto call = Service();
      call.principal.tenant = of;
      return call;
    });
  }
  int Count(const std::string& what) {
    pqxx::connection connection(Db().admin_url());
    pqxx::work tx(connection);
    return tx.exec("SELECT count(*) FROM " + what + " AND tenant_id = '" + tenant + "'")[0][0].as<int>();
  }
};

std::vector<std::string> Customers(int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) names.push_back("customers/" + testing::SomeId());
  return names;
}

TEST_CASE("dialers at once never lease one target twice, nor one customer for two campaigns") {
  House house;
  const auto customers = Customers(60);
  const std::vector<pb::Campaign> campaigns = {house.Running(customers, "queues/" + testing::SomeId()),
                                               house.Running(customers, "queues/" + testing::SomeId()),
                                               house.Running(customers, "queues/" + testing::SomeId())};
  std::mutex mutex;
  std::map<std::string, int> of_target, of_customer;
  std::atomic<int> problems = 0;
  {
    std::vector<std::jthread> dialers;
    for (unsigned seed = 1; seed <= 6; ++seed) {
      dialers.emplace_back([&, seed] {
        std::mt19937 random(seed);
        for (int turn = 0; turn < 25; ++turn) {
          const auto leased =
              house.Lease(campaigns[random() % campaigns.size()], 1 + static_cast<int>(random() % 6));
          if (!leased) {
            ++problems;
            continue;
          }
          const std::lock_guard lock(mutex);
          for (const auto& record : *leased) {
            ++of_target[record.attempt().target_record()];
            ++of_customer[record.attempt().customer()];
          }
        }
      });
    }
  }
  CHECK(problems == 0);
  CHECK(of_target.size() == customers.size());
  for (const auto& [name, times] : of_target) CHECK(times == 1);
  for (const auto& [name, times] : of_customer) CHECK(times == 1);
  CHECK(house.Count("contact_ledger WHERE true") == 60);
  CHECK(house.Count("attempts WHERE state = 'LEASED' AND NOT checked") == 0);
}

TEST_CASE("what is told in any order leaves the same attempt, target and ledger, and one end for others") {
  using Tell = std::function<void(pb::AttemptRecord&)>;
  const Tell connected = [](auto& record) {
    *record.mutable_attempt()->mutable_answer_time() = ToProto(kTen + 5s);
    *record.mutable_attempt()->mutable_connect_time() = ToProto(kTen + 9s);
  };
  const Tell cleared = [&](auto& record) {
    connected(record);
    *record.mutable_clear_time() = ToProto(kTen + 1min);
    record.set_line_word(pb::FAILED);
  };
  const Tell completed = [](auto& record) { *record.mutable_complete_time() = ToProto(kTen + 2min); };
  const Tell said = [](auto& record) { record.set_agent_word(pb::SOLD); };
  std::vector<std::size_t> order{0, 1, 2, 3};
  const std::vector<Tell> story{connected, cleared, completed, said};
  do {
    House house;
    const auto campaign = house.Running(Customers(1), "queues/" + testing::SomeId());
    const auto leased = house.Lease(campaign, 1).value();
    const auto call = house.Dial(leased[0]);
    for (const auto i : order) {
      house.Learn(call, story[i]);
      house.Learn(call, story[i]);
    }
    const auto target = house.Target(leased[0]);
    CHECK(target.state() == pb::TargetRecord::DONE);
    CHECK(target.last_disposition() == pb::SOLD);
    CHECK(target.attempts() == 1);
    CHECK(house.Count("contact_ledger WHERE contacted_at = '2026-04-01 02:00:05+00'") == 1);
    CHECK(house.Count("outbox WHERE type = 'carillon.campaign.v1.SaleClosed'") == 1);
    CHECK(house.Count("outbox WHERE type = 'carillon.campaign.v1.AttemptDialled'") == 1);
    // HUNG_UP first when line and wrap-up were over before the agent spoke.
    const auto at = [&](std::size_t line) { return std::find(order.begin(), order.end(), line); };
    const bool corrected = at(3) > at(1) && at(3) > at(2);
    CHECK(house.Count("outbox WHERE type = 'carillon.campaign.v1.AttemptEnded'") == (corrected ? 2 : 1));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("what is learnt of an attempt that is over is told again, once for each change") {
  House house;
  const auto campaign = house.Running(Customers(1), "queues/" + testing::SomeId());
  const auto leased = house.Lease(campaign, 1).value();
  const auto call = house.Dial(leased[0]);
  const auto ends = [&](const std::string& what) {
    return house.Count("outbox WHERE type = 'carillon.campaign.v1." + what + "'");
  };
  // A line that campaign's own answer never reached: no call, but the dialled attempt is concluded for others
  // too.
  house.Learn(call, [](auto& record) {
    telephony::Call line;
    line.set_state(telephony::Call::FAILED);
    line.set_cause(telephony::Call::NOT_AUTHORISED);
    *line.mutable_state_time() = ToProto(kTen + 1s);
    events::TellOfLine(line, record);
  });
  const auto failed = house.Target(leased[0]);
  CHECK(failed.last_disposition() == pb::FAILED);
  CHECK(failed.state() == pb::TargetRecord::QUEUED);
  CHECK(ends("AttemptEnded") == 1);
  const auto interaction = [](auto& record) {
    record.mutable_attempt()->set_interaction("interactions/" + std::string(36, '1'));
  };
  house.Learn(call, interaction);
  house.Learn(call, interaction);
  CHECK(ends("AttemptEnded") == 2);
  // An agent spoke after all, and wrap-up said what came of it; then how long it took, and at last when it
  // began.
  house.Learn(call, [](auto& record) {
    *record.mutable_attempt()->mutable_connect_time() = ToProto(kTen + 9s);
    *record.mutable_complete_time() = ToProto(kTen + 2min);
    record.set_wrap_up_word(pb::SOLD);
  });
  CHECK(ends("AttemptEnded") == 3);
  house.Learn(call, [](auto& record) {
    *record.mutable_attempt()->mutable_talk_duration() = ToProto(Duration{50s});
  });
  house.Learn(call,
              [](auto& record) { *record.mutable_attempt()->mutable_connect_time() = ToProto(kTen + 7s); });
  house.Learn(call,
              [](auto& record) { *record.mutable_attempt()->mutable_connect_time() = ToProto(kTen + 7s); });
  CHECK(ends("AttemptEnded") == 5);
  CHECK(ends("SaleClosed") == 1);
  CHECK(house.Target(leased[0]).state() == pb::TargetRecord::DONE);
}

TEST_CASE("a word about text messages says nothing about calls") {
  google::protobuf::RepeatedPtrField<customer::Consent> said;
  const auto say = [&](carillon::type::v1::Channel channel, customer::Consent::Decision decision,
                       TimePoint at) {
    auto& one = *said.Add();
    one.set_channel(channel);
    one.set_purpose(customer::Consent::MARKETING);
    one.set_decision(decision);
    *one.mutable_decide_time() = ToProto(at);
  };
  const auto standing = [&] {
    domain::Person person;
    person.has_number = true;
    person.consents = clients::VoiceConsents(said);
    return domain::Standing(pb::MARKETING, person, false);
  };
  say(carillon::type::v1::SMS, customer::Consent::GIVEN, kTen);
  CHECK(standing() == pb::NO_CONSENT);
  say(carillon::type::v1::VOICE, customer::Consent::GIVEN, kTen);
  CHECK(standing() == pb::REFUSAL_UNSPECIFIED);
  say(carillon::type::v1::SMS, customer::Consent::WITHDRAWN, kTen + 1h);
  CHECK(standing() == pb::REFUSAL_UNSPECIFIED);
  say(carillon::type::v1::CHANNEL_UNSPECIFIED, customer::Consent::WITHDRAWN, kTen + 2h);
  CHECK(standing() == pb::NO_CONSENT);
  say(carillon::type::v1::VOICE, customer::Consent::GIVEN, kTen + 3h);
  CHECK(standing() == pb::REFUSAL_UNSPECIFIED);
}

TEST_CASE("nothing hangs: a lease runs out, a silent line is given up, an unanswered call is no contact") {
  House house;
  const auto campaign = house.Running(Customers(2), "queues/" + testing::SomeId());
  const auto leased = house.Lease(campaign, 2).value();
  REQUIRE(leased.size() == 2);
  house.Dial(leased[0]);
  CHECK(house.Count("contact_ledger WHERE true") == 2);
  house.now += 9min;
  house.Sweep();
  CHECK(house.Target(leased[1]).state() == pb::TargetRecord::DIALLING);
  house.now += 1min;
  house.Sweep();
  CHECK(house.Target(leased[1]).state() == pb::TargetRecord::QUEUED);
  CHECK(house.Count("contact_ledger WHERE true") == 1);
  house.now += 20min;
  house.Sweep();
  const auto silent = house.Target(leased[0]);
  CHECK(silent.state() == pb::TargetRecord::QUEUED);
  CHECK(silent.last_disposition() == pb::FAILED);
  CHECK(FromProto(silent.next_time()) == house.now + 2h);
  CHECK(house.Count("contact_ledger WHERE true") == 0);
  // The line speaks after all: its word takes the place of ours.
  house.Learn(house.db
                  .Read(house.Service(),
                        [&](pg::Tx& tx) { return store::LoadAttempt(tx, leased[0].attempt().name()); })
                  ->attempt()
                  .call(),
              [](auto& record) {
                *record.mutable_clear_time() = ToProto(kTen + 1min);
                record.set_line_word(pb::INVALID_NUMBER);
              });
  CHECK(house.Target(leased[0]).state() == pb::TargetRecord::DONE);
}

TEST_CASE("a refusal is told once until the target is dialled") {
  House house;
  const auto customers = Customers(1);
  const auto first = house.Running(customers, "queues/" + testing::SomeId());
  const auto second = house.Running(customers, "queues/" + testing::SomeId());
  REQUIRE(house.Lease(first, 1)->size() == 1);
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(house.Lease(second, 1)->empty());
    house.now += 8 * 24h;  // past what the gate named; the first campaign's lease is still out
  }
  CHECK(house.Count("outbox WHERE type = 'carillon.campaign.v1.ContactRefused'") == 1);
  CHECK(house.Count("contact_refusals WHERE refusal = 'FREQUENCY'") == 1);
}

TEST_CASE("a tenant and a client see their own only") {
  House house;
  const auto campaign = house.Running(Customers(1), "queues/" + testing::SomeId());
  House neighbour;
  const auto load = [&](const Call& call) {
    return house.db.Read(call, [&](pg::Tx& tx) { return store::LoadCampaign(tx, campaign.name()); });
  };
  CHECK(load(house.Service()));
  CHECK(load(testing::CallOf(house.tenant, {house.client})));
  CHECK(load(testing::CallOf(house.tenant, {testing::SomeId()})).error().reason == "CAMPAIGN_UNKNOWN");
  CHECK(load(neighbour.Service()).error().reason == "CAMPAIGN_UNKNOWN");
}

TEST_CASE("a token of another key, tenant or hour is none") {
  const auto vault =
      store::Vault::Make("intl", "t2:abcdef0123456789abcdef0123456789,t1:0123456789abcdef0123456789abcdef")
          .value();
  const auto old = store::Vault::Make("intl", "t1:0123456789abcdef0123456789abcdef").value();
  const store::DialToken token{testing::SomeId(), "attempts/" + testing::SomeId(), kTen};
  const auto text = vault.Sign(token);
  CHECK(vault.Verify(text)->attempt == token.attempt);
  CHECK(vault.Verify(text)->expires == kTen);
  CHECK(vault.Verify(old.Sign(token))->tenant == token.tenant);  // while keys rotate
  CHECK(old.Verify(text).error().reason == "DIAL_TOKEN_INVALID");
  int refused = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto forged = text;
    forged[i] = forged[i] == '1' ? '2' : '1';
    refused += vault.Verify(forged) ? 0 : 1;
  }
  CHECK(refused == static_cast<int>(text.size()));
  for (const auto* nonsense : {"", ".", "...", "a.b.c.d.e.f"}) CHECK_FALSE(vault.Verify(nonsense));
}

}  // namespace
}  // namespace carillon::campaign
