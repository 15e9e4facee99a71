#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <pqxx/pqxx>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/statements.hpp"
#include "pg/pool.hpp"
#include "testing/database.hpp"

// What leases and dial work cost with many targets, and that each statement finds its rows by an index
// although row-level security stands before them.
namespace carillon::campaign {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::campaign::v1;

/// One tenant with ten campaigns of `targets` each, of which a quarter is done, a twentieth promised and a
/// tenth not due yet; done targets have an attempt.
struct Crowd {
  testing::Database own{"campaign"};
  pg::Pool db{own.app_url(), 2, "campaign-plans"};
  pg::Pool worker{own.worker_url(), 1, "campaign-plans"};
  std::string tenant = testing::SomeId();
  std::string client = testing::SomeId();
  TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};
  std::vector<pb::Campaign> campaigns;

  explicit Crowd(int targets) {
    pqxx::connection connection(own.admin_url());
    for (int i = 0; i < 10; ++i) {
      auto& campaign = campaigns.emplace_back();
      campaign.set_name("campaigns/" + NewId(now));
      campaign.set_client("clients/" + client);
      campaign.set_code(testing::SomeId());
      campaign.set_contact_class(pb::MARKETING);
      campaign.set_queue("queues/" + testing::SomeId());
      campaign.set_state(pb::Campaign::RUNNING);
      campaign.set_etag("1");
      *campaign.mutable_create_time() = ToProto(now);
      *campaign.mutable_update_time() = ToProto(now);
      REQUIRE(db.Write(Service(), [&](pg::Tx& tx) { return store::SaveCampaign(tx, campaign); }));
      pqxx::work tx(connection);
      tx.exec_params(R"sql(
        INSERT INTO target_records (tenant_id, target_record_id, campaign_id, client_id, customer_id, contact_class,
          state, priority, next_at, callback_at, last_attempt_id, created_at, body)
        SELECT $1::uuid, id, $2::uuid, $3::uuid, customer, 'MARKETING', state, priority, next_at,
          CASE WHEN i % 20 = 5 THEN next_at END, gen_random_uuid(), $4, jsonb_build_object(
            'name', 'targetRecords/' || id, 'campaign', 'campaigns/' || $2::text, 'customer', 'customers/' || customer,
            'priority', priority, 'state', state)
        FROM (SELECT i, gen_random_uuid() AS id, gen_random_uuid() AS customer,
            CASE WHEN i % 4 = 0 THEN 'DONE' ELSE 'QUEUED' END AS state,
            (ARRAY[1, 2, 4, 5, 5, 5, 5])[1 + i % 7] AS priority,
            $4::timestamptz + CASE WHEN i % 10 = 3 OR i % 20 = 5 THEN interval '1 hour' ELSE interval '-1 hour' END
              + i * interval '1 ms' AS next_at
          FROM generate_series(1, $5::int) AS i) AS made)sql",
                     tenant, campaign.name().substr(10), client, FormatRfc3339(now), targets);
      tx.exec_params(R"sql(
        INSERT INTO attempts (tenant_id, attempt_id, campaign_id, target_record_id, client_id, customer_id, queue_id,
          state, checked, leased_at, expires_at, dialled_at, disposition, call_id, body)
        SELECT tenant_id, last_attempt_id, campaign_id, target_record_id, client_id, customer_id, $2::uuid, 'ENDED', true,
          $3, $3, $3, 'REFUSED', gen_random_uuid(), '{}' FROM target_records
        WHERE campaign_id = $1::uuid AND state = 'DONE')sql",
                     campaign.name().substr(10), campaign.queue().substr(7), FormatRfc3339(now));
      tx.commit();
    }
    pqxx::nontransaction(connection).exec("ANALYZE");
  }
  Call Service() const {
    auto call = testing::CallOf(tenant, {}, "services/campaign");
    call.principal.service = true;
    call.now = now;
    return call;
  }
  /// The plan of the statement with these values, as the role runs it.
  template <class... Args>
  std::string Plan(pg::Pool& as, const pg::Statement& statement, const Args&... args) {
    const std::string sql =
        std::string("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ") + statement.sql;
    const std::string name = std::string("explain.") + statement.name;
    std::string plan;
    REQUIRE(as.Write(Service(), [&](pg::Tx& tx) -> Result<void> {
      for (const auto& row : tx.Exec(pg::Statement{name.c_str(), sql.c_str()}, args...))
        plan += std::string(row[0].c_str()) + "\n";
      return Ok();
    }));
    return plan;
  }
};

/// The middle and the slowest of many, in milliseconds.
template <class Act>
void Time(const char* what, int targets, int times, Act act) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto from = std::chrono::steady_clock::now();
    act(i);
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::sort(took.begin(), took.end());
  std::printf("%7d targets a campaign: %-10s p50 %6.2f ms  p99 %6.2f ms\n", targets, what,
              took[took.size() / 2], took[took.size() * 99 / 100]);
}

void Measure(int targets) {
  Crowd crowd(targets);
  const auto id = crowd.campaigns[0].name().substr(10);
  const auto queue = crowd.campaigns[0].queue().substr(7);
  const auto now = pg::Time(crowd.now);
  std::vector<std::string> plans;
  const auto look = [&](const pg::Statement& statement, std::string plan) {
    INFO(statement.name << "\n" << plan);
    CHECK(plan.find("Seq Scan on target_records") == std::string::npos);
    CHECK(plan.find("Seq Scan on attempts") == std::string::npos);
    CHECK(plan.find("Index") != std::string::npos);
    plans.push_back(std::string(statement.name) + "\n" + plan);
  };
  namespace sql = store::sql;
  look(sql::kClaim, crowd.Plan(crowd.db, sql::kClaim, id, 5, now, 10));
  look(sql::kClaimCallbacks, crowd.Plan(crowd.db, sql::kClaimCallbacks, id, now, 10));
  look(sql::kCallbacksDue, crowd.Plan(crowd.db, sql::kCallbacksDue, queue, now));
  look(sql::kLooking, crowd.Plan(crowd.db, sql::kLooking, queue));
  look(sql::kOpenTargets, crowd.Plan(crowd.db, sql::kOpenTargets, id));
  look(sql::kAttemptsOfLease, crowd.Plan(crowd.db, sql::kAttemptsOfLease, testing::SomeId()));
  look(sql::kInProgress, crowd.Plan(crowd.db, sql::kInProgress,
                                    pg::Array(std::vector{testing::SomeId(), testing::SomeId()}), "{}"));
  look(sql::kDialWork, crowd.Plan(crowd.worker, sql::kDialWork, now, 1000));
  look(sql::kDueCampaigns, crowd.Plan(crowd.worker, sql::kDueCampaigns, now));
  look(sql::kOverdueAttempts, crowd.Plan(crowd.worker, sql::kOverdueAttempts, now));
  if (targets > 10000)
    for (const auto& plan : plans) std::printf("%s\n", plan.c_str());
  Time("dial work", targets, 100, [&](int) {
    CHECK(crowd.worker
              .Read(crowd.Service(),
                    [&](pg::Tx& tx) -> Result<std::vector<store::DialWork>> {
                      return store::FindDialWork(tx, crowd.now, 1000);
                    })
              .value()
              .size() == 10);
  });
  Time("claim ten", targets, 200, [&](int i) {
    const auto& campaign = crowd.campaigns[static_cast<std::size_t>(i % 10)];
    const auto claimed =
        crowd.db.Write(crowd.Service(), [&](pg::Tx& tx) -> Result<std::vector<pb::AttemptRecord>> {
          store::LockQueue(tx, campaign.queue());
          (void)store::CountLooking(tx, campaign.queue());
          (void)store::CountCallbacks(tx, campaign.queue(), crowd.now + 1min);
          return store::ClaimTargets(tx, {campaign, "dialer-1", "", crowd.now + 10min}, 10);
        });
    CHECK(claimed.value().size() == 10);
  });
}

TEST_CASE("no statement of a dialer reads more than it needs, with row-level security in its way") {
  Measure(2000);
}

TEST_CASE("leases and dial work with 10,000 and 100,000 targets", "[.bench]") {
  Measure(10000);
  Measure(100000);
}

}  // namespace
}  // namespace carillon::campaign
