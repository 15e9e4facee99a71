#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <random>
#include <thread>

#include "carillon/customer/v1/steward_service.pb.h"
#include "platform.hpp"

/// kill -9 in the middle of what takes long, and then the same again: nothing is lost, nothing is there
/// twice.
namespace carillon::customer {
namespace {

/// One value, as superuser.
std::string Seen(const testing::Database& db, const std::string& sql) {
  pqxx::connection admin(db.admin_url());
  const auto rows = pqxx::nontransaction(admin).exec(sql);
  return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
}

/// Kills the process at moments of chance, each time after it did something, until `work` is done.
template <class Work>
int KilledMeanwhile(testing::ServiceProcess& process, const std::atomic<int>& progress, Work work) {
  std::atomic<bool> done{false};
  std::jthread worker([&] {
    work();
    done = true;
  });
  std::mt19937 random(20260301);
  int kills = 0;
  while (!done && kills < 4) {
    for (const int before = progress; progress == before && !done;) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
    if (done) break;
    process.CrashAndRestart();
    ++kills;
  }
  return kills;
}

/// Again and again, as a caller does whose answer did not come; the request keeps its id.
template <class Response, class Request>
Result<Response> Insist(rpc::Peer& as, const std::string& method, const Request& request) {
  auto answer = as.Ask<Response>(AnyCall(), "carillon.customer.v1." + method, request, 30s);
  for (int left = 10; !answer && IsTransient(answer.error()) && left > 0; --left) {
    answer = as.Ask<Response>(AnyCall(), "carillon.customer.v1." + method, request, 30s);
  }
  return answer;
}

std::string Mobile(int n) { return "+86150" + std::to_string(10'000'000 + n); }

TEST_CASE("an import killed at any moment and sent again has everybody once", "[customer][service][crash]") {
  auto& on = ThePlatform();
  const testing::Database db("customer");
  testing::ServiceProcess process("customer", db, on.Settings());
  const auto as = on.AdminOf(process);
  constexpr int kPieces = 8, kRows = 200;
  const std::string system = "crash-" + testing::SomeId().substr(0, 8);
  std::vector<pb::ImportCustomersRequest> pieces(kPieces);
  for (int n = 0; n < kPieces * kRows; ++n) {
    auto& one = *pieces[static_cast<std::size_t>(n / kRows)].add_customers();
    one.mutable_person()->set_full_name("陈" + std::to_string(n));
    auto& phone = *one.add_contacts();
    phone.set_type(pb::ContactMedium::MOBILE);
    phone.set_number(Mobile(n));
    one.mutable_source()->set_system(system);
    one.mutable_source()->set_key(std::to_string(n));
  }
  std::atomic<int> progress{0}, refused{0};
  const int kills = KilledMeanwhile(process, progress, [&] {
    for (auto& piece : pieces) {
      piece.set_request_id(testing::SomeId());
      ++progress;
      const auto answer = Insist<pb::ImportCustomersResponse>(*as, "CustomerService/ImportCustomers", piece);
      if (!answer || answer->created_count() != kRows) ++refused;
    }
  });
  CHECK(kills > 0);
  CHECK(refused == 0);
  const std::string ours =
      " WHERE customer_id IN (SELECT customer_id FROM customers WHERE source_system = '" + system + "')";
  for (const std::string table : {"customers", "contact_media", "customer_versions"}) {
    CHECK(Seen(db, "SELECT count(*) FROM " + table + ours) == std::to_string(kPieces * kRows));
  }
  CHECK(Seen(db, "SELECT count(DISTINCT customer_id) FROM customer_terms" + ours) ==
        std::to_string(kPieces * kRows));
  WARN(kills << " kills in " << kPieces << " pieces of " << kRows);
}

TEST_CASE("a source's file goes on after each kill from the byte the job names",
          "[customer][service][crash]") {
  auto& on = ThePlatform();
  const testing::Database db("customer");
  testing::ServiceProcess process("customer", db, on.Settings());
  const auto as = on.AdminOf(process);
  const std::string system = "file-" + testing::SomeId().substr(0, 8);
  pb::PutSourceSystemRequest source;
  source.mutable_source_system()->set_name("sourceSystems/" + system);
  source.mutable_source_system()->set_trust_rank(3);
  REQUIRE(Insist<pb::SourceSystem>(*as, "StewardService/PutSourceSystem", source));
  constexpr int kRows = 300;
  std::string file = "key,full_name,mobile\n";
  for (int n = 0; n < kRows; ++n)
    file += std::to_string(n) + ",赵" + std::to_string(n) + "," + Mobile(5000 + n).substr(3) + "\n";
  pb::StartSyncRequest start;
  start.set_source_system("sourceSystems/" + system);
  start.set_request_id(testing::SomeId());
  auto job = Insist<pb::SyncJob>(*as, "StewardService/StartSync", start);
  REQUIRE(job);
  std::atomic<int> progress{0};
  std::string problem;
  const int kills = KilledMeanwhile(process, progress, [&] {
    while (job && job->state() != pb::SyncJob::DONE) {
      pb::UploadSyncPieceRequest piece;
      piece.set_name(job->name());
      piece.set_offset(job->offset());
      const auto rest = file.substr(static_cast<std::size_t>(job->offset()), 1000);
      piece.set_data(rest);
      piece.set_last(static_cast<std::size_t>(job->offset()) + rest.size() == file.size());
      ++progress;
      if (!Insist<pb::SyncJob>(*as, "StewardService/UploadSyncPiece", piece)) ++progress;
      pb::GetSyncJobRequest where;
      where.set_name(job->name());
      job = Insist<pb::SyncJob>(*as, "StewardService/GetSyncJob", where);
    }
    if (!job) problem = job.error().reason;
  });
  INFO(problem);
  REQUIRE(job);
  CHECK(kills > 0);
  CHECK(job->rows() == kRows);
  CHECK(job->created() == kRows);
  CHECK(Seen(db, "SELECT count(*) FROM source_records WHERE system = '" + system + "'") ==
        std::to_string(kRows));
  CHECK(Seen(db, "SELECT count(DISTINCT home_id) FROM source_records WHERE system = '" + system + "'") ==
        std::to_string(kRows));
  CHECK(Seen(db, "SELECT count(*) FROM sync_results WHERE job_id = '" + job->name().substr(9) + "'") ==
        std::to_string(kRows));
}

TEST_CASE("merges killed at any moment are whole or not at all, and come apart again",
          "[customer][service][crash]") {
  auto& on = ThePlatform();
  const testing::Database db("customer");
  testing::ServiceProcess process("customer", db, on.Settings());
  const auto as = on.AdminOf(process);
  constexpr int kPairs = 12;
  std::vector<std::pair<pb::Customer, pb::Customer>> pairs;
  for (int n = 0; n < kPairs; ++n) {
    const auto first = on.Create(*as, "周敏" + std::to_string(n), Mobile(7000 + 2 * n));
    const auto second = on.Create(*as, "周敏" + std::to_string(n), Mobile(7001 + 2 * n));
    REQUIRE(first);
    REQUIRE(second);
    pairs.emplace_back(*first, *second);
  }
  std::atomic<int> progress{0}, refused{0};
  const auto each = [&](const std::function<bool(const pb::Customer&, const pb::Customer&)>& work) {
    return KilledMeanwhile(process, progress, [&] {
      for (const auto& [first, second] : pairs) {
        ++progress;
        if (!work(first, second)) ++refused;
      }
    });
  };
  int kills = each([&](const auto& first, const auto& second) {
    pb::MergeCustomersRequest merge;
    merge.add_customers(first.name());
    merge.add_customers(second.name());
    merge.set_request_id(testing::SomeId());
    return Insist<pb::Customer>(*as, "StewardService/MergeCustomers", merge).has_value();
  });
  CHECK(refused == 0);
  for (const auto& [first, second] : pairs) {
    const std::string gone = second.name().substr(10);
    CHECK(Seen(db, "SELECT state || ' customers/' || merged_into FROM customers WHERE customer_id = '" +
                       gone + "'") == "MERGED " + first.name());
    CHECK(Seen(db, "SELECT count(*) FROM merges WHERE undone_at IS NULL AND customer_id = '" + gone + "'") ==
          "1");
    CHECK(Seen(db, "SELECT count(*) FROM contact_media WHERE customer_id = '" + first.name().substr(10) +
                       "'") == "2");
  }
  kills += each([&](const auto&, const auto& second) {
    pb::UnmergeCustomerRequest unmerge;
    unmerge.set_name(second.name());
    unmerge.set_request_id(testing::SomeId());
    return Insist<pb::Customer>(*as, "StewardService/UnmergeCustomer", unmerge).has_value();
  });
  CHECK(refused == 0);
  CHECK(kills > 0);
  for (int n = 0; n < kPairs; ++n) {
    const auto& [first, second] = pairs[static_cast<std::size_t>(n)];
    for (int which = 0; which < 2; ++which) {
      const auto id = (which == 0 ? first : second).name().substr(10);
      CHECK(Seen(db, "SELECT state FROM customers WHERE customer_id = '" + id + "'") == "PROSPECT");
      CHECK(Seen(db, "SELECT string_agg(number, ' ') FROM contact_media WHERE customer_id = '" + id + "'") ==
            Mobile(7000 + 2 * n + which));
    }
  }
}

TEST_CASE("a writer killed at any moment leaves no other process a stale answer",
          "[customer][service][crash]") {
  auto& on = ThePlatform();
  testing::ServiceProcess writer("customer", on.db, on.Settings());
  const auto as = on.AdminOf(writer);
  const std::string number = Mobile(9000);
  const auto made = on.Create(*on.admin, "李秀英", number);
  REQUIRE(made);
  std::atomic<int> progress{0}, acknowledged{0}, stale{0}, reads{0};
  std::atomic<bool> over{false};
  std::jthread reader([&] {
    while (!over) {
      const int least = acknowledged;
      const auto answer = on.LookUp(number);
      if (!answer || answer->cards_size() != 1) continue;
      ++reads;
      const auto& brand = answer->cards(0).brand();
      if ((brand.empty() ? 0 : std::stoi(brand)) < least) ++stale;
    }
  });
  const int kills = KilledMeanwhile(writer, progress, [&] {
    for (int n = 1; n <= 60; ++n) {
      pb::UpdateCustomerRequest update;
      update.mutable_customer()->set_name(made->name());
      update.mutable_customer()->set_brand(std::to_string(n));
      update.mutable_update_mask()->add_paths("brand");
      update.set_request_id(testing::SomeId());
      ++progress;
      if (Insist<pb::Customer>(*as, "CustomerService/UpdateCustomer", update)) acknowledged = n;
    }
  });
  over = true;
  reader.join();
  CHECK(kills > 0);
  CHECK(acknowledged == 60);
  CHECK(stale == 0);
  CHECK(reads > 20);
  WARN(kills << " kills, " << reads << " look-ups, " << stale << " stale");
}

TEST_CASE(
    "keys are changed while the process is killed again and again: every value is read under the new one",
    "[customer][service][crash]") {
  auto& on = ThePlatform();
  const testing::Database db("customer");
  const std::string first = "r1:0123456789abcdef0123456789abcdef",
                    second = "r2:fedcba9876543210fedcba9876543210";
  constexpr int kCustomers = 600;
  {
    testing::ServiceProcess before("customer", db, on.Settings(first));
    const auto as = on.AdminOf(before);
    pb::ImportCustomersRequest import;
    for (int n = 0; n < kCustomers; ++n) {
      auto& one = *import.add_customers();
      one.mutable_person()->set_full_name("吴" + std::to_string(n));
      auto& document = *one.add_identifiers();
      document.set_type(pb::Identifier::PASSPORT);
      document.set_number("E" + std::to_string(10'000'000 + n));
      auto& account = *one.add_accounts();
      account.set_number("62220000" + std::to_string(10'000'000 + n));
      account.set_type("DEPOSIT");
      account.set_state(pb::Account::ACTIVE);
    }
    import.set_request_id(testing::SomeId());
    const auto made = Insist<pb::ImportCustomersResponse>(*as, "CustomerService/ImportCustomers", import);
    REQUIRE(made);
    REQUIRE(made->created_count() == kCustomers);
  }
  const auto old = [&] {
    return Seen(
        db,
        "SELECT (SELECT count(*) FROM customer_identifiers WHERE number_sealed LIKE '%.r1.%' OR number_hash "
        "LIKE '%.r1.%') + "
        "(SELECT count(*) FROM accounts WHERE number_sealed LIKE '%.r1.%' OR number_hash LIKE '%.r1.%') + "
        "(SELECT count(*) FROM customer_versions WHERE sealed LIKE '%.r1.%')");
  };
  CHECK(old() == std::to_string(3 * kCustomers));
  {
    testing::ServiceProcess turning("customer", db, on.Settings(second + "," + first));
    int kills = 0;
    for (const auto until = std::chrono::steady_clock::now() + 90s;
         old() != "0" && std::chrono::steady_clock::now() < until;) {
      const auto now = old();
      if (now != std::to_string(3 * kCustomers) && now != "0" && kills < 3) {
        turning.CrashAndRestart();
        ++kills;
      }
      std::this_thread::sleep_for(5ms);
    }
    CHECK(old() == "0");
    WARN(kills << " kills while keys were changed");
  }
  testing::ServiceProcess after("customer", db, on.Settings(second));
  const auto as = on.AdminOf(after);
  for (int n = 0; n < kCustomers; n += 97) {
    pb::SearchCustomersRequest search;
    search.mutable_identifier()->set_type(pb::Identifier::PASSPORT);
    search.mutable_identifier()->set_number("E" + std::to_string(10'000'000 + n));
    const auto found = Insist<pb::SearchCustomersResponse>(*as, "CustomerService/SearchCustomers", search);
    REQUIRE(found);
    CHECK(found->customers_size() == 1);
    pb::SearchCustomersRequest account;
    account.set_account_number("62220000" + std::to_string(10'000'000 + n));
    CHECK(Insist<pb::SearchCustomersResponse>(*as, "CustomerService/SearchCustomers", account)
              ->customers_size() == 1);
  }
  CHECK(Seen(db, "SELECT count(*) FROM customers") == std::to_string(kCustomers));
}

}  // namespace
}  // namespace carillon::customer
