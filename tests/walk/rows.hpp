#pragma once
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

/// The databases as their superuser sees them.
namespace carillon::walk {

struct Table {
  std::string service, name;
  bool has_tenant = false, has_client = false;
  bool operator<(const Table& o) const { return std::tie(service, name) < std::tie(o.service, o.name); }
};

/// Every table of every service's database but partitions and dbmate's own.
std::vector<Table> Tables();

/// The rows of a tenant in every table as sorted JSON texts; bytes are shown as text where they can be.
std::map<Table, std::vector<std::string>> RowsOf(const std::string& tenant);
/// The same, only rows of one client.
std::map<Table, std::vector<std::string>> RowsOf(const std::string& tenant, const std::string& client);

/// What moves by itself while nobody asks anything: leases, heartbeats, queues of events and tasks on their
/// way out.
bool MovesByItself(const Table& table);

/// Every uuid in a text, and every word that begins with `mark`.
std::set<std::string> Traces(const std::string& text, const std::string& mark);
std::set<std::string> Traces(const std::map<Table, std::vector<std::string>>& rows, const std::string& mark);

/// Runs SQL as the superuser in a service's database; the first column.
std::vector<std::string> Sql(const std::string& service, const std::string& text);
/// The same as the service's app role inside a transaction of a tenant and clients ('*' or '{…}').
std::vector<std::string> SqlAs(const std::string& service, const std::string& tenant,
                               const std::string& clients, const std::string& text);

/// Takes one table's row-level rule away while it lives.
class OpenDoor {
 public:
  explicit OpenDoor(Table table);
  ~OpenDoor();
  OpenDoor(const OpenDoor&) = delete;
  OpenDoor& operator=(const OpenDoor&) = delete;

 private:
  Table table_;
  std::string rule_;
};

/// Makes a service's database take every caller for one of `tenant` while it lives.
class Mistaken {
 public:
  Mistaken(std::string service, const std::string& tenant);
  ~Mistaken();
  Mistaken(const Mistaken&) = delete;
  Mistaken& operator=(const Mistaken&) = delete;

 private:
  std::string service_, truth_;
};

}  // namespace carillon::walk
