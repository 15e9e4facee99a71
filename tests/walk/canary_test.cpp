#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "filling.hpp"
#include "rows.hpp"
#include "world.hpp"

namespace carillon::walk {
namespace {

using namespace std::chrono_literals;

std::string Digits(std::size_t count) {
  static std::mt19937_64 random(std::random_device{}());
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + random() % 10);
  return out;
}

/// Personal values nobody else has, by what they are.
struct Birds {
  std::map<std::string, std::string> all;
  const std::string& Set(const std::string& what, const std::string& value) { return all[what] = value; }
};

/// The places a value is meant for: "place what-for"; a place is service.table.column, topic:NAME, or a
/// bird's name before either to allow that one only.
std::map<std::string, std::string> Meant() {
  std::ifstream in("tests/walk/canaries.txt");
  std::map<std::string, std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#") || line.empty()) continue;
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    out[line.substr(0, second)] = second == std::string::npos ? "" : line.substr(second + 1);
  }
  return out;
}

std::string Bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A small day with a bird in every personal field people can fill.
Birds LetFly() {
  auto& world = World::The();
  auto& who = world.ours();
  Birds birds;
  const std::string customers = "carillon.customer.v1.CustomerService/";
  const std::string orders = "carillon.workorder.v1.WorkOrderService/";
  const std::string kSwitch = "carillon.telephony.v1.SwitchService/";
  const auto number = birds.Set("mobile", "+86137" + Digits(8));
  const auto caller = birds.Set("caller", "+86136" + Digits(8));
  const auto made = world.Do(
      who, who.all, customers + "CreateCustomer",
      {{"request_id", testing::SomeId()},
       {"customer",
        {{"client", who.clients[0]},
         {"person", {{"full_name", birds.Set("full_name", "Zeisig" + Digits(8))}}},
         {"identifiers", {{{"type", "PASSPORT"}, {"number", birds.Set("id_number", "K" + Digits(12))}}}},
         {"contacts",
          {{{"type", "MOBILE"}, {"number", number}, {"own_line", true}},
           {{"type", "EMAIL"}, {"address", birds.Set("email", "zeisig" + Digits(8) + "@example.com")}}}},
         {"addresses", {{{"type", "RESIDENCE"}, {"detail", birds.Set("address", "Gasse" + Digits(10))}}}},
         {"accounts", {{{"number", birds.Set("account", "6217" + Digits(12))}, {"type", "SAVINGS"}}}}}}});
  const auto name = made["name"];
  world.Do(who, who.all, customers + "CreateCustomer",
           {{"request_id", testing::SomeId()},
            {"customer",
             {{"client", who.clients[0]},
              {"organisation",
               {{"full_name", "walk works"},
                {"legal_representative", birds.Set("legal_representative", "Fink" + Digits(8))},
                {"decision_maker", birds.Set("decision_maker", "Amsel" + Digits(8))}}}}}});
  // Asked for again, found by every way there is, and changed.
  world.Do(who, who.all, customers + "SearchCustomers", {{"text", birds.all["full_name"]}});
  world.Do(who, who.all, customers + "SearchCustomers", {{"account_number", birds.all["account"]}});
  world.Do(who, who.all, customers + "SearchCustomers",
           {{"identifier", {{"type", "PASSPORT"}, {"number", birds.all["id_number"]}}}});
  world.Do(who, who.all, customers + "SearchCustomers", {{"phone_suffix", number.substr(number.size() - 8)}});
  for (int i = 0; i < 2; ++i) world.Do(who, who.all, customers + "LookUpCaller", {{"phone_number", number}});
  world.Do(who, who.all, customers + "UpdateCustomer",
           {{"customer", {{"name", name}, {"grade", "GOLD"}}},
            {"update_mask", "grade"},
            {"request_id", testing::SomeId()}});
  world.Do(who, who.all, customers + "SetServicePassword",
           {{"name", name}, {"password", birds.Set("service_password", "7" + Digits(5))}});
  world.DoAsService(who, "ivr", customers + "VerifyServicePassword",
                    {{"name", name}, {"password", birds.all["service_password"]}});
  world.Do(who, who.admin, "carillon.access.v1.AccessService/CreateUser",
           {{"user",
             {{"login", "bird" + Digits(6)},
              {"display_name", "bird"},
              {"phone_number", birds.Set("staff_phone", "+86135" + Digits(8))}}},
            {"password", birds.Set("login_password", "correct-" + Digits(10) + "-horse")},
            {"permanent_password", true},
            {"request_id", testing::SomeId()}});
  // A call: of the customer, and of one nobody knows.
  for (const auto& calling : {number, caller}) {
    const auto call = world.Do(who, who.all, kSwitch + "ReportCallArrived",
                               {{"switch_call_id", testing::SomeId()},
                                {"switch_id", who.mark + "-switch"},
                                {"calling_number", calling},
                                {"called_number", "10000"},
                                {"request_id", testing::SomeId()}});
    for (const auto end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(50ms)) {
      if (world.Do(who, who.all, "carillon.ivr.v1.SessionService/ListSessions", {{"call", call["name"]}})
              .contains("sessions"))
        break;
    }
    world.Do(who, who.all, kSwitch + "ReportInput",
             {{"call", call["name"]},
              {"directive_version", "1"},
              {"digits", "5791"},
              {"request_id", testing::SomeId()}});
    world.Do(who, who.all, "carillon.telephony.v1.CallService/AttachData",
             {{"name", call["name"]},
              {"data", {{"remark", birds.Set("call_data", "Drossel" + Digits(8))}}},
              {"request_id", testing::SomeId()}});
    world.DoAsService(who, "ivr", "carillon.routing.v1.InteractionService/CreateInteraction",
                      {{"interaction",
                        {{"queue", "queues/" + who.mark + "-queue-0"},
                         {"call", call["name"]},
                         {"calling_number", calling},
                         {"attached_data", {{"said", birds.Set("attached_data", "Meise" + Digits(8))}}}}},
                       {"request_id", testing::SomeId()}});
  }
  const auto order =
      world.Do(who, who.all, orders + "CreateWorkOrder",
               {{"work_order",
                 {{"client", who.clients[0]},
                  {"type", "INQUIRY"},
                  {"title", "no dial tone"},
                  {"customer", name},
                  {"contact_name", birds.Set("contact_name", "Star" + Digits(8))},
                  {"contact_number", birds.Set("contact_number", "+86134" + Digits(8))},
                  {"service_address", {{"detail", birds.Set("service_address", "Weg" + Digits(10))}}}}},
                {"request_id", testing::SomeId()}});
  world.Do(who, who.all, orders + "SearchWorkOrders", {{"query", birds.all["contact_number"]}});
  world.Do(who, who.all, orders + "AnswerWorkOrder",
           {{"name", order["name"]}, {"answer", "mended"}, {"request_id", testing::SomeId()}});
  return birds;
}

TEST_CASE("personal values stand in the columns meant for them and nowhere else", "[walk][canary]") {
  auto& world = World::The();
  const auto birds = LetFly();
  // Events on their way, tasks, caches: until all is quiet.
  for (int still = 0; still < 5; std::this_thread::sleep_for(200ms)) {
    bool busy = false;
    for (const auto& service : world.services())
      busy = busy || Sql(service,
                         "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM tasks WHERE failed_at "
                         "IS NULL)")
                             .at(0) != "0";
    still = busy ? 0 : still + 1;
  }
  const auto meant = Meant();
  std::set<std::string> used;
  std::size_t places = 0;
  const auto found = [&](const std::string& bird, const std::string& place) {
    if (meant.contains(bird + " " + place)) {
      used.insert(bird + " " + place);
    } else {
      FAIL_CHECK(bird + " was found in " + place);
    }
  };
  for (const auto& service : world.services()) {
    for (const auto& column :
         Sql(service,
             "SELECT c.relname || '.' || a.attname || '.' || (a.atttypid = 'bytea'::regtype) FROM pg_class c "
             "JOIN "
             "pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND "
             "c.relkind "
             "IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped")) {
      ++places;
      const auto table = column.substr(0, column.find('.'));
      const auto name = column.substr(table.size() + 1, column.rfind('.') - table.size() - 1);
      const auto text = column.ends_with("true") ? "encode(" + name + ", 'escape')" : name + "::text";
      std::string query;
      for (const auto& [bird, value] : birds.all)
        query += (query.empty() ? "" : " UNION ALL ") +
                 ("SELECT '" + bird + "' WHERE EXISTS (SELECT FROM " + table + " WHERE position('" + value +
                  "' IN " + text + ") > 0)");
      for (const auto& bird : Sql(service, query)) found(bird, service + "." + table + "." + name);
    }
    ++places;
    const auto metrics = world.platform().Metrics(service);
    CHECK(metrics.find("carillon_") != std::string::npos);
    const auto log = Bytes(world.platform().service(service).process().log());
    ++places;
    for (const auto& [bird, value] : birds.all) {
      if (metrics.find(value) != std::string::npos) found(bird, "metrics:" + service);
      if (log.find(value) != std::string::npos) found(bird, "log:" + service);
    }
  }
  // Whatever broker, cache and database wrote beside their tables.
  const std::filesystem::path env = std::getenv("CARILLON_SERVERS_ENV");
  const auto servers = env.parent_path() / env.stem();
  for (const auto* part : {"kafka", "redis", "postgres"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(servers / part)) {
      if (!file.is_regular_file() || file.path().string().find("/data/") != std::string::npos) continue;
      ++places;
      const auto bytes = Bytes(file.path());
      auto place = std::string(part) + ":" + file.path().filename().string();
      if (const auto folder = file.path().parent_path().filename().string(); folder.starts_with("carillon."))
        place = "topic:" + folder.substr(0, folder.rfind('-'));
      for (const auto& [bird, value] : birds.all)
        if (bytes.find(value) != std::string::npos) found(bird, place);
    }
  }
  for (const auto& [place, why] : meant) {
    INFO(place);
    CHECK_FALSE(why.empty());
    CHECK(used.contains(place));  // a line that allows what never happens is taken out
  }
  CHECK(birds.all.size() >= 15);
  std::cout << "canaries: " << birds.all.size() << " in " << places << " places; " << used.size()
            << " meetings, all of them meant" << std::endl;
}

}  // namespace
}  // namespace carillon::walk
