#include <catch2/catch.hpp>
#include <iostream>
#include <random>
#include <thread>

#include "carillon/routing/v1/journal.pb.h"
#include "filling.hpp"
#include "rows.hpp"
#include "world.hpp"

namespace carillon::walk {
namespace {

using namespace std::chrono_literals;

/// One way past a wall.
struct Leak {
  std::string method, field, what;
};

std::ostream& operator<<(std::ostream& out, const Leak& leak) {
  return out << leak.method << " " << leak.field << ": " << leak.what;
}

struct Walked {
  std::size_t methods = 0, names = 0, calls = 0;
  std::vector<Leak> leaks;
  std::set<std::string> accepted;  ///< methods that took a name from behind the wall as a mere reference
};

/// Calls methods with names from behind a wall in every field that takes one. What lies behind is known by
/// `traces`: whatever of it an answer shows that the question did not hold is a leak.
class Walker {
 public:
  Walker(const Tenant& caller, std::string token, std::string tenant_header, const Tenant& behind,
         std::set<std::string> traces)
      : caller_(caller),
        token_(std::move(token)),
        header_(std::move(tenant_header)),
        behind_(behind),
        traces_(std::move(traces)) {}

  void Walk(const Method& method) {
    if (method.permission == "public" || method.permission == "service") return;
    ++out.methods;
    Try(method, *Needed(method, caller_), "nothing");
    for (const auto& path : Fields(method.request())) {
      const auto* field = path.back();
      if (field->cpp_type() != protobuf::FieldDescriptor::CPPTYPE_STRING ||
          field->type() == protobuf::FieldDescriptor::TYPE_BYTES || field->name() == "request_id")
        continue;
      const auto names = NamesFor(method, field, behind_);
      auto tries = names;
      const auto& rule = RuleOf(field);
      const auto& text = field->is_repeated() ? rule.repeated().items().string() : rule.string();
      if (names.empty() && text.name_of().empty() && text.pattern().empty()) tries.push_back(behind_.mark);
      if (tries.size() > kMost) tries.resize(kMost);
      for (const auto& name : tries) {
        auto request = Needed(method, caller_);
        Put(*Reach(*request, path, caller_), field, name);
        if (!names.empty()) ++out.names;
        Try(method, *request, Spelled(path) + " = " + name);
      }
    }
  }

  Walked out;

 private:
  static constexpr std::size_t kMost = 6;

  void Try(const Method& method, const protobuf::Message& request, const std::string& what) {
    ++out.calls;
    const auto answer = World::The().Ask(method, request, token_, header_);
    auto known = Traces(ToJson(request), behind_.mark);
    bool took = false;
    for (const auto& trace : known) took = took || traces_.contains(trace);
    known.insert(told_.begin(), told_.end());
    for (const auto& bytes : answer.messages) {
      const auto shown = Contracts::The().New(method.descriptor->output_type());
      shown->ParseFromString(bytes);
      for (const auto& trace : Traces(ToJson(*shown), behind_.mark)) {
        if (!traces_.contains(trace) || known.contains(trace)) continue;
        out.leaks.push_back({method.path, what, "shows " + trace});
        return;
      }
    }
    if (answer.error && (answer.code() == Code::kInternal || answer.code() == Code::kUnknown))
      out.leaks.push_back({method.path, what, "breaks: " + answer.error->message});
    // A question that nothing answers is noted, though to ask it changes nothing else.
    const bool keeps = !method.read_only || method.path.ends_with("ArticleService/SearchArticles");
    if (answer.ok() && took && keeps && !method.streaming()) {
      if (what.find('/') != std::string::npos)
        out.accepted.insert(method.path + " " + what.substr(0, what.find(" = ")));
      told_.merge(Traces(ToJson(request), behind_.mark));
    }
  }

  const Tenant& caller_;
  std::string token_, header_;
  const Tenant& behind_;
  std::set<std::string> traces_;
  std::set<std::string> told_;  // what the caller itself wrote into its own rows
};

bool Runs(const Method& method) {
  const auto& services = World::The().services();
  return std::find(services.begin(), services.end(), method.service) != services.end();
}

/// First those that only look, then those that change something.
template <class Fn>
void EachMethod(Fn fn) {
  for (const bool looks : {true, false})
    for (const auto& method : Contracts::The().methods())
      if (Runs(method) && (method.read_only || method.streaming()) == looks) fn(method);
}

/// Until nothing is on its way through outbox, topics and tasks any more.
void Settle() {
  for (int still = 0; still < 20;
       std::this_thread::sleep_for(100ms)) {  // audit entries are chained a second late
    std::string waiting;
    for (const auto& service : World::The().services())
      waiting +=
          Sql(service, std::string("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM tasks WHERE "
                                   "failed_at IS NULL)") +
                           (service == "access" ? " + (SELECT count(*) FROM audit_intake)" : ""))
              .at(0);
    still = waiting.find_first_not_of('0') == std::string::npos ? still + 1 : 0;
  }
}

/// Rows without the one thing that a change of the tenant's own rules moves in everybody's: when routing
/// looked last for an agent for work that waits.
std::vector<std::string> Lasting(const Table& table, std::vector<std::string> rows) {
  if (table.service != "routing" || table.name != "interactions") return rows;
  constexpr std::string_view kColumn = ",\"record\":\"";
  constexpr std::string_view kNext = "\",\"forgotten\":";
  for (auto& row : rows) {
    const auto begin = row.find(kColumn) + kColumn.size();
    routing::v1::InteractionRecord record;
    const auto end = row.rfind(kNext);
    CHECK(record.ParseFromString(row.substr(begin, end - begin)));
    record.clear_checked();
    row.replace(begin, end - begin, record.DebugString());
  }
  return rows;
}

std::vector<std::string> Changed(const std::map<Table, std::vector<std::string>>& before,
                                 const std::map<Table, std::vector<std::string>>& after) {
  std::vector<std::string> out;
  for (const auto& [table, all] : before) {
    const auto rows = Lasting(table, all);
    const auto now = Lasting(table, after.at(table));
    if (MovesByItself(table) || rows == now) continue;
    std::string what = table.service + "." + table.name + ":";
    for (const auto& row : rows)
      if (std::find(now.begin(), now.end(), row) == now.end()) what += "\n  - " + row.substr(0, 600);
    for (const auto& row : now)
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) what += "\n  + " + row.substr(0, 600);
    out.push_back(what);
  }
  return out;
}

std::set<std::string> Without(std::set<std::string> all, const std::set<std::string>& less) {
  for (const auto& each : less) all.erase(each);
  return all;
}

std::set<std::string> TracesOfTheirs() {
  auto& world = World::The();
  return Without(Traces(RowsOf(world.theirs().id), world.theirs().mark),
                 Traces(RowsOf(world.ours().id), world.ours().mark));
}

void Print(const char* wall, const Walked& walked) {
  std::cout << wall << ": " << walked.methods << " methods, " << walked.names << " names, " << walked.calls
            << " calls, " << walked.leaks.size()
            << " leaks; methods that took a name as a mere reference: " << walked.accepted.size()
            << std::endl;
  for (const auto& each : walked.accepted) std::cout << "  " << each << std::endl;
}

TEST_CASE("a user of one tenant reaches nothing of another by any method", "[walk][isolation]") {
  auto& world = World::The();
  Settle();
  const auto before = RowsOf(world.theirs().id);
  std::size_t rows = 0;
  for (const auto& [table, texts] : before) rows += texts.size();
  Walker walker(world.ours(), world.ours().all, world.theirs().id, world.theirs(), TracesOfTheirs());
  std::size_t methods = 0;
  EachMethod([&](const Method& method) {
    ++methods;
    walker.Walk(method);
  });
  for (const auto& leak : walker.out.leaks) {
    std::ostringstream said;
    said << leak;
    FAIL_CHECK(said.str());
  }
  Settle();
  CHECK(Changed(before, RowsOf(world.theirs().id)) == std::vector<std::string>{});
  CHECK(methods == Contracts::The().methods().size());
  Print("tenant", walker.out);
  std::cout << "rows of the other tenant, the same before and after: " << rows << std::endl;
}

TEST_CASE("a user of one client reaches nothing of another", "[walk][isolation]") {
  auto& world = World::The();
  auto& ours = world.ours();
  Settle();
  const auto second_client = ours.clients[1].substr(8);
  const auto before = RowsOf(ours.id, second_client);
  auto traces = Traces(before, ours.mark);
  // Whatever also stands in another client's rows is no secret of the second.
  std::set<std::string> elsewhere;
  for (const auto& [table, all] : RowsOf(ours.id)) {
    // A routing profile is the tenant's, and names queues of every client (docs/security.md).
    if (table.service == "routing" && table.name == "routing_profiles")
      for (const auto& row : all) elsewhere.merge(Traces(row, ours.mark));
    const auto second = before.find(table);
    if (second == before.end()) continue;
    for (const auto& row : all)
      if (std::find(second->second.begin(), second->second.end(), row) == second->second.end())
        elsewhere.merge(Traces(row, ours.mark));
  }
  traces = Without(std::move(traces), elsewhere);
  CHECK(traces.size() > 5);
  // The names of the second client's things only.
  Tenant behind = ours;
  behind.names.clear();
  for (const auto& [collection, names] : ours.names)
    for (const auto& name : names)
      if (traces.contains(name.substr(name.rfind('/') + 1))) behind.names[collection].push_back(name);
  behind.mark = second_client;
  Tenant caller = ours;
  for (auto& [collection, names] : caller.names) {
    std::erase_if(names,
                  [&](const std::string& name) { return traces.contains(name.substr(name.rfind('/') + 1)); });
    if (names.empty()) names.push_back(collection + "/" + testing::SomeId());
  }
  Walker walker(caller, ours.one, "", behind, traces);
  EachMethod([&](const Method& method) {
    // The directory belongs to the tenant (docs/security.md).
    if (method.service != "access") walker.Walk(method);
  });
  for (const auto& leak : walker.out.leaks) {
    std::ostringstream said;
    said << leak;
    FAIL_CHECK(said.str());
  }
  Settle();
  CHECK(Changed(before, RowsOf(ours.id, second_client)) == std::vector<std::string>{});
  Print("client", walker.out);
}

TEST_CASE("an event of one tenant that names another's things touches none of its rows",
          "[walk][isolation]") {
  auto& world = World::The();
  Settle();
  const auto before = RowsOf(world.theirs().id);
  const auto sent = world.Announce(world.ours().id, world.theirs());
  world.AwaitEvents(sent);
  CHECK(Changed(before, RowsOf(world.theirs().id)) == std::vector<std::string>{});
  std::cout << "events of one tenant that name another's things: " << sent.size() << std::endl;
}

/// Takes rules away, one at a time: the catalog's check and the role's each turn red. No method can show it,
/// since every statement names the tenant besides.
void TakeRulesAway(std::size_t most) {
  auto& world = World::The();
  std::vector<Table> tables;
  for (const auto& table : Tables())
    if (table.has_tenant && Sql(table.service, "SELECT count(*) FROM " + table.name + " WHERE tenant_id = '" +
                                                   world.theirs().id + "'")
                                    .at(0) != "0")
      tables.push_back(table);
  std::mt19937 random(Catch::rngSeed());
  std::shuffle(tables.begin(), tables.end(), random);
  if (tables.size() > most) tables.resize(most);
  for (const auto& table : tables) {
    INFO(table.service + "." + table.name);
    const OpenDoor open(table);
    CHECK(Sql(table.service, "SELECT qual FROM pg_policies WHERE tablename = '" + table.name + "'").at(0) ==
          "true");
    CHECK(SqlAs(table.service, world.ours().id, "*",
                "SELECT count(*) FROM " + table.name + " WHERE tenant_id = '" + world.theirs().id + "'")
              .at(0) != "0");
  }
  std::cout << "rules taken away and noticed: " << tables.size() << std::endl;
}

/// The walk over methods turns red when a database takes the caller for one of the other tenant: in a service
/// that has rows of no client, for those of a client are behind the second wall still.
void Mistake(const std::vector<std::string>& services) {
  auto& world = World::The();
  const auto traces = TracesOfTheirs();
  for (const auto& service : services) {
    INFO(service);
    const Mistaken mistaken(service, world.theirs().id);
    Walker walker(world.ours(), world.ours().all, world.theirs().id, world.theirs(), traces);
    for (const auto& method : Contracts::The().methods()) {
      if (method.service != service || !method.read_only) continue;
      walker.Walk(method);
      if (!walker.out.leaks.empty()) break;
    }
    CHECK_FALSE(walker.out.leaks.empty());
    if (!walker.out.leaks.empty())
      std::cout << "mistaken for the other tenant: seen by " << walker.out.leaks.front().method << std::endl;
  }
}

TEST_CASE("the walk notices a row-level rule that was taken away", "[walk][isolation]") { TakeRulesAway(4); }

TEST_CASE("the walk notices a database that takes the caller for another's", "[walk][isolation]") {
  Mistake({"workorder", "ivr"});
}

TEST_CASE("the walk notices each row-level rule that was taken away", "[.long][walk]") {
  TakeRulesAway(1000);
}

TEST_CASE("the walk notices each database that takes the caller for another's", "[.long][walk]") {
  Mistake({"workorder", "campaign", "ivr", "telephony"});
}

}  // namespace
}  // namespace carillon::walk
