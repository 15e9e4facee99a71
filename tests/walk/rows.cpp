#include "rows.hpp"

#include <algorithm>
#include <pqxx/pqxx>
#include <regex>

#include "world.hpp"

namespace carillon::walk {
namespace {

std::vector<std::string> Column(const pqxx::result& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(row[0].is_null() ? "" : row[0].c_str());
  return out;
}

// \x hexadecimal within a JSON text -> the bytes, so that names inside a stored message are found.
std::string Readable(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    if (json.compare(i, 3, "\\\\x") != 0) {
      out += json[i++];
      continue;
    }
    i += 3;
    const auto digit = [&](std::size_t at) { return static_cast<unsigned char>(json[at]); };
    while (i + 1 < json.size() && std::isxdigit(digit(i)) && std::isxdigit(digit(i + 1))) {
      out += static_cast<char>(std::stoi(json.substr(i, 2), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

std::map<Table, std::vector<std::string>> RowsWhere(const std::string& condition, bool of_client) {
  std::map<Table, std::vector<std::string>> out;
  for (const auto& table : Tables()) {
    if (!table.has_tenant || (of_client && !table.has_client)) continue;
    auto rows = Sql(table.service, "SELECT row_to_json(t)::text FROM " + table.name + " t WHERE " +
                                       condition + " ORDER BY 1");
    for (auto& row : rows) row = Readable(row);
    out[table] = std::move(rows);
  }
  return out;
}

}  // namespace

std::vector<Table> Tables() {
  static const auto all = [] {
    std::vector<Table> out;
    for (const auto& service : World::The().services()) {
      pqxx::connection connection(World::The().platform().database(service).admin_url());
      for (
          const auto& row :
          pqxx::nontransaction(connection)
              .exec(
                  "SELECT c.relname, "
                  "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'), "
                  "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_id') "
                  "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
                  "AND NOT c.relispartition AND c.relname <> 'schema_migrations' ORDER BY 1"))
        out.push_back({service, row[0].c_str(), row[1].as<bool>(), row[2].as<bool>()});
    }
    return out;
  }();
  return all;
}

std::map<Table, std::vector<std::string>> RowsOf(const std::string& tenant) {
  return RowsWhere("tenant_id = '" + tenant + "'", false);
}

std::map<Table, std::vector<std::string>> RowsOf(const std::string& tenant, const std::string& client) {
  return RowsWhere("tenant_id = '" + tenant + "' AND client_id = '" + client + "'", true);
}

bool MovesByItself(const Table& table) {
  static const std::set<std::string> kMoving{"outbox", "outbox_published", "inbox",
                                             "tasks",  "shards",           "audit_intake"};
  return kMoving.contains(table.name);
}

std::set<std::string> Traces(const std::string& text, const std::string& mark) {
  std::set<std::string> out;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  for (std::size_t i = 0; i + 36 <= text.size(); ++i) {
    if (text[i + 8] != '-' || text[i + 13] != '-' || text[i + 18] != '-' || text[i + 23] != '-') continue;
    bool good = true;
    for (std::size_t k = 0; k < 36 && good; ++k)
      good = k == 8 || k == 13 || k == 18 || k == 23 || is_hex(text[i + k]);
    if (good) out.insert(text.substr(i, 36));
  }
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    auto end = at;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-'))
      ++end;
    out.insert(text.substr(at, end - at));
  }
  return out;
}

std::set<std::string> Traces(const std::map<Table, std::vector<std::string>>& rows, const std::string& mark) {
  std::set<std::string> out;
  for (const auto& [table, texts] : rows)
    for (const auto& text : texts) out.merge(Traces(text, mark));
  return out;
}

std::vector<std::string> Sql(const std::string& service, const std::string& text) {
  static std::map<std::string, std::unique_ptr<pqxx::connection>> open;
  auto& connection = open[service];
  if (!connection)
    connection = std::make_unique<pqxx::connection>(World::The().platform().database(service).admin_url());
  return Column(pqxx::nontransaction(*connection).exec(text));
}

std::vector<std::string> SqlAs(const std::string& service, const std::string& tenant,
                               const std::string& clients, const std::string& text) {
  static std::map<std::string, std::unique_ptr<pqxx::connection>> open;
  auto& connection = open[service];
  if (!connection)
    connection = std::make_unique<pqxx::connection>(World::The().platform().database(service).app_url());
  pqxx::work work(*connection);
  work.exec("SELECT set_config('app.tenant', '" + tenant + "', true), set_config('app.clients', '" + clients +
            "', true)");
  return Column(work.exec(text));
}

OpenDoor::OpenDoor(Table table) : table_(std::move(table)) {
  rule_ = Sql(table_.service, "SELECT qual FROM pg_policies WHERE policyname = 'tenant' AND tablename = '" +
                                  table_.name + "'")
              .at(0);
  Sql(table_.service, "ALTER POLICY tenant ON " + table_.name + " USING (true)");
}

OpenDoor::~OpenDoor() {
  Sql(table_.service, "ALTER POLICY tenant ON " + table_.name + " USING (" + rule_ + ")");
}

Mistaken::Mistaken(std::string service, const std::string& tenant) : service_(std::move(service)) {
  truth_ = Sql(service_, "SELECT pg_get_functiondef('carillon_tenant'::regproc)").at(0);
  Sql(service_,
      "CREATE OR REPLACE FUNCTION carillon_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS "
      "$$ SELECT '" +
          tenant + "'::uuid $$");
}

Mistaken::~Mistaken() { Sql(service_, truth_); }

}  // namespace carillon::walk
