#include <set>

#include "rig.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::rig {

TEST_CASE("every table of routing is closed by forced row-level security, and the app role cannot pass it") {
  CHECK(
      Look("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
           "'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_migrations' "
           "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)") == "0");
  pqxx::connection app(Db().app_url());
  CHECK(std::string(
            pqxx::nontransaction(app)
                .exec("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")[0][0]
                .c_str()) == "f");
}

TEST_CASE("a tenant sees nothing of another, a user nothing of a client that is not theirs") {
  const auto mine = testing::SomeId();
  const auto shard = Open(mine);
  Furnish(*shard, mine, 1);
  const auto made = shard->Do<pb::Interaction>(OwnCall(mine, 5s), Ring());
  REQUIRE(made);
  const auto id = made->name().substr(13);
  const auto client = made->client().substr(8);
  const auto see = [&](const std::string& tenant, std::vector<std::string> clients) {
    return Pool()
        .Read(testing::CallOf(tenant, std::move(clients)),
              [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); })
        .has_value();
  };
  CHECK(see(mine, {client}));
  CHECK_FALSE(see(mine, {testing::SomeId()}));
  CHECK_FALSE(see(mine, {}));
  CHECK_FALSE(see(testing::SomeId(), {client}));
}

TEST_CASE("calling number and attached data leave an interaction that is over for long, the rest stays") {
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant);
  Furnish(*shard, tenant, 0);
  auto ring = Ring();
  ring.mutable_create_interaction()->set_calling_number("+8613800138000");
  (*ring.mutable_create_interaction()->mutable_attached_data())["card.name"] = "李**";
  const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), ring);
  REQUIRE(made);
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), EndOf(made->name())));
  static pg::Pool worker(Db().worker_url(), 2, "routing-test");
  const auto forget = [&](TimePoint before) {
    return worker.Write(OwnCall(tenant, 5s), [&](pg::Tx& tx) -> Result<int> {
      return store::ForgetPersonalValues(tx, before, 1000);
    });
  };
  const auto now = TheClock().Now();
  REQUIRE(forget(now - std::chrono::hours{1}));
  const auto load = [&] {
    const auto record = Pool().Read(
        OwnCall(tenant, 5s), [&](pg::Tx& tx) { return store::LoadInteraction(tx, made->name().substr(13)); });
    REQUIRE(record);
    return record->interaction();
  };
  CHECK(load().calling_number() == "+8613800138000");
  const auto changed = forget(now + std::chrono::hours{1});
  REQUIRE(changed);
  CHECK(*changed >= 1);
  CHECK(load().calling_number().empty());
  CHECK(load().attached_data().empty());
  CHECK(load().state() == pb::Interaction::ABANDONED);
}

TEST_CASE("the same queue code lives in two tenants apart") {
  for (int i = 0; i < 2; ++i) {
    const auto tenant = testing::SomeId();
    const auto shard = Open(tenant);
    Furnish(*shard, tenant, 1);
    const auto queues = Pool().Read(OwnCall(tenant, 5s), [&](pg::Tx& tx) -> Result<std::vector<pb::Queue>> {
      return store::ListQueues(tx, "", 10);
    });
    REQUIRE(queues);
    CHECK(queues->size() == 1);
  }
}

}  // namespace carillon::routing::rig
