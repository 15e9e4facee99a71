// The customer master at the size it is meant for, each path beside its limit in the same run.
//
//   carillon-bench-customer [--seconds S] [--customers N] [--pgbench PROGRAM] [--psql PROGRAM] [--dir D]
//
// Real processes of access and customer over the test servers, with mutual TLS by BENCH_TLS_CA, _CERT and
// _KEY. D (free space: 2 kB a customer) holds the rows that a bare COPY is given. The database is made to
// flush every commit to the disk meanwhile, as one that is not of tests does.
//
// Beside each rate stands the processor time of a call in all processes but Kafka's: on a machine where
// nothing waits for anything else the two say the same, on any other the second still holds.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <sstream>
#include <thread>

#include "base/ids.hpp"
#include "bench/measure.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "obs/log.hpp"
#include "redis/client.hpp"
#include "testing/database.hpp"

namespace carillon::bench {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
namespace access = carillon::access::v1;
namespace pb = carillon::customer::v1;

constexpr int kCallers = 8;
constexpr int kRounds = 3;
constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kCustomers = "carillon.customer.v1.CustomerService/";
constexpr const char* kSecret = "a secret of these figures only";
constexpr const char* kPassword = "lantern-copper-7431-orbit";

Call CallFor(const std::string& tenant) {
  Call call;
  call.deadline = SteadyClock::now() + 60s;
  call.traceparent = obs::NewTraceparent();
  call.principal.tenant = tenant;
  return call;
}

/// What a program that must succeed says.
std::string Said(const std::string& command) {
  std::string out;
  std::array<char, 4096> piece;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error(command);
  while (const auto n = std::fread(piece.data(), 1, piece.size(), pipe)) out.append(piece.data(), n);
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command + "\n" + out);
  return out;
}

/// access and customer, and who asks them.
class Platform {
 public:
  Platform() {
    const auto wait = [](const std::string& what, const std::function<bool()>& done) {
      const auto until = SteadyClock::now() + 60s;
      while (!done()) {
        if (SteadyClock::now() > until) throw std::runtime_error(what + " does not serve");
        std::this_thread::sleep_for(50ms);
      }
    };
    access_ = Start("access", access_port_, access_db_,
                    {{"BOOTSTRAP_PASSWORD", kPassword},
                     {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                     {"SERVICES_SECRETS", std::string("customer=") + kSecret + ",ivr=" + kSecret}});
    wait("access", [&] { return Login().has_value(); });
    customer_ = Start("customer", port_, db,
                      {{"PEERS", "access=" + At(access_port_)},
                       {"AUTH_SECRET", kSecret},
                       {"INSTANCE", "bench-" + Fresh()},
                       {"REDIS_URL", testing::ServerSetting("CARILLON_TEST_REDIS_URL")},
                       {"KAFKA_BROKERS", testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS")},
                       {"KAFKA_USERNAME", testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME")},
                       {"KAFKA_PASSWORD", testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")},
                       {"VAULT_KEYS", "b1:0123456789abcdef0123456789abcdef"},
                       // Looks at all customers are no part of the figures.
                       {"QUALITY_EVERY_HOURS", "0"},
                       {"MATCHING_LEARN_EVERY_HOURS", "0"}});
    rpc::Peer boss(At(access_port_), Certificates(), [](auto) { return Login(); });
    tenant_ = boss.Ask<access::ListTenantsResponse>(CallFor(""), std::string(kAccess) + "ListTenants",
                                                    access::ListTenantsRequest(), 20s)
                  .value()
                  .tenants(0)
                  .name()
                  .substr(8);
    client = boss.Ask<access::ListClientsResponse>(CallFor(""), std::string(kAccess) + "ListClients",
                                                   access::ListClientsRequest(), 20s)
                 .value()
                 .clients(0)
                 .name();
    admin_ = std::make_unique<rpc::Peer>(At(port_), Certificates(), Kept(Login));
    menu_ = std::make_unique<rpc::Peer>(At(port_), Certificates(), Kept(MenuToken));
    wait("customer", [&] { return LookUp("+8613900000000"); });
  }

  template <class Response>
  Result<Response> Ask(const std::string& method, const google::protobuf::Message& request) {
    return admin_->Ask<Response>(CallFor(""), kCustomers + method, request, 60s);
  }
  /// As the menu asks: with a service's token.
  bool LookUp(const std::string& number) {
    pb::LookUpCallerRequest in;
    in.set_phone_number(number);
    return menu_
        ->Ask<pb::LookUpCallerResponse>(CallFor(tenant_), std::string(kCustomers) + "LookUpCaller", in, 20s)
        .has_value();
  }
  int pid() const { return customer_->pid(); }

  testing::Database db{"customer"};
  std::string client;

 private:
  static std::string At(int port) { return "127.0.0.1:" + std::to_string(port); }

  static std::unique_ptr<testing::Process> Start(const std::string& service, int port,
                                                 const testing::Database& over,
                                                 std::map<std::string, std::string> more) {
    const auto tls = Certificates();
    more.insert({{"LISTEN", At(port)},
                 {"METRICS", "127.0.0.1:0"},
                 {"DB_URL", over.app_url()},
                 {"DB_WORKER_URL", over.worker_url()},
                 {"DRAIN_MS", "0"},
                 {"TLS_CA", tls.ca},
                 {"TLS_CERT", tls.certificate},
                 {"TLS_KEY", tls.key}});
    std::map<std::string, std::string> environment;
    for (const auto& [key, value] : more) {
      std::string name = "CARILLON_" + service + "_" + key;
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      environment[name] = value;
    }
    return std::make_unique<testing::Process>("carillon-" + service, environment);
  }

  static Result<std::string> Login() {
    access::LoginRequest in;
    in.set_tenant("platform");
    in.set_login("admin");
    in.set_password(kPassword);
    return TokenOf("Login", in);
  }
  static Result<std::string> MenuToken() {
    access::IssueServiceTokenRequest in;
    in.set_service("ivr");
    in.set_secret(kSecret);
    return TokenOf("IssueServiceToken", in);
  }
  static Result<std::string> TokenOf(const std::string& method, const google::protobuf::Message& in) {
    rpc::Peer nobody(At(access_port_), Certificates(), nullptr);
    TRY(const auto tokens, nobody.Ask<access::Tokens>(CallFor(""), kAccess + method, in, 5s));
    return tokens.access_token();
  }
  /// A token asked for anew before it ends.
  static rpc::Token Kept(Result<std::string> (*ask)()) {
    struct Held {
      std::mutex mutex;
      std::string token;
      SteadyClock::time_point until{};
    };
    return [ask, held = std::make_shared<Held>()](SteadyClock::time_point) -> Result<std::string> {
      const std::lock_guard lock(held->mutex);
      if (SteadyClock::now() > held->until) {
        TRY(held->token, ask());
        held->until = SteadyClock::now() + 3min;
      }
      return held->token;
    };
  }

  inline static const int access_port_ = testing::FreePort();
  int port_ = testing::FreePort();
  testing::Database access_db_{"access"};
  std::unique_ptr<testing::Process> access_, customer_;
  std::unique_ptr<rpc::Peer> admin_, menu_;
  std::string tenant_;
};

std::string NumberOf(int n) {
  std::array<char, 32> number;
  std::snprintf(number.data(), number.size(), "+86138%08d", n);
  return number.data();
}

/// The n-th character of a text of Chinese characters.
std::string Character(std::string_view characters, int n) {
  return std::string(characters.substr(static_cast<std::size_t>(n) * 3 % characters.size(), 3));
}

/// One of 400,000 names.
std::string NameOf(int n) {
  constexpr std::string_view kFamily =
      "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡";
  constexpr std::string_view kGiven =
      "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红鹏辉鑫宇浩然梓涵欣怡子轩雨泽晨曦文博思远嘉诚佳"
      "琪雪梅建国志海燕春生晓东立新永福金凤淑珍凯旋俊婷慧颖倩楠帅龙飞翔云鹤青松柏山川江河清波月星光";
  const int families = static_cast<int>(kFamily.size()) / 3, given = static_cast<int>(kGiven.size()) / 3;
  return Character(kFamily, n % families) + Character(kGiven, n / families % given) +
         Character(kGiven, n / families / given % given);
}

std::string IdNumberOf(int n) {
  std::array<char, 64> digits;
  std::snprintf(digits.data(), digits.size(), "110101%04d%02d%02d%03d", 1950 + n / 336'000,
                n / 28'000 % 12 + 1, n / 1000 % 28 + 1, n % 1000);
  static constexpr int kWeights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits[i] - '0') * kWeights[i];
  return std::string(digits.data()) + "10X98765432"[sum % 11];
}

/// Everybody in, a thousand at a time, two importers at once; how many in a second.
double Import(Platform& on, int customers) {
  std::atomic<int> next{0};
  const auto began = SteadyClock::now();
  {
    std::vector<std::jthread> importers;
    for (int i = 0; i < 2; ++i)
      importers.emplace_back([&] {
        for (int from; (from = next.fetch_add(1000)) < customers;) {
          pb::ImportCustomersRequest in;
          in.set_client(on.client);
          for (int n = from; n < std::min(from + 1000, customers); ++n) {
            auto& one = *in.add_customers();
            one.mutable_person()->set_full_name(NameOf(n));
            auto& document = *one.add_identifiers();
            document.set_type(pb::Identifier::RESIDENT_ID);
            document.set_number(IdNumberOf(n));
            auto& phone = *one.add_contacts();
            phone.set_type(pb::ContactMedium::MOBILE);
            phone.set_number(NumberOf(n));
            one.mutable_source()->set_system("bench");
            one.mutable_source()->set_key(std::to_string(n));
          }
          in.set_request_id(Fresh());
          const auto done = on.Ask<pb::ImportCustomersResponse>("ImportCustomers", in);
          if (!done || done->created_count() != in.customers_size()) {
            std::fprintf(stderr, "import: %s\n",
                         done ? done->results(0).ShortDebugString().c_str() : done.error().message.c_str());
            ++failures;
            return;
          }
          std::fprintf(stderr, "\r%d of %d customers", from + in.customers_size(), customers);
        }
      });
  }
  std::fprintf(stderr, "\n");
  return customers / std::chrono::duration<double>(SteadyClock::now() - began).count();
}

double Commits(const Platform& on, const std::string& pgbench, const std::string& directory) {
  const std::string script = directory + "/commit.sql";
  std::ofstream(script) << "INSERT INTO bench_row VALUES (1, 'x');\n";
  pqxx::connection admin(on.db.admin_url());
  pqxx::nontransaction(admin).exec("CREATE TABLE IF NOT EXISTS bench_row (n int, t text)");
  const auto said =
      Said(pgbench + " -n -f " + script + " -c " + std::to_string(kCallers) + " -j 2 -T " +
           std::to_string(std::max(1, static_cast<int>(seconds))) + " " + on.db.admin_url() + " 2>&1");
  const auto at = said.find("tps = ");
  if (at == std::string::npos) throw std::runtime_error(said);
  return std::atof(said.c_str() + at + 6);
}

std::string Memory(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  std::ostringstream out;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS") || line.starts_with("VmHWM"))
      out << line.substr(0, 6) << line.substr(line.find_last_of('\t') + 1) << " ";
  return out.str();
}

/// The processor time a process took so far, as its /proc/PID/stat says.
std::chrono::duration<double, std::micro> BusyIn(const std::string& text) {
  if (text.empty()) return {};  // it ended meanwhile
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return std::chrono::duration<double>((user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

std::chrono::duration<double, std::micro> Busy(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  return BusyIn(std::string((std::istreambuf_iterator<char>(in)), {}));
}

/// Processor time in microseconds, by whose it is.
struct Cost {
  double service = 0, database = 0, cache = 0, callers = 0;
  double all() const { return service + database + cache + callers; }
  Cost Per(const Cost& before, double calls) const {
    return {(service - before.service) / calls, (database - before.database) / calls,
            (cache - before.cache) / calls, (callers - before.callers) / calls};
  }
};

/// Reads what the processes that serve a call, and this one, took so far.
class Meter {
 public:
  explicit Meter(const Platform& on) : service_(on.pid()), admin_(on.db.admin_url()) {
    redis::Client cache(*redis::Address::Parse(testing::ServerSetting("CARILLON_TEST_REDIS_URL")), 1);
    const auto said = cache.Command({"INFO", "server"}, SteadyClock::now() + 5s);
    const auto at = said ? said->text.find("process_id:") : std::string::npos;
    if (at == std::string::npos) throw std::runtime_error("Redis does not say its process");
    cache_ = std::atoi(said->text.c_str() + at + 11);
  }
  Cost Now() {
    Cost out;
    out.service = Busy(service_).count();
    out.cache = Busy(cache_).count();
    for (const auto& row : pqxx::nontransaction(admin_).exec("SELECT pid FROM pg_stat_activity")) {
      out.database += Busy(row[0].as<int>()).count();
    }
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    const auto micros = [](const timeval& t) {
      return 1e6 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec);
    };
    out.callers = micros(own.ru_utime) + micros(own.ru_stime);
    return out;
  }

 private:
  int service_, cache_ = 0;
  pqxx::connection admin_;
};

/// The rows that the import left, written by COPY into an empty database of the same tables and indexes; how
/// many customers in a second, and the database's processor time for one.
std::pair<double, Cost> Copy(const Platform& on, int customers, const std::string& psql,
                             const std::string& directory) {
  const testing::Database bare("customer");
  pqxx::connection from(on.db.admin_url());
  pqxx::nontransaction look(from);
  std::string tables, rows;
  // customers first: the others refer to it
  for (const auto& table :
       look.exec("SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = "
                 "'public'::regnamespace AND c.relname !~ '^(schema_migrations|outbox|tasks|inbox)' "
                 "ORDER BY c.relname <> 'customers', c.relname")) {
    const std::string name = table[0].c_str();
    if (look.exec("SELECT FROM " + name + " LIMIT 1").empty()) continue;
    const std::string file = directory + "/" + name + ".rows";
    Said(psql + " -q " + on.db.admin_url() + " -c '\\copy " + name + " TO " + file + "'");
    tables += "\\copy " + name + " FROM " + file + "\n";
  }
  const std::string script = directory + "/copy.sql";
  std::ofstream(script) << tables << "SELECT pg_read_file('/proc/self/stat');\n";
  std::fprintf(stderr, "the same rows by COPY\n");
  const auto began = SteadyClock::now();
  const auto said = Said(psql + " -q -At -v ON_ERROR_STOP=1 " + bare.admin_url() + " -f " + script);
  const double passed = std::chrono::duration<double>(SteadyClock::now() - began).count();
  Said("rm -f " + directory + "/*.rows " + script);
  Cost cost;
  cost.database = BusyIn(said).count() / customers;
  return {customers / passed, cost};
}

/// What was measured round after round of one path: the middle rate counts, and the mean cost.
class Path {
 public:
  void Round(Meter& meter, const std::function<Figure()>& run) {
    if (figures_.empty()) run();  // connections are new, and statements not planned for good
    const Cost before = meter.Now();
    figures_.push_back(run());
    const Cost cost = meter.Now().Per(before, std::max(1.0, figures_.back().rate * seconds));
    const auto rounds = static_cast<double>(kRounds);
    cost_.service += cost.service / rounds;
    cost_.database += cost.database / rounds;
    cost_.cache += cost.cache / rounds;
    cost_.callers += cost.callers / rounds;
  }
  Figure figure() const;
  const Cost& cost() const { return cost_; }

 private:
  std::vector<Figure> figures_;
  Cost cost_;
};

Figure Median(std::vector<Figure> figures) {
  std::sort(figures.begin(), figures.end(), [](const auto& a, const auto& b) { return a.rate < b.rate; });
  return figures[figures.size() / 2];
}

Figure Path::figure() const { return Median(figures_); }

void TellCost(const char* path, const Cost& cost, const Cost& limit) {
  std::printf(
      "%-28s processor us a call: service %.0f, PostgreSQL %.0f, Redis %.0f, callers %.0f, all %.0f; "
      "limit %.0f, ratio %.2f\n",
      path, cost.service, cost.database, cost.cache, cost.callers, cost.all(), limit.all(),
      limit.all() / cost.all());
  std::fflush(stdout);
}

void Tell(const char* path, const std::string& data, const Figure& ours, const char* limit_name,
          const Figure& limit) {
  Print(path, data, ours.rate, limit_name, limit.rate);
  std::printf("%-28s %-44s %9.2f ms   limit %-30s %9.2f ms   ratio %.2f\n", "", "99 of 100 within",
              ours.p99.count(), limit_name, limit.p99.count(), ours.p99 / limit.p99);
}

void Measure(Platform& on, Meter& meter, int customers, const std::function<double()>& commits) {
  std::vector<std::mt19937> dice;
  for (unsigned i = 0; i < kCallers; ++i) dice.emplace_back(7 + i);
  const auto any = [&](int i, int spread) {
    return static_cast<int>(dice[static_cast<std::size_t>(i)]() % static_cast<unsigned>(spread));
  };
  const auto bare = EchoServer::Bare();
  const auto echo = EchoServer::Ours(Certificates());
  const auto look_up = [&](int spread) {
    return Timed(kCallers, [&on, &any, spread](int i) { return on.LookUp(NumberOf(any(i, spread))); });
  };
  std::vector<std::string> ids;
  {
    pqxx::connection admin(on.db.admin_url());
    pqxx::nontransaction look(admin);
    for (const auto& row :
         look.exec("SELECT 'customers/' || customer_id FROM customers ORDER BY customer_id LIMIT 10000"))
      ids.emplace_back(row[0].c_str());
  }
  const int few = std::min(customers, 1000);
  look_up(few);
  // Again and again in turn, so that what else the machine does weighs on all alike.
  Path bares, echoes, all, known, names, updates;
  std::vector<double> committed;
  for (int round = 0; round < kRounds; ++round) {
    bares.Round(meter, [&] { return bare->MeasureTimed(); });
    echoes.Round(meter, [&] { return echo->MeasureTimed(); });
    all.Round(meter, [&] { return look_up(customers); });
    known.Round(meter, [&] { return look_up(few); });
    names.Round(meter, [&] {
      return Timed(kCallers, [&](int i) {
        pb::SearchCustomersRequest in;
        in.set_text(NameOf(any(i, customers)));
        const auto found = on.Ask<pb::SearchCustomersResponse>("SearchCustomers", in);
        return found && found->customers_size() > 0;
      });
    });
    updates.Round(meter, [&] {
      return Timed(kCallers, [&](int i) {
        pb::UpdateCustomerRequest in;
        in.mutable_customer()->set_name(ids[static_cast<std::size_t>(any(i, static_cast<int>(ids.size())))]);
        in.mutable_customer()->set_brand("b" + std::to_string(any(i, 1'000'000)));
        in.mutable_update_mask()->add_paths("brand");
        in.set_request_id(Fresh());
        return on.Ask<pb::Customer>("UpdateCustomer", in).has_value();
      });
    });
    committed.push_back(commits());
    std::fprintf(stderr, "round %d of %d\n", round + 1, kRounds);
  }
  std::sort(committed.begin(), committed.end());
  const std::string of = "of " + std::to_string(customers) + " customers, 8 callers";
  const auto limit = echoes.figure();
  Tell("LookUpCaller", "any " + of, all.figure(), "echo, same TLS, token, client", limit);
  TellCost("", all.cost(), echoes.cost());
  Tell("LookUpCaller", std::to_string(few) + " again and again (the cache)", known.figure(),
       "echo, same TLS, token, client", limit);
  TellCost("", known.cost(), echoes.cost());
  Print("echo", "with TLS, token, rules, masks", limit.rate, "bare gRPC echo", bares.figure().rate);
  TellCost("", echoes.cost(), bares.cost());
  Tell("search by name", "any " + of, names.figure(), "LookUpCaller of any", all.figure());
  TellCost("", names.cost(), all.cost());
  Print("UpdateCustomer", "any of 10,000, 8 callers", updates.figure().rate, "commits by pgbench, 8 clients",
        committed[committed.size() / 2]);
  TellCost("", updates.cost(), echoes.cost());
}

/// Every commit on the disk before it is answered, while this lives.
class Durable {
 public:
  explicit Durable(const Platform& on) : admin_(on.db.admin_url()) { Set("= on"); }
  ~Durable() {
    try {
      Set("= DEFAULT");
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
    }
  }
  Durable(const Durable&) = delete;
  Durable& operator=(const Durable&) = delete;

 private:
  void Set(const std::string& to) {
    pqxx::nontransaction once(admin_);
    for (const char* setting : {"fsync", "full_page_writes"})
      once.exec(std::string("ALTER SYSTEM SET ") + setting + " " + to);
    once.exec("SELECT pg_reload_conf()");
  }
  pqxx::connection admin_;
};

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  using namespace carillon::bench;
  ReadArguments(argc, argv);
  int customers = 1'000'000;
  std::string pgbench = "pgbench", psql = "psql", directory = ".";
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--customers") customers = std::atoi(argv[i + 1]);
    if (word == "--pgbench") pgbench = argv[i + 1];
    if (word == "--psql") psql = argv[i + 1];
    if (word == "--dir") directory = argv[i + 1];
  }
  Platform on;
  const Durable durable(on);
  Meter meter(on);
  const Cost before = meter.Now();
  const double imported = Import(on, customers);
  const Cost import = meter.Now().Per(before, customers);
  const auto [copied, copying] = Copy(on, customers, psql, directory);
  Print("import", std::to_string(customers) + " people, document, phone, source", imported,
        "bare COPY of the rows it leaves", copied);
  TellCost("", import, copying);
  {
    pqxx::connection admin(on.db.admin_url());
    pqxx::nontransaction(admin).exec("VACUUM ANALYZE");
  }
  Measure(on, meter, customers, [&] { return Commits(on, pgbench, directory); });
  pqxx::connection admin(on.db.admin_url());
  std::printf("memory: service %sdatabase %s\n", Memory(on.pid()).c_str(),
              pqxx::nontransaction(admin)
                  .exec("SELECT pg_size_pretty(pg_database_size(current_database()))")[0][0]
                  .c_str());
  return Verdict();
}
