#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>
#include <unordered_map>

#include "filling.hpp"
#include "redis/client.hpp"
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

/// Personal values nobody else has, by what they are; those of a flock as "full_name#17".
struct Birds {
  std::map<std::string, std::string> all;
  std::string main;                  ///< the customer who calls
  std::vector<std::string> flocked;  ///< customers who do not
  const std::string& Set(const std::string& what, const std::string& value) { return all[what] = value; }
};

/// Finds any of many values in one pass over a text.
class Spotter {
 public:
  explicit Spotter(const std::map<std::string, std::string>& birds) {
    for (const auto& [bird, value] : birds) {
      REQUIRE(value.size() >= kHead);
      by_head_[value.substr(value.size() - kHead)].emplace_back(bird, value);
    }
  }
  /// The kinds that are in it.
  std::set<std::string> In(std::string_view text) const {
    std::set<std::string> out;
    for (std::size_t at = kHead; at <= text.size(); ++at) {
      if (text[at - 1] < '0' || text[at - 1] > 'z') continue;  // values end in digits or letters
      const auto found = by_head_.find(std::string(text.substr(at - kHead, kHead)));
      if (found == by_head_.end()) continue;
      for (const auto& [bird, value] : found->second)
        if (text.substr(0, at).ends_with(value)) out.insert(bird.substr(0, bird.find('#')));
    }
    return out;
  }

 private:
  static constexpr std::size_t kHead = 6;
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> by_head_;
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

/// Customers in plenty, by hand and from a source, found, changed and looked up.
void LetFlock(Birds& birds, int flocks) {
  auto& world = World::The();
  auto& who = world.ours();
  const std::string customers = "carillon.customer.v1.CustomerService/";
  const std::string steward = "carillon.customer.v1.StewardService/";
  world.Do(who, who.all, steward + "PutSourceSystem",
           {{"source_system", {{"name", "sourceSystems/aviary"}, {"trust_rank", 5}}}});
  for (int n = 0; n < flocks; ++n) {
    const auto set = [&](const std::string& what, const std::string& value) {
      return birds.Set(what + "#" + std::to_string(n), value);
    };
    const auto number = set("mobile_unused", "+86188" + Digits(8));
    const Json values = {
        {"client", who.clients[0]},
        {"person",
         {{"full_name", set("full_name", "Lerche" + Digits(8))},
          {"employer", set("employer", "Falknerei" + Digits(8))}}},
        {"identifiers",
         {{{"type", "PASSPORT"}, {"number", set("id_number", "K" + Digits(12))}},
          {{"type", "OTHER"}, {"number", set("other_number", "M" + Digits(12))}}}},
        {"contacts",
         {{{"type", "MOBILE"}, {"number", number}},
          {{"type", "HOME_PHONE"}, {"number", set("home_phone", "+86159" + Digits(8))}},
          {{"type", "EMAIL"}, {"address", set("email", "lerche@" + Digits(8) + ".example")}}}},
        {"addresses",
         {{{"type", "RESIDENCE"}, {"detail", set("address", "Gasse" + Digits(10))}},
          {{"type", "WORK"}, {"detail", set("work_address", "Platz" + Digits(10))}}}},
        {"accounts",
         {{{"number", set("account", "6217" + Digits(12))}, {"type", "DEPOSIT"}, {"state", "CLOSED"}}}}};
    Json source_values = values;
    source_values.erase("client");
    const auto made =
        n % 2 == 0
            ? world.Do(who, who.all, customers + "CreateCustomer",
                       {{"request_id", testing::SomeId()}, {"customer", values}})
            : world.Do(
                  who, who.all, steward + "IngestRecords",
                  {{"source_system", "sourceSystems/aviary"},
                   {"client", who.clients[0]},
                   {"records", {{{"key", set("source_key", "Q" + Digits(12))}, {"values", source_values}}}},
                   {"request_id", testing::SomeId()}});
    const std::string name = n % 2 == 0 ? made.at("name") : made.at("results").at(0).at("customer");
    birds.flocked.push_back(name);
    world.Do(who, who.all, customers + "LookUpCaller", {{"phone_number", number}});
    world.Do(who, who.all, customers + "SearchCustomers",
             {{"text", birds.all["full_name#" + std::to_string(n)]}});
    world.Do(who, who.all, customers + "UpdateCustomer",
             {{"customer", {{"name", name}, {"grade", "GOLD"}}},
              {"update_mask", "grade"},
              {"request_id", testing::SomeId()}});
  }
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
         {"accounts",
          {{{"number", birds.Set("account", "6217" + Digits(12))},
            {"type", "SAVINGS"},
            {"state", "CLOSED"}}}}}}});
  const auto name = made["name"];
  birds.main = name;
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
           {{"name", name}, {"password", birds.Set("service_password", "7" + Digits(11))}});
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

/// Events on their way, tasks, caches: until all is quiet.
void AwaitQuiet() {
  for (int still = 0; still < 5; std::this_thread::sleep_for(200ms)) {
    bool busy = false;
    for (const auto& service : World::The().services())
      busy = busy || Sql(service,
                         "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM tasks WHERE failed_at "
                         "IS NULL)")
                             .at(0) != "0";
    still = busy ? 0 : still + 1;
  }
}

/// Calls `found(kind, place)` for each place that any of the values is readable in; returns how many places
/// were looked at.
template <class FoundFn>
std::size_t Trace(const std::map<std::string, std::string>& birds, FoundFn found) {
  auto& world = World::The();
  const Spotter spotter(birds);
  std::size_t places = 0;
  const auto look = [&](std::string_view text, const std::string& place) {
    for (const auto& bird : spotter.In(text)) found(bird, place);
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
      for (const auto& value :
           Sql(service, "SELECT DISTINCT " + text + " FROM " + table + " WHERE " + name + " IS NOT NULL"))
        look(value, service + "." + table + "." + name);
    }
    ++places;
    const auto metrics = world.platform().Metrics(service);
    CHECK(metrics.find("carillon_") != std::string::npos);
    look(metrics, "metrics:" + service);
    ++places;
    look(Bytes(world.platform().service(service).process().log()), "log:" + service);
  }
  // Whatever broker, cache and database wrote beside their tables; the cache writes all it holds.
  redis::Client cache(*redis::Address::Parse(testing::ServerSetting("CARILLON_TEST_REDIS_URL")), 1);
  const auto by = std::chrono::steady_clock::now() + 30s;
  REQUIRE(cache.Command({"CONFIG", "SET", "rdbcompression", "no"}, by));
  REQUIRE(cache.Command({"SAVE"}, by));
  const std::filesystem::path env = std::getenv("CARILLON_SERVERS_ENV");
  const auto servers = env.parent_path() / env.stem();
  bool cache_seen = false;
  for (const auto* part : {"kafka", "redis", "postgres"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(servers / part)) {
      if (!file.is_regular_file() || file.path().string().find("/data/") != std::string::npos) continue;
      cache_seen = cache_seen || file.path().extension() == ".rdb";
      ++places;
      auto place = std::string(part) + ":" + file.path().filename().string();
      if (const auto folder = file.path().parent_path().filename().string(); folder.starts_with("carillon."))
        place = "topic:" + folder.substr(0, folder.rfind('-'));
      look(Bytes(file.path()), place);
    }
  }
  CHECK(cache_seen);
  return places;
}

void TraceAll(int flocks) {
  auto& world = World::The();
  auto birds = LetFly();
  LetFlock(birds, flocks);
  AwaitQuiet();
  const auto meant = Meant();
  std::set<std::string> used;
  const auto places = Trace(birds.all, [&](const std::string& bird, const std::string& place) {
    if (meant.contains(bird + " " + place)) {
      used.insert(bird + " " + place);
    } else {
      FAIL_CHECK(bird + " was found in " + place);
    }
  });
  for (const auto& [place, why] : meant) {
    INFO(place);
    CHECK_FALSE(why.empty());
    CHECK(used.contains(place));  // a line that allows what never happens is taken out
  }
  CHECK(birds.all.size() >= 15);
  // Erased: of who never called nothing is left anywhere; the number of who did stays with the calls, 35
  // days.
  std::vector<std::string> erased = birds.flocked;
  erased.push_back(birds.main);
  for (const auto& name : erased) {
    world.Do(world.ours(), world.ours().all, "carillon.customer.v1.PrivacyService/EraseCustomer",
             {{"name", name}, {"reason", "SUBJECT_REQUEST"}, {"request_id", testing::SomeId()}});
  }
  AwaitQuiet();
  std::map<std::string, std::string> gone;
  for (const auto& [bird, value] : birds.all) {
    static const std::set<std::string> kOfMain{"full_name", "id_number", "email", "address", "account"};
    if (bird.find('#') != std::string::npos || kOfMain.contains(bird)) gone[bird] = value;
  }
  Trace(gone, [&](const std::string& bird, const std::string& place) {
    FAIL_CHECK(bird + " of somebody erased was found in " + place);
  });
  Trace({{"mobile", birds.all["mobile"]}}, [&](const std::string& bird, const std::string& place) {
    if (place.starts_with("customer.") || !meant.contains(bird + " " + place))
      FAIL_CHECK(bird + " of somebody erased was found in " + place);
  });
  std::cout << "canaries: " << birds.all.size() << " in " << places << " places; " << used.size()
            << " meetings, all of them meant; " << gone.size() << " of " << erased.size()
            << " people who were erased then: none found" << std::endl;
}

TEST_CASE("personal values stand in the columns meant for them and nowhere else; erased ones nowhere",
          "[walk][canary]") {
  TraceAll(4);
}

TEST_CASE("a thousand personal values stand in the columns meant for them; erased ones nowhere",
          "[.long][walk][canary]") {
  TraceAll(100);
}

}  // namespace
}  // namespace carillon::walk
