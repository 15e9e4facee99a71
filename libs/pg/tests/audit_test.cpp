#include <google/protobuf/wrappers.pb.h>

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "carillon/type/v1/audit.pb.h"
#include "pg/pool.hpp"
#include "testing/database.hpp"

namespace carillon::pg {
namespace {

using namespace std::chrono_literals;
using google::protobuf::StringValue;

constexpr Statement kCount{"test.count", "SELECT count(*) FROM outbox"};
constexpr Statement kDouble{"test.double",
                            "INSERT INTO outbox_published (tenant_id, topic, type, events) "
                            "VALUES (carillon_tenant(), $1, 't', 1)"};

/// A pool whose audit entries go to the outbox under the tenant's key.
Pool& Audited() {
  static testing::Database database("libs");
  static Pool pool(database.app_url(), 4, "test");
  static const bool once = [] {
    pool.OnAudit([](Tx& tx, const type::v1::AuditEntry& entry) {
      Announce(tx, "carillon.test.audit.v1", tx.call().principal.tenant, entry, tx.now());
    });
    return true;
  }();
  static_cast<void>(once);
  return pool;
}

Result<StringValue> Bump(const Call& call, const std::string& topic) {
  return Audited().Write(call, [&](Tx& tx) -> Result<StringValue> {
    Announce(tx, topic, "k", StringValue(), tx.now());
    return StringValue();
  });
}

std::vector<type::v1::AuditEntry> EntriesOf(const Call& call) {
  constexpr Statement kEntries{
      "test.entries", "SELECT payload FROM outbox WHERE topic = 'carillon.test.audit.v1' ORDER BY id"};
  return Audited()
      .Read(call,
            [&](Tx& tx) -> Result<std::vector<type::v1::AuditEntry>> {
              std::vector<type::v1::AuditEntry> out;
              for (const auto& row : tx.Exec(kEntries)) out.emplace_back().ParseFromString(BytesOf(row[0]));
              return out;
            })
      .value();
}

Call CallOfUser() {
  auto call = testing::CallOf(testing::SomeId(), {}, testing::SomeId());
  type::v1::AuditEntry entry;
  entry.set_subject("users/" + call.principal.user);
  entry.set_action("/test/Bump");
  entry.add_resources("things/1");
  call.audit = std::make_shared<const type::v1::AuditEntry>(entry);
  return call;
}

TEST_CASE("a user's write leaves one audit entry in its transaction, a reading, a service and a refusal none",
          "[pg][store]") {
  const auto call = CallOfUser();
  REQUIRE(Bump(call, "audited"));
  const auto entries = EntriesOf(call);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].subject() == "users/" + call.principal.user);
  CHECK(entries[0].tenant() == "tenants/" + call.principal.tenant);
  CHECK(entries[0].result() == "OK");
  CHECK(FromProto(entries[0].occur_time()) == call.now);
  CHECK(RealNow() - FromProto(entries[0].record_time()) < 10s);

  auto own = call;
  own.audit = nullptr;
  REQUIRE(Bump(own, "audited"));
  REQUIRE(Audited().Read(call, [](Tx& tx) -> Result<int> { return tx.Exec(kCount)[0][0].as<int>(); }));
  CHECK_FALSE(Audited().Write(call, [](Tx& tx) -> Result<void> {
    Announce(tx, "audited", "k", StringValue(), tx.now());
    return FailedPrecondition("NOT_NOW", "Not now.");
  }));
  CHECK(EntriesOf(call).size() == 1);
}

TEST_CASE("a repeated request leaves one audit entry", "[pg][store]") {
  auto call = CallOfUser();
  call.request_id = testing::SomeId();
  call.request_hash = "x";
  call.replay_key = std::string(32, 'k');
  REQUIRE(Bump(call, "audited once"));
  REQUIRE(Bump(call, "audited once"));
  CHECK(EntriesOf(call).size() == 1);
}

TEST_CASE("what a transaction says of itself takes the place of the call's own entry", "[pg][store]") {
  const auto call = CallOfUser();
  REQUIRE(Audited().Write(call, [](Tx& tx) -> Result<void> {
    type::v1::AuditEntry entry;
    entry.set_action("thing.bump");
    Audit(tx, entry);
    return Ok();
  }));
  const auto entries = EntriesOf(call);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].action() == "thing.bump");
}

TEST_CASE("statements sent with the commit keep their order, and one that fails undoes the transaction",
          "[pg][store]") {
  constexpr Statement kTopics{"test.topics", "SELECT string_agg(topic, ' ' ORDER BY id) FROM outbox"};
  const auto call = testing::CallOf(testing::SomeId());
  REQUIRE(Audited().Write(call, [](Tx& tx) -> Result<void> {
    for (const auto* topic : {"it's", "one\\two", "three"}) Announce(tx, topic, "k", StringValue(), tx.now());
    CHECK(tx.Exec(kCount)[0][0].as<int>() == 0);
    return Ok();
  }));
  const auto topics = Audited().Read(
      call, [&](Tx& tx) -> Result<std::string> { return tx.Exec(kTopics)[0][0].as<std::string>(); });
  CHECK(topics.value() == "it's one\\two three");
  const auto twice = Audited().Write(call, [](Tx& tx) -> Result<void> {
    tx.ExecAtCommit(kDouble, "late");
    tx.ExecAtCommit(kDouble, "late");
    return Ok();
  });
  REQUIRE_FALSE(twice);
  CHECK(twice.error().reason == "DUPLICATE");
}

}  // namespace
}  // namespace carillon::pg
