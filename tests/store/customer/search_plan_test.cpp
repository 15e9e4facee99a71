#include <catch2/catch.hpp>
#include <map>

#include "bench.hpp"
#include "customer/api/selections.hpp"
#include "customer/store/statements.hpp"

namespace carillon::customer {
namespace {

/// Twenty thousand people of a tenant of their own, as far as searches look at them, and no sweep.
void Fill(const std::string& tenant) {
  pqxx::connection admin(Db().admin_url());
  pqxx::work tx(admin);
  const std::string whose = tx.quote(tenant) + "::uuid, md5('" + tenant + "' || n)::uuid";
  const std::string people = " FROM generate_series(1, 20000) n";
  tx.exec(
      "INSERT INTO customers (tenant_id, customer_id, state, party_type, display_name, party, grade, "
      "life_cycle_stage, brand, home_region, home_branch, preferred_language, preferred_channel, "
      "do_not_contact, "
      "special_needs, addresses, owner_unit, owner_user, version, created_at, updated_at, contacted_at) "
      "SELECT " +
      whose +
      ", 'SUSPENDED', 'PERSON', 'x', '{}', 'GOLD', '', '', '', '', '', '', false, '[]', '[]', '', '', 1, "
      "now(), "
      "now(), now()" +
      people);
  tx.exec(
      "INSERT INTO contact_media (tenant_id, customer_id, position, type, number, is_primary, purpose, "
      "best_time, "
      "own_line) SELECT " +
      whose + ", 1, 'MOBILE', '+86137' || 10000000 + n, true, '', '', false" + people);
  tx.exec(
      "INSERT INTO customer_identifiers (tenant_id, customer_id, position, type, number_sealed, number_hash) "
      "SELECT " +
      whose + ", 1, 'PASSPORT', 's', md5('i' || n)" + people);
  tx.exec(
      "INSERT INTO accounts (tenant_id, customer_id, position, number_sealed, number_hash, type, "
      "product_code, state, "
      "points) SELECT " +
      whose + ", 1, 's', md5('a' || n), 'DEPOSIT', '', 'ACTIVE', 0" + people);
  tx.exec("INSERT INTO customer_terms (tenant_id, customer_id, term) SELECT " + whose +
          ", 'n' || md5(k || 't' || n)" + people + ", generate_series(1, 4) k");
  tx.commit();
  pqxx::nontransaction(admin).exec("ANALYZE");
}

TEST_CASE("no search reads a table from end to end", "[customer][store][search]") {
  const auto tenant = testing::SomeId();
  Fill(tenant);
  pqxx::connection app(Db().app_url());
  pqxx::nontransaction look(app);
  look.exec("SELECT set_config('app.tenant', '" + tenant +
            "', false), set_config('app.clients', '*', false)");
  look.exec("SET plan_cache_mode = force_generic_plan");
  const std::string first = "'00000000-0000-0000-0000-000000000000'";
  const std::vector<std::pair<pg::Statement, std::string>> searches{
      {store::kByTerms, "'{nabc,nabd}', '{nabd,nabe}', " + first + ", 21"},
      {store::kByIdentifier, "'{abc}', 'PASSPORT', " + first + ", 21"},
      {store::kByAccount, "'{abc}', " + first + ", 21"},
      {store::kIdsByNumbers, "'{+8613710000017}', 21"},
      {store::kByNumber, "'+8613710000017'"},
      {store::kByTags, "'{cabc}', " + first + ", 21"},
      {store::kLoad, "'{" + tenant + "}'"},
  };
  for (const auto& [statement, parameters] : searches) {
    INFO(statement.name);
    look.exec(std::string("PREPARE one AS ") + statement.sql);
    std::string plan;
    for (const auto& row : look.exec("EXPLAIN (COSTS OFF) EXECUTE one (" + parameters + ")"))
      plan += std::string(row[0].c_str()) + "\n";
    look.exec("DEALLOCATE one");
    INFO(plan);
    CHECK(plan.find("Index") != std::string::npos);
    for (const char* table :
         {"customers", "contact_media", "customer_identifiers", "accounts", "customer_terms"})
      CHECK(plan.find(std::string("Seq Scan on ") + table + " ") == std::string::npos);
  }
  // An update looks for its one row in the index, however dear that is thought to be; nor does a search go
  // through all customers beside the few it found.
  look.exec("SET random_page_cost = 40");
  const auto plan_of = [&](const pg::Statement& statement, const std::string& parameters) {
    look.exec(std::string("PREPARE one AS ") + statement.sql);
    std::string plan;
    for (const auto& row : look.exec("EXPLAIN (COSTS OFF) EXECUTE one (" + parameters + ")"))
      plan += std::string(row[0].c_str()) + "\n";
    look.exec("DEALLOCATE one");
    return plan;
  };
  const auto update = plan_of(store::kUpdateCustomer, "'[{}]', '" + tenant + "'");
  INFO(update);
  CHECK(update.find("Seq Scan") == std::string::npos);
  const auto search = plan_of(store::kByTerms, "'{nabc,nabd}', '{nabd,nabe}', " + first + ", 21");
  INFO(search);
  CHECK(search.find("Merge Join") == std::string::npos);
  CHECK(search.find("Hash Join") == std::string::npos);
  const auto owners = plan_of(store::kSourceOwners, "'{1}', '{edw}', '{7}', '{NULL}'");
  INFO(owners);
  CHECK(owners.find("Index Cond: ((tenant_id = ") != std::string::npos);
  CHECK(owners.find("(client_id = q.client)") != std::string::npos);
  // What a small tenant asks is counted in its own rows, however many its neighbours have.
  const Call small = ServiceCall(testing::SomeId());
  for (int i = 0; i < 3; ++i) REQUIRE(Create(small, APerson("何文静", ANumber())));
  const auto said = Ask<pb::FilterExplanation, pb::ExplainFilterRequest>(
      small, api::ExplainFilter, [](auto& in) { in.set_filter("party_type = PERSON"); });
  REQUIRE(said);
  CHECK(said->exact());
  CHECK(said->estimated_count() == 3);
}

}  // namespace
}  // namespace carillon::customer
