#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <thread>

#include "access/domain/audit_chain.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"
#include "crypto/token.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::access {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
namespace pb = carillon::access::v1;
namespace customer = carillon::customer::v1;
namespace workorder = carillon::workorder::v1;

const std::string kRoot = "bootstrap-Pass-2026";
constexpr const char* kShared = "a secret of these tests only";

std::string Sql(const testing::Database& database, const std::string& statement) {
  pqxx::connection connection(database.admin_url());
  pqxx::nontransaction work(connection);
  work.exec("SET session_replication_role = replica");  // what the superuser can: no trigger stops him
  const auto rows = work.exec(statement);
  return rows.empty() ? std::string() : rows[0][0].as<std::string>(std::string());
}

std::map<std::string, std::string> AccessSettings() {
  return {{"BOOTSTRAP_PASSWORD", kRoot},
          {"KEYS_MASTER", std::string(32, 'k')},
          {"AUDIT_CHAIN_MS", "50"},
          {"SERVICES_SECRETS", std::string("customer=") + kShared + ",workorder=" + kShared}};
}

std::map<std::string, std::string> WithKafka(std::map<std::string, std::string> settings,
                                             const std::string& name) {
  settings["KAFKA_BROKERS"] = testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS");
  settings["KAFKA_USERNAME"] = testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME");
  settings["KAFKA_PASSWORD"] = testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD");
  settings["INSTANCE"] = name + "-" + testing::SomeId();
  return settings;
}

template <class Response, class Request>
Result<Response> Ask(const std::string& target, const std::string& token, const std::string& method,
                     const Request& request) {
  rpc::Token bearer;
  if (!token.empty()) bearer = [token](auto) { return Result<std::string>(token); };
  rpc::Peer peer(target, {}, bearer);
  return peer.Ask<Response>(testing::CallOf(""), method, request, 10s);
}

std::string TokenOf(const std::string& access, const std::string& login) {
  pb::LoginRequest request;
  request.set_tenant("platform");
  request.set_login(login);
  request.set_password(kRoot);
  return Ask<pb::Tokens>(access, "", "carillon.access.v1.AccessService/Login", request)
      .value()
      .access_token();
}

pb::ListAuditRecordsResponse Trail(const std::string& access, const std::string& token,
                                   const pb::ListAuditRecordsRequest& request) {
  return Ask<pb::ListAuditRecordsResponse>(access, token, "carillon.access.v1.AccessService/ListAuditRecords",
                                           request)
      .value();
}

/// What `carillon-access audit verify` says, and its exit code.
std::pair<json, int> Verify(const testing::Database& database, const std::string& heads) {
  const auto binary = std::filesystem::canonical("/proc/self/exe").parent_path() / "carillon-access";
  const auto command = binary.string() + " audit verify --json --tenant platform --db '" +
                       database.worker_url() + "'" + (heads.empty() ? "" : " --heads " + heads);
  auto* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), size);
  const int status = ::pclose(pipe);
  INFO(text);
  REQUIRE(WIFEXITED(status));
  REQUIRE_FALSE(text.empty());
  return {json::parse(text).at("tenants").at(0), WEXITSTATUS(status)};
}

std::string BrokenAt(const testing::Database& database, const std::string& heads = "") {
  const auto [report, code] = Verify(database, heads);
  CHECK(code == (report.contains("broken") ? 1 : 0));
  if (!report.contains("broken")) return "whole";
  return report["broken"]["how"].get<std::string>() + " " +
         std::to_string(report["broken"]["sequence"].get<int>());
}

/// access, customer and workorder as real processes over one Kafka.
struct Centre {
  testing::Database access_db{"access"}, customer_db{"customer"}, orders_db{"workorder"};
  testing::ServiceProcess access{"access", access_db, WithKafka(AccessSettings(), "access")};
  testing::ServiceProcess customers{"customer", customer_db,
                                    WithKafka({{"PEERS", "access=" + access.target()},
                                               {"AUTH_SECRET", kShared},
                                               {"VAULT_KEYS", "t1:0123456789abcdef0123456789abcdef"}},
                                              "customer")};
  testing::ServiceProcess orders{
      "workorder", orders_db,
      WithKafka({{"PEERS", "access=" + access.target()}, {"AUTH_SECRET", kShared}}, "workorder")};
  std::string admin = TokenOf(access.target(), "admin");
  std::string agent;

  Centre() {
    pb::CreateUserRequest user;
    user.mutable_user()->set_login("seat-12");
    user.mutable_user()->add_roles("CSR");
    user.mutable_user()->set_all_clients(true);
    user.set_password(kRoot);
    user.set_permanent_password(true);
    REQUIRE(Ask<pb::User>(access.target(), admin, "carillon.access.v1.AccessService/CreateUser", user));
    agent = TokenOf(access.target(), "seat-12");
  }
  std::string NewCustomer(const std::string& number) {
    customer::CreateCustomerRequest request;
    request.mutable_customer()->mutable_person()->set_full_name("黄志强");
    auto& medium = *request.mutable_customer()->add_contacts();
    medium.set_type(customer::ContactMedium::MOBILE);
    medium.set_number(number);
    request.set_request_id(testing::SomeId());
    return Ask<customer::Customer>(customers.target(), agent,
                                   "carillon.customer.v1.CustomerService/CreateCustomer", request)
        .value()
        .name();
  }
  workorder::Desk NewDesk(const std::string& name) {
    workorder::CreateDeskRequest request;
    request.mutable_desk()->set_display_name(name);
    request.set_request_id(testing::SomeId());
    return Ask<workorder::Desk>(orders.target(), admin, "carillon.workorder.v1.WorkOrderService/CreateDesk",
                                request)
        .value();
  }
  /// The records that fit, newest first, as soon as there are `count`, or what there is after twenty seconds.
  std::vector<pb::AuditRecord> Await(pb::ListAuditRecordsRequest request, int count) {
    request.set_page_size(200);
    const auto until = std::chrono::steady_clock::now() + 20s;
    for (;;) {
      const auto page = Trail(access.target(), admin, request);
      if (page.audit_records_size() >= count || std::chrono::steady_clock::now() > until)
        return {page.audit_records().begin(), page.audit_records().end()};
      std::this_thread::sleep_for(20ms);
    }
  }
  /// Audit entries that left customer's transactions so far.
  int EntriesOfCustomer() const {
    return std::stoi(Sql(customer_db,
                         "SELECT (SELECT count(*) FROM outbox WHERE topic = 'carillon.customer.audit.v1') + "
                         "coalesce((SELECT sum(events) FROM outbox_published WHERE topic = "
                         "'carillon.customer.audit.v1'), 0)"));
  }
};

Centre& TheCentre() {
  static Centre centre;
  return centre;
}

TEST_CASE("what users do in other services comes into the chain of access, without a personal value",
          "[access][service][audit]") {
  auto& centre = TheCentre();
  const auto name = centre.NewCustomer("+8613800137712");
  pb::ListAuditRecordsRequest request;
  request.set_resource(name);
  const auto records = centre.Await(request, 1);
  REQUIRE(records.size() == 1);
  const auto& record = records[0];
  CHECK(record.service() == "customer");
  CHECK(record.action() == "/carillon.customer.v1.CustomerService/CreateCustomer");
  for (const auto& [action, found] :
       {std::pair{record.action(), 1}, {"CreateCustomer", 1}, {"Customer", 0}}) {
    auto narrowed = request;
    narrowed.set_action(action);
    CHECK(centre.Await(narrowed, found).size() == static_cast<std::size_t>(found));
  }
  CHECK(record.result() == "OK");
  CHECK(IsUuid(record.request_id()));
  CHECK(record.request_hash().size() == 64);
  CHECK(record.client().starts_with("clients/"));
  CHECK_FALSE(record.address().empty());
  CHECK(record.sequence() > 1);
  CHECK(record.hash().size() == 64);
  for (const auto* secret : {"13800137712", "黄志强"})
    CHECK(record.DebugString().find(secret) == std::string::npos);

  const auto desk = centre.NewDesk("天河处理台");
  request.set_resource(desk.name());
  CHECK(centre.Await(request, 1).size() == 1);
}

TEST_CASE("a reading in clear is committed before the answer comes, a masked one leaves nothing",
          "[access][service][audit]") {
  auto& centre = TheCentre();
  const auto name = centre.NewCustomer("+8613800137713");
  customer::GetCustomerRequest get;
  get.set_name(name);
  const auto read = [&](const std::string& token) {
    return Ask<customer::Customer>(centre.customers.target(), token,
                                   "carillon.customer.v1.CustomerService/GetCustomer", get)
        .value();
  };
  const auto before = centre.EntriesOfCustomer();
  CHECK(read(centre.agent).contacts(0).number() == "+86138****7713");
  CHECK(centre.EntriesOfCustomer() == before);
  CHECK(read(centre.admin).contacts(0).number() == "+86138****7713");
  CHECK(centre.EntriesOfCustomer() == before);
  get.set_purpose("IDENTITY");
  CHECK(read(centre.admin).contacts(0).number() == "+8613800137713");
  CHECK(centre.EntriesOfCustomer() == before + 1);

  pb::ListAuditRecordsRequest request;
  request.set_resource(name);
  request.set_action("/carillon.customer.v1.CustomerService/GetCustomer");
  const auto records = centre.Await(request, 1);
  REQUIRE(records.size() == 1);
  CHECK(records[0].detail() == "purpose IDENTITY");
  const auto& fields = records[0].shown_fields();
  CHECK(std::find(fields.begin(), fields.end(), "contacts.number") != fields.end());
  CHECK(records[0].DebugString().find("13800137713") == std::string::npos);
}

TEST_CASE("who is refused for want of a permission is in the trail", "[access][service][audit]") {
  auto& centre = TheCentre();
  workorder::CreateDeskRequest desk;
  desk.mutable_desk()->set_display_name("mine");
  const auto refused = Ask<workorder::Desk>(centre.orders.target(), centre.agent,
                                            "carillon.workorder.v1.WorkOrderService/CreateDesk", desk);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "PERMISSION_MISSING");
  pb::ListAuditRecordsRequest request;
  request.set_action("/carillon.workorder.v1.WorkOrderService/CreateDesk");
  request.set_subject(Ask<pb::ListUsersResponse>(centre.access.target(), centre.admin,
                                                 "carillon.access.v1.AccessService/ListUsers",
                                                 [] {
                                                   pb::ListUsersRequest users;
                                                   users.set_login("seat-12");
                                                   return users;
                                                 }())
                          .value()
                          .users(0)
                          .name());
  const auto records = centre.Await(request, 1);
  REQUIRE_FALSE(records.empty());
  CHECK(records[0].result() == "PERMISSION_MISSING");
}

TEST_CASE("access killed again and again leaves no gap and no double in its chains",
          "[access][service][audit]") {
  auto& centre = TheCentre();
  constexpr int kDesks = 60;
  pb::ListAuditRecordsRequest request;
  request.set_action("/carillon.workorder.v1.WorkOrderService/CreateDesk");
  *request.mutable_from_time() = ToProto(RealNow());
  for (int i = 0; i < kDesks; ++i) {
    centre.NewDesk("desk " + testing::SomeId());
    if (i % 15 == 14) centre.access.CrashAndRestart();
  }
  const auto records = centre.Await(request, kDesks);
  CHECK(records.size() == kDesks);
  std::set<std::string> resources;
  for (const auto& record : records) resources.insert(record.resource());
  CHECK(resources.size() == kDesks);
  const auto [report, code] = Verify(centre.access_db, "");
  CHECK(code == 0);
  CHECK(report["services"]["workorder"].get<int>() >= kDesks);
  CHECK(report["records"] == report["last_sequence"]);
}

/// A chain of access alone, whose service has ended: the check needs none.
struct Untouched {
  testing::Database database{"access"};
  const std::string heads =
      (std::filesystem::temp_directory_path() / ("audit-heads-" + testing::SomeId() + ".json")).string();
  std::string tenant;
  int last = 0;

  Untouched() {
    testing::ServiceProcess service("access", database, AccessSettings());
    const auto token = TokenOf(service.target(), "admin");
    for (int i = 0; i < 12; ++i) {
      pb::CreateUserRequest user;
      user.mutable_user()->set_login("user-" + std::to_string(i));
      REQUIRE(Ask<pb::User>(service.target(), token, "carillon.access.v1.AccessService/CreateUser", user));
    }
    const auto until = std::chrono::steady_clock::now() + 20s;  // the tenant, a login, twelve users
    while (Trail(service.target(), token, {}).audit_records_size() < 14 &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(20ms);
    service.Stop();
    tenant = Sql(database, "SELECT tenant_id FROM tenants WHERE slug = 'platform'");
    for (const std::string table : {"audit_trail", "audit_batches", "audit_keys"})
      Sql(database, "CREATE TABLE kept_" + table + " AS TABLE " + table);
    const auto [whole, code] = Verify(database, heads);
    REQUIRE(code == 0);
    last = whole["last_sequence"];
    REQUIRE(last >= 14);
  }
  ~Untouched() { std::filesystem::remove(heads); }
  void Restore() {
    for (const std::string table : {"audit_trail", "audit_batches", "audit_keys"})
      Sql(database, "TRUNCATE " + table + "; INSERT INTO " + table + " TABLE kept_" + table);
  }
};

TEST_CASE("what the database's superuser does to the trail is found, and where", "[access][service][audit]") {
  static Untouched untouched;
  untouched.Restore();
  const auto& [database, heads, tenant, last] = untouched;
  REQUIRE(BrokenAt(database, heads) == "whole");
  SECTION("a record rewritten") {
    Sql(database, "UPDATE audit_trail SET subject = 'users/nobody' WHERE sequence = 5");
    CHECK(BrokenAt(database) == "CHANGED 5");
  }
  SECTION("a record deleted") {
    Sql(database, "DELETE FROM audit_trail WHERE sequence = 7");
    CHECK(BrokenAt(database) == "MISSING 7");
  }
  SECTION("two records with their numbers swapped") {
    for (const auto* step : {"-4 WHERE sequence = 4", "4 WHERE sequence = 9", "9 WHERE sequence = -4"})
      Sql(database, std::string("UPDATE audit_trail SET sequence = ") + step);
    CHECK(BrokenAt(database) == "CHANGED 4");
  }
  SECTION("a record put in between, with a right hash") {
    Sql(database,
        "INSERT INTO audit_trail SELECT * FROM (SELECT (jsonb_populate_record(t, jsonb_build_object("
        "'chained_at', t.chained_at + interval '1 microsecond', 'detail', 'made up'))).* FROM audit_trail t "
        "WHERE sequence = 6) x");
    CHECK(BrokenAt(database) == "INSERTED 6");
  }
  SECTION("a signature put in by hand") {
    Sql(database,
        "UPDATE audit_batches SET signature = reverse(signature) WHERE first_sequence = "
        "(SELECT max(first_sequence) FROM audit_batches)");
    CHECK(BrokenAt(database) == "FORGED " + Sql(database, "SELECT max(first_sequence) FROM audit_batches"));
  }
  SECTION("a batch signed anew with a key of one's own") {
    const auto thief = crypto::SigningKey::Generate(crypto::Provider::kIntl, "thief");
    const auto jwk = thief.PublicJwk();
    Sql(database,
        "INSERT INTO audit_keys (kid, algorithm, crv, x, y, added_at) VALUES ('thief', 'ES256', 'P-256', '" +
            jwk.x + "', '" + jwk.y + "', now())");
    const auto first = Sql(database, "SELECT max(first_sequence) FROM audit_batches");
    pb::AuditBatch batch;
    batch.set_first_sequence(std::stoll(first));
    batch.set_last_sequence(last);
    batch.set_previous_hash(
        Sql(database, "SELECT previous_hash FROM audit_batches WHERE first_sequence = " + first));
    batch.set_last_hash(Sql(database, "SELECT last_hash FROM audit_batches WHERE first_sequence = " + first));
    *batch.mutable_sign_time() = ToProto(TimePoint{std::chrono::microseconds{std::stoll(
        Sql(database, "SELECT pg_us(signed_at) FROM audit_batches WHERE first_sequence = " + first))}});
    batch.set_algorithm("ES256");
    batch.set_key_id("thief");
    const auto signature = crypto::Base64Url(thief.SignBytes(domain::CanonicalBatch(tenant, batch)));
    Sql(database, "UPDATE audit_batches SET kid = 'thief', signature = '" + signature +
                      "' WHERE first_sequence = " + first);
    CHECK(BrokenAt(database) == "FORGED " + first);
  }
  SECTION("the end cut off: found by who remembers how long the chain was") {
    const auto first = Sql(database, "SELECT max(first_sequence) FROM audit_batches");
    Sql(database, "DELETE FROM audit_trail WHERE sequence >= " + first);
    CHECK(BrokenAt(database) == "MISSING " + first);
    Sql(database, "DELETE FROM audit_batches WHERE first_sequence = " + first);
    CHECK(BrokenAt(database, heads) == "CUT_OFF " + first);
    CHECK(BrokenAt(database) == "whole");
  }
  SECTION("all of it gone") {
    Sql(database, "TRUNCATE audit_trail, audit_batches, audit_keys");
    CHECK(BrokenAt(database, heads) == "CUT_OFF 1");
  }
}

}  // namespace
}  // namespace carillon::access
