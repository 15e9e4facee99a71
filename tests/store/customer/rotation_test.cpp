#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <thread>

#include "bench.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/steward.hpp"
#include "customer/jobs/seal_again.hpp"

namespace carillon::customer {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr const char* kOld = "k1:0123456789abcdef0123456789abcdef";
constexpr const char* kNew = "k2:fedcba9876543210fedcba9876543210";

/// A process with keys of its own over one database.
struct Holder {
  Holder(pg::Pool& db, const std::string& keys)
      : vault(*store::Vault::Make("intl", keys)), deps{db, vault, callers} {}
  store::Vault vault;
  store::CallerCache callers{"", {}, vault};
  Deps deps;
};

template <class Out, class In>
Result<Out> As(Holder& holder, const Call& who, Result<Out> (*method)(Call&, Deps&, const In&),
               const std::function<void(In&)>& fill) {
  Call call = who;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  In in;
  fill(in);
  return method(call, holder.deps, in);
}

TEST_CASE("what is under an old key is sealed under the new one, however often the sweep is broken off",
          "[customer][store][rotation]") {
  const testing::Database db("customer");
  pg::Pool app(db.app_url(), 6, "rotation"), worker(db.worker_url(), 2, "rotation");
  const Call call = testing::CallOf(testing::SomeId());
  const auto call_for = [](const std::string& tenant) {
    Call own = ServiceCall(tenant);
    own.deadline = std::chrono::steady_clock::now() + 20s;
    return own;
  };
  Holder old(app, kOld);
  REQUIRE(As<pb::CustomField, pb::PutCustomFieldRequest>(old, call, api::PutCustomField, [](auto& in) {
    in.mutable_custom_field()->set_name("customFields/card");
    in.mutable_custom_field()->set_kind(pb::CustomField::TEXT);
    in.mutable_custom_field()->set_indexed(true);
  }));
  REQUIRE(As<pb::SourceSystem, pb::PutSourceSystemRequest>(old, call, api::PutSourceSystem, [](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/edw");
    in.mutable_source_system()->set_trust_rank(2);
  }));
  std::vector<pb::Customer> made;
  std::vector<TimePoint> when;
  for (int n = 0; n < 24; ++n) {
    auto draft = APerson("客户" + std::to_string(n), ANumber());
    auto& document = *draft.add_identifiers();
    document.set_type(pb::Identifier::RESIDENT_ID);
    document.set_number(AnIdNumber());
    auto& account = *draft.add_accounts();
    account.set_number("6222000000" + std::to_string(1000 + n));
    account.set_type("DEPOSIT");
    account.set_state(pb::Account::ACTIVE);
    (*draft.mutable_custom_fields()->mutable_fields())["card"].set_string_value("c" + std::to_string(n));
    const auto one = As<pb::Customer, pb::CreateCustomerRequest>(
        old, call, api::CreateCustomer, [&](auto& in) { *in.mutable_customer() = draft; });
    REQUIRE(one);
    made.push_back(*one);
  }
  REQUIRE(
      As<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(old, call, api::IngestRecords, [](auto& in) {
        in.set_source_system("sourceSystems/edw");
        auto& record = *in.add_records();
        record.set_key("1");
        *record.mutable_values() = APerson("来自数据仓库", ANumber());
      }));
  const auto under = [&](const std::string& key) {
    pqxx::connection admin(db.admin_url());
    return pqxx::nontransaction(admin).exec(
        "SELECT (SELECT count(*) FROM customer_identifiers WHERE number_sealed || number_hash LIKE '%." +
        key + ".%'), (SELECT count(*) FROM accounts WHERE number_sealed || number_hash LIKE '%." + key +
        ".%'), (SELECT count(*) FROM customer_versions WHERE sealed LIKE '%." + key +
        ".%'), (SELECT count(*) FROM source_records WHERE sealed LIKE '%." + key +
        ".%'), (SELECT count(*) FROM customer_terms WHERE term LIKE 'c%." + key + ".%')")[0];
  };
  for (const auto& count : under("k1")) CHECK(count.as<int>() > 0);

  // Somebody whose process has not been restarted goes on writing under the old key.
  Holder both(app, std::string(kOld) + "," + kNew), turned(app, std::string(kNew) + "," + kOld);
  std::atomic<bool> over{false};
  std::vector<int> last(made.size());
  int refused = 0;
  std::jthread writer([&] {
    for (int n = 1; !over || n < 40; ++n) {
      const auto who = static_cast<std::size_t>(n) % made.size();
      const auto done =
          As<pb::Customer, pb::UpdateCustomerRequest>(both, call, api::UpdateCustomer, [&](auto& in) {
            in.mutable_customer()->set_name(made[who].name());
            in.mutable_customer()->set_brand(std::to_string(n));
            in.mutable_update_mask()->add_paths("brand");
          });
      done ? last[who] = n : ++refused;
    }
  });
  // Broken off after some batches, as by a kill: what was done is done.
  store::Sealing lost;
  for (int batch = 0; batch < 3; ++batch) {
    const auto next =
        worker.Write(call_for(""), [&](pg::Tx& tx) { return store::SealAgain(tx, turned.vault, lost, 7); });
    REQUIRE(next);
    lost = *next;
  }
  CHECK(lost.changed > 0);
  CHECK_FALSE(lost.done);
  const auto sweep = [&](store::Sealing& at) {
    for (int turn = 0; !jobs::SealAgain(worker, turned.deps, call_for, at, 1); ++turn) REQUIRE(turn < 500);
  };
  store::Sealing first;
  sweep(first);
  over = true;
  writer.join();
  CHECK(refused == 0);
  store::Sealing second;
  sweep(second);
  for (const auto& count : under("k1")) CHECK(count.as<int>() == 0);
  store::Sealing third;
  REQUIRE(jobs::SealAgain(worker, turned.deps, call_for, third, 1000));
  CHECK(third.changed == 0);

  Holder after(app, kNew);
  for (std::size_t n = 0; n < made.size(); ++n) {
    auto expected = made[n];
    if (last[n] > 0) expected.set_brand(std::to_string(last[n]));
    const auto now = As<pb::Customer, pb::GetCustomerRequest>(after, call, api::GetCustomer,
                                                              [&](auto& in) { in.set_name(made[n].name()); });
    REQUIRE(now);
    CHECK(now->brand() == expected.brand());
    CHECK(now->identifiers(0).number() == expected.identifiers(0).number());
    CHECK(now->accounts(0).number() == expected.accounts(0).number());
    const auto found = [&](const std::function<void(pb::SearchCustomersRequest&)>& ask) {
      const auto answer =
          As<pb::SearchCustomersResponse, pb::SearchCustomersRequest>(after, call, api::SearchCustomers, ask);
      REQUIRE(answer);
      return answer->customers_size() == 1 && answer->customers(0).name() == made[n].name();
    };
    CHECK(found([&](auto& in) { *in.mutable_identifier() = made[n].identifiers(0); }));
    CHECK(found([&](auto& in) { in.set_account_number(made[n].accounts(0).number()); }));
    CHECK(found([&](auto& in) {
      in.mutable_custom_field()->set_key("card");
      in.mutable_custom_field()->set_value("c" + std::to_string(n));
    }));
    const auto then =
        As<pb::Customer, pb::GetCustomerAtRequest>(after, call, api::GetCustomerAt, [&](auto& in) {
          in.set_name(made[n].name());
          *in.mutable_time() = ToProto(call.now + 1s);
        });
    CHECK(then);
  }
}

TEST_CASE("a start sweeps only when another key was in use since the last sweep",
          "[customer][store][rotation]") {
  const testing::Database db("customer");
  pg::Pool app(db.app_url(), 2, "rotation"), worker(db.worker_url(), 2, "rotation");
  const auto call_for = [](const std::string& tenant) {
    Call own = ServiceCall(tenant);
    own.deadline = std::chrono::steady_clock::now() + 20s;
    return own;
  };
  /// Starts a process, lets it take its first turn, and says whether it swept.
  const auto sweeps = [&](Holder& process) {
    jobs::SealingTurn turn;
    const auto needed = worker.Write(call_for(""), [&](pg::Tx& tx) -> Result<std::optional<TimePoint>> {
      return store::NoteKeyInUse(tx, process.vault);
    });
    REQUIRE(needed);
    jobs::KeepSealed(worker, process.deps, call_for, turn);
    CHECK(turn.at.done == needed->has_value());
    return turn.at.done;
  };
  const auto later = [&](const std::string& by) {  // as if all this had been so much earlier
    pqxx::connection admin(db.admin_url());
    pqxx::nontransaction(admin).exec("UPDATE sealing_keys SET used_at = used_at - interval '" + by +
                                     "', swept_at = swept_at - interval '" + by + "'");
  };
  Holder old(app, kOld), turned(app, std::string(kNew) + "," + kOld);
  CHECK(sweeps(old));
  CHECK_FALSE(sweeps(old));
  later("1 hour");
  CHECK_FALSE(sweeps(old));
  CHECK(sweeps(turned));
  CHECK(sweeps(turned));  // the old one was in use a moment ago and may be still
  later("1 hour");
  CHECK(sweeps(turned));
  CHECK_FALSE(sweeps(turned));
  CHECK(sweeps(old));  // taken back: what was written meanwhile is under the new key
  CHECK(sweeps(turned));
}

TEST_CASE("while keys change, a write under either key takes the other's cached answer away",
          "[customer][store][rotation]") {
  const std::string url = testing::ServerSetting("CARILLON_TEST_REDIS_URL");
  const auto vault = *store::Vault::Make("intl", std::string(kNew) + "," + kOld);
  store::CallerCache callers(url, {.patience = redis::Millis{2000}}, vault);
  Deps turned{App(), vault, callers};
  const Call call = ServiceCall(testing::SomeId());
  const auto made = Create(call, APerson("李秀英", ANumber()));
  REQUIRE(made);
  const std::string number = made->contacts(0).number();
  for (int n = 0; n < 2; ++n)
    REQUIRE(LookUp(call, number)->cards(0).brand().empty());  // cached under the old key
  Call own = call;
  own.deadline = std::chrono::steady_clock::now() + 10s;
  pb::UpdateCustomerRequest update;
  update.mutable_customer()->set_name(made->name());
  update.mutable_customer()->set_brand("gotone");
  update.mutable_update_mask()->add_paths("brand");
  REQUIRE(api::UpdateCustomer(own, turned, update));
  CHECK(LookUp(call, number)->cards(0).brand() == "gotone");
}

}  // namespace
}  // namespace carillon::customer
