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
