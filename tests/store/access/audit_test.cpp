#include <catch2/catch.hpp>
#include <thread>

#include "access/jobs/audit_writer.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"
#include "fixture.hpp"

namespace carillon::access {
namespace {

using namespace std::chrono_literals;

constexpr pg::Statement kRewrite{"test.rewrite", "UPDATE audit_trail SET result = 'nothing happened'"};
constexpr pg::Statement kErase{"test.erase", "DELETE FROM audit_trail"};
constexpr pg::Statement kEraseBatch{"test.erase_batch", "DELETE FROM audit_batches"};

// A database of its own: other tests put keys into theirs that nobody can open.
Store& Own() {
  static Store store;
  return store;
}

Settings SettingsOfKeys() {
  Settings settings;
  settings.keys_master = std::string(32, 'k');
  return settings;
}

/// A key ring over the binary's database, and a writer.
struct Chaining {
  Settings settings = SettingsOfKeys();
  KeyRing keys{Own().worker, settings};
  AuditWriter writer{Own().worker, keys};

  Chaining() { REQUIRE(keys.Refresh(testing::CallOf(""), RealNow())); }
  void Run() { writer.Run(testing::CallOf(""), RealNow()); }
};

std::vector<store::pb::AuditRecord> Trail(const Call& call, const store::AuditFilter& filter = {},
                                          std::optional<std::int64_t> before = std::nullopt,
                                          int limit = 1000) {
  return Own()
      .app
      .Read(call,
            [&](pg::Tx& tx) -> Result<std::vector<store::pb::AuditRecord>> {
              return store::ListAudit(tx, before, filter, limit);
            })
      .value();
}

void Do(const Call& call, const std::string& action, const std::string& resource,
        const std::string& subject = "") {
  REQUIRE(Own().app.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::Audit(tx, {.action = action, .resource = resource, .subject = subject}, RealNow());
    return Ok();
  }));
}

std::optional<domain::BrokenChain> Broken(const Call& call) {
  return Own()
      .worker
      .Read(call,
            [&](pg::Tx& tx) -> Result<std::optional<domain::BrokenChain>> {
              domain::ChainVerifier verifier(
                  call.principal.tenant, [](std::string_view bytes) { return Hex(crypto::Sha256(bytes)); },
                  [](const auto&) { return true; }, RealNow(), std::nullopt);
              std::int64_t behind = 0;
              for (const auto& batch : store::LoadBatches(tx, 0)) {
                verifier.Check(batch, store::LoadRecords(tx, behind, batch.last_sequence()));
                behind = batch.last_sequence();
              }
              verifier.End(store::LoadRecords(tx, behind, 1'000'000));
              return verifier.broken();
            })
      .value();
}

TEST_CASE("what a transaction told is chained with every field, and nothing changes or removes it",
          "[access][store][audit]") {
  auto call = MakeTenant(SomeSlug(), Own());
  type::v1::AuditEntry entry;
  entry.set_subject("users/" + call.principal.user);
  entry.set_client("clients/" + testing::SomeId());
  entry.set_action("/carillon.workorder.v1.WorkOrderService/CloseWorkOrder");
  entry.add_resources("workOrders/1");
  entry.add_resources("customers/\"2\\");
  entry.add_shown_fields("customer.phone_number");
  entry.set_result("OK");
  entry.set_detail("it's {\"odd\", NULL, 处理}");
  entry.set_request_id(testing::SomeId());
  entry.set_request_hash(std::string(64, 'a'));
  entry.set_before_hash(std::string(64, 'b'));
  entry.set_after_hash(std::string(64, 'c'));
  *entry.mutable_occur_time() = ToProto(call.now);
  *entry.mutable_record_time() = ToProto(RealNow());
  entry.set_address("10.1.2.3");
  entry.set_token_id(testing::SomeId());
  const auto id = testing::SomeId();
  REQUIRE(Own().app.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::TakeIn(tx, "workorder", id, entry);
    return Ok();
  }));
  CHECK(Trail(call).empty());
  Chaining chaining;
  chaining.Run();
  const auto trail = Trail(call);
  REQUIRE(trail.size() == 2);
  CHECK(trail[1].sequence() == 1);
  CHECK(trail[1].action() == "tenant.create");
  CHECK(trail[1].after_hash().size() == 64);
  const auto& record = trail[0];
  CHECK(record.name() == "auditRecords/" + id);
  CHECK(record.service() == "workorder");
  CHECK(record.resource() == "workOrders/1");
  CHECK(record.resources(1) == "customers/\"2\\");
  CHECK(record.shown_fields(0) == "customer.phone_number");
  CHECK(record.detail() == entry.detail());
  CHECK(FromProto(record.record_time()) == FromProto(entry.record_time()));
  CHECK(record.previous_hash() == trail[1].hash());
  const auto* type = record.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i)
    if (!type->field(i)->is_repeated() && type->field(i)->has_presence())
      CHECK(record.GetReflection()->HasField(record, type->field(i)));
    else if (!type->field(i)->is_repeated() &&
             type->field(i)->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING)
      CHECK_FALSE(record.GetReflection()->GetString(record, type->field(i)).empty());
  CHECK_FALSE(Broken(call));

  for (const auto& statement : {kRewrite, kErase, kEraseBatch})
    CHECK_FALSE(Own().app.Write(call, [&](pg::Tx& tx) -> Result<void> {
      tx.Exec(statement);
      return Ok();
    }));
  CHECK(Trail(call).size() == 2);
}

TEST_CASE("several writers at once make one chain without gap or double", "[access][store][audit]") {
  const auto call = MakeTenant(SomeSlug(), Own());
  constexpr int kPeople = 4, kEach = 60;
  std::atomic<int> working{kPeople};
  std::vector<std::jthread> all;
  for (int person = 0; person < kPeople; ++person)
    all.emplace_back([&] {
      for (int i = 0; i < kEach; ++i)
        static_cast<void>(Own().app.Write(call, [&](pg::Tx& tx) -> Result<void> {
          store::Audit(tx, {.action = "user.update", .resource = "users/" + std::to_string(i)}, RealNow());
          return Ok();
        }));
      --working;
    });
  for (int writer = 0; writer < 3; ++writer)
    all.emplace_back([&] {
      Chaining chaining;
      while (working > 0) chaining.Run();
      chaining.Run();
    });
  all.clear();
  const auto trail = Trail(call);
  REQUIRE(trail.size() == 1 + kPeople * kEach);
  for (std::size_t i = 0; i < trail.size(); ++i)
    CHECK(trail[i].sequence() == static_cast<std::int64_t>(trail.size() - i));
  CHECK_FALSE(Broken(call));
}

TEST_CASE("the trail is found by who, what, on what and when, page by page", "[access][store][audit]") {
  const auto call = MakeTenant(SomeSlug(), Own());
  Do(call, "user.update", "users/1", "users/boss");
  Do(call, "user.update", "users/2");
  Chaining chaining;
  chaining.Run();
  const auto middle = RealNow();
  Do(call, "role.update", "roles/1", "users/boss");
  chaining.Run();
  const auto actions = [&](const store::AuditFilter& filter) {
    std::string out;
    for (const auto& record : Trail(call, filter)) out += record.resource() + " ";
    return out;
  };
  CHECK(actions({.subject = "users/boss"}) == "roles/1 users/1 ");
  CHECK(actions({.resource = "users/2"}) == "users/2 ");
  CHECK(actions({.action = "user.update"}) == "users/2 users/1 ");
  CHECK(actions({.from = middle}) == "roles/1 ");
  CHECK(actions({.action = "user.update", .until = middle}) == "users/2 users/1 ");
  CHECK(actions({.until = middle - 1h}).empty());
  CHECK(Trail(call, {}, 3).size() == 2);
  CHECK(Trail(call, {}, std::nullopt, 3).front().sequence() == 4);
}

TEST_CASE("a new key is vouched for by one before it", "[access][store][audit]") {
  const auto call = MakeTenant(SomeSlug(), Own());
  Chaining chaining;
  chaining.Run();
  // Ninety days later: another key signs, published for its time before that.
  const auto later = RealNow() + 24h * 90;
  REQUIRE(chaining.keys.Refresh(testing::CallOf(""), later));
  REQUIRE(chaining.keys.Refresh(testing::CallOf(""), later + 20min));
  Do(call, "user.update", "users/1");
  chaining.writer.Run(testing::CallOf(""), later + 20min);
  const auto keys =
      Own()
          .worker
          .Read(call,
                [](pg::Tx& tx) -> Result<std::vector<store::AuditKey>> { return store::LoadAuditKeys(tx); })
          .value();
  REQUIRE(keys.size() >= 2);
  CHECK(keys.front().vouched_by.empty());
  for (std::size_t i = 1; i < keys.size(); ++i) {
    INFO(keys[i].key.kid);
    const auto by = std::find_if(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i),
                                 [&](const auto& key) { return key.key.kid == keys[i].vouched_by; });
    REQUIRE(by != keys.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(crypto::PublicKey::FromJwk(by->key)->Verify(store::CanonicalKey(keys[i].key),
                                                      crypto::FromBase64Url(keys[i].voucher).value()));
  }
}

}  // namespace
}  // namespace carillon::access
