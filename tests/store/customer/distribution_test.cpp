#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "bench.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer {
namespace {

pb::Subscription Subscribe(const Call& call) {
  const auto made = Ask<pb::Subscription, pb::CreateSubscriptionRequest>(
      call, api::CreateSubscription,
      [](auto& in) { in.mutable_subscription()->set_display_name("warehouse"); });
  if (!made) FAIL(Told(made.error()));
  return *made;
}

pb::FetchChangesResponse Fetch(const Call& call, const std::string& name, int size = 0) {
  const auto file =
      Ask<pb::FetchChangesResponse, pb::FetchChangesRequest>(call, api::FetchChanges, [&](auto& in) {
        in.set_name(name);
        in.set_page_size(size);
      });
  if (!file) FAIL(Told(file.error()));
  return *file;
}

Result<pb::Subscription> Acknowledge(const Call& call, const std::string& name, const std::string& cursor) {
  return Ask<pb::Subscription, pb::AcknowledgeChangesRequest>(call, api::AcknowledgeChanges, [&](auto& in) {
    in.set_name(name);
    in.set_cursor(cursor);
  });
}

/// Name and version of each row.
std::vector<std::pair<std::string, int>> RowsOf(const pb::FetchChangesResponse& file) {
  std::vector<std::pair<std::string, int>> out;
  std::istringstream in(file.data());
  std::string line;
  std::getline(in, line);
  REQUIRE(line.starts_with("customer,client,version,"));
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string name, client, version;
    std::getline(cells, name, ',');
    std::getline(cells, client, ',');
    std::getline(cells, version, ',');
    out.emplace_back(name, std::stoi(version));
  }
  REQUIRE(static_cast<int>(out.size()) == file.customers());
  return out;
}

TEST_CASE("while writers change customers, a subscriber's files pass over no change and bring none twice",
          "[customer][store][distribution]") {
  const Call call = ServiceCall(testing::SomeId());
  const auto subscription = Subscribe(call);
  std::vector<std::string> names;
  for (int n = 0; n < 12; ++n) names.push_back(Create(call, APerson("客户", ANumber()))->name());
  // One begins before all others and commits after them: what it wrote must not be passed over.
  pqxx::connection slow(Db().admin_url());
  auto late = std::make_unique<pqxx::work>(slow);
  late->exec(
      "UPDATE customers SET version = version + 1, changed_xid = pg_current_xact_id() WHERE tenant_id = '" +
      call.principal.tenant + "' AND customer_id = '" + names[11].substr(10) + "'");
  std::atomic<int> writers{4}, changes{0};
  std::vector<std::jthread> threads;
  for (unsigned w = 0; w < 4; ++w) {
    threads.emplace_back([&, w] {
      std::mt19937 random(w);
      for (int n = 0; n < 40; ++n) {
        pb::Customer patch;
        patch.set_name(names[random() % 11]);
        patch.set_brand("b" + std::to_string(w) + "-" + std::to_string(n));
        if (Update(call, patch, {"brand"})) ++changes;
      }
      --writers;
    });
  }
  std::map<std::string, int> seen;
  int files = 0, rows = 0;
  const auto take = [&] {
    const auto file = Fetch(call, subscription.name(), 1 + files % 5);
    const auto got = RowsOf(file);
    if (++files % 3 == 0) return file.customers();  // the subscriber fell before it took it over
    for (const auto& [name, version] : got) {
      CHECK(version > seen[name]);  // none twice, none older
      seen[name] = version;
      ++rows;
    }
    REQUIRE(Acknowledge(call, subscription.name(), file.cursor()));
    return file.customers();
  };
  while (writers > 0) take();
  threads.clear();
  CHECK(seen[names[11]] <= 1);
  late->commit();
  late.reset();
  // Whoever writes elsewhere in the cluster holds changes back for a while.
  const auto behind = [&] {
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
      return std::to_string(seen[name]) != Get(call, name)->etag();
    });
  };
  for (const auto until = std::chrono::steady_clock::now() + 30s;
       behind() && std::chrono::steady_clock::now() < until;)
    take();
  for (const auto& name : names) {
    const auto now = Get(call, name);
    REQUIRE(now);
    CHECK(std::to_string(seen[name]) == now->etag());
  }
  WARN(changes << " changes by 4 writers: " << rows << " rows in " << files << " files");
  CHECK(rows >= 12);
}

TEST_CASE("a subscription begins with everybody there is, and names nobody",
          "[customer][store][distribution]") {
  const Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("欧阳锋", ANumber());
  draft.set_brand("a,\"b\"");
  const auto made = Create(call, draft);
  REQUIRE(made);
  const auto subscription = Subscribe(call);
  auto file = Fetch(call, subscription.name());
  for (const auto until = std::chrono::steady_clock::now() + 30s;
       file.customers() == 0 && std::chrono::steady_clock::now() < until;)
    file = Fetch(call, subscription.name());
  CHECK(file.customers() == 1);
  CHECK_FALSE(file.more());
  CHECK(file.data().find(made->name()) != std::string::npos);
  CHECK(file.data().find("\"a,\"\"b\"\"\"") != std::string::npos);
  CHECK(file.data().find("欧阳锋") == std::string::npos);
  CHECK(file.data().find(draft.contacts(0).number()) == std::string::npos);

  const std::string id = made->name().substr(10);
  CHECK(Acknowledge(call, subscription.name(), "12").error().reason == "CURSOR_INVALID");
  CHECK(Acknowledge(call, subscription.name(), "x." + id).error().reason == "CURSOR_INVALID");
  CHECK(Acknowledge(call, subscription.name(), "99999999999." + id).error().reason == "CURSOR_INVALID");
  const auto done = Acknowledge(call, subscription.name(), file.cursor());
  REQUIRE(done);
  CHECK(done->cursor() == file.cursor());
  CHECK(Acknowledge(call, subscription.name(), subscription.cursor())->cursor() == file.cursor());
  CHECK(Fetch(call, subscription.name()).customers() == 0);
  CHECK(Fetch(call, subscription.name()).cursor() == file.cursor());

  const Call other = ServiceCall(testing::SomeId());
  CHECK(Acknowledge(other, subscription.name(), file.cursor()).error().reason == "SUBSCRIPTION_UNKNOWN");
  const auto listed = Ask<pb::ListSubscriptionsResponse, pb::ListSubscriptionsRequest>(
      call, api::ListSubscriptions, [](auto&) {});
  REQUIRE(listed);
  CHECK(listed->subscriptions_size() == 1);
  REQUIRE(Ask<pb::Subscription, pb::DeleteSubscriptionRequest>(
      call, api::DeleteSubscription, [&](auto& in) { in.set_name(subscription.name()); }));
  CHECK(Acknowledge(call, subscription.name(), file.cursor()).error().reason == "SUBSCRIPTION_UNKNOWN");
}

TEST_CASE("the next changes are found by their index", "[customer][store][distribution]") {
  pqxx::connection admin(Db().admin_url());
  pqxx::work look(admin);
  look.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off");  // few rows as there are
  std::string plan;
  for (const auto& row :
       look.exec("EXPLAIN SELECT customer_id FROM customers WHERE tenant_id = "
                 "'00000000-0000-0000-0000-000000000001' AND "
                 "(changed_xid, customer_id) > ('1'::xid8, '00000000-0000-0000-0000-000000000000') "
                 "ORDER BY changed_xid, customer_id LIMIT 5")) {
    plan += std::string(row[0].c_str()) + "\n";
  }
  INFO(plan);
  CHECK(plan.find("customers_tenant_id_changed_xid_idx") != std::string::npos);
  CHECK(plan.find("Sort") == std::string::npos);
}

}  // namespace
}  // namespace carillon::customer
