#include "testing/database.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/ids.hpp"
#include "obs/log.hpp"
#include "testing/health.hpp"

namespace carillon::testing {
namespace {

using namespace std::chrono_literals;

// postgresql://user:password@host:port/database?... with another user and database.
std::string WithUser(const std::string& url, const std::string& user, const std::string& database) {
  const auto at = url.find('@');
  const auto slash = url.find('/', at);
  const auto query = url.find('?', slash);
  return "postgresql://" + user + ":" + user + url.substr(at, slash - at + 1) + database +
         (query == std::string::npos ? "" : url.substr(query));
}

std::string AdminUrl(const std::string& database) {
  const auto url = ServerSetting("CARILLON_TEST_PG_ADMIN_URL");
  const auto slash = url.find('/', url.find('@'));
  const auto query = url.find('?', slash);
  return url.substr(0, slash + 1) + database + (query == std::string::npos ? "" : url.substr(query));
}

}  // namespace

std::string ServerSetting(const std::string& key) {
  const char* path = std::getenv("CARILLON_SERVERS_ENV");
  if (path == nullptr)
    throw std::runtime_error(
        "CARILLON_SERVERS_ENV is not set: run by ctest, or eval \"$(deploy/local/servers.py env)\"");
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + "=")) return line.substr(key.size() + 1);
  throw std::runtime_error(std::string(path) + " has no " + key + ": are the test servers running?");
}

Database::Database(const std::string& service)
    : service_(service), name_(service + "_t" + NewId(RealNow()).substr(24)) {
  pqxx::connection admin(AdminUrl("postgres"));
  pqxx::nontransaction(admin).exec("CREATE DATABASE " + name_ + " TEMPLATE " + service + "_template OWNER " +
                                   service + "_owner");
}

Database::~Database() {
  try {
    pqxx::connection admin(AdminUrl("postgres"));
    pqxx::nontransaction(admin).exec("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception& e) {
    obs::Warn("test database not dropped", {{"database", name_}, {"error", e.what()}});
  }
}

std::string Database::admin_url() const { return AdminUrl(name_); }

std::string Database::Url(const std::string& role) const {
  return WithUser(ServerSetting("CARILLON_TEST_PG_ADMIN_URL"), service_ + "_" + role, name_);
}

Call CallOf(const std::string& tenant, std::vector<std::string> clients, const std::string& user,
            std::set<std::string, std::less<>> permissions) {
  Call call;
  call.principal.tenant = tenant;
  call.principal.clients = std::move(clients);
  call.principal.user = user;
  call.principal.permissions = std::move(permissions);
  call.now = RealNow();
  call.deadline = std::chrono::steady_clock::now() + 10s;
  call.method = "/test/Test";
  call.traceparent = obs::NewTraceparent();
  return call;
}

std::string SomeId() { return NewId(RealNow()); }

int FreePort() {
  static std::mt19937 random{std::random_device{}()};
  static std::set<std::uint16_t> given;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(20000 + random() % 12768);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof generic);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const bool free = ::bind(fd, &generic, sizeof address) == 0;
    ::close(fd);
    if (free && given.insert(port).second) return port;
  }
  throw std::runtime_error("no free port");
}

Process::Process(const std::string& binary, std::map<std::string, std::string> environment,
                 std::vector<std::string> arguments) {
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  const auto path = (folder / binary).string();
  const auto logs = folder.parent_path() / "test-logs";
  std::filesystem::create_directories(logs);
  log_ = (logs / (binary + "-" + std::to_string(::getpid()) + ".log")).string();
  std::vector<std::string> settings;
  for (const char* name : {"PATH", "HOME", "LANG", "TZ"})
    if (const char* value = std::getenv(name)) settings.push_back(std::string(name) + "=" + value);
  for (const auto& [key, value] : environment) settings.push_back(key + "=" + value);
  std::vector<char*> envp;
  for (auto& setting : settings) envp.push_back(setting.data());
  envp.push_back(nullptr);
  std::vector<std::string> args{path};
  args.insert(args.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& argument : args) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execve(path.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    Wait();
  }
}

void Process::Kill(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);  // kill(-1) would be everybody
}

int Process::Wait() {
  int status = 0;
  if (pid_ > 0) ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

ServiceProcess::ServiceProcess(std::string service, const Database& database,
                               std::map<std::string, std::string> extra, int port, std::string binary)
    : service_(std::move(service)),
      binary_(binary.empty() ? "carillon-" + service_ : std::move(binary)),
      port_(port == 0 ? FreePort() : port) {
  std::string prefix = "CARILLON_" + service_ + "_";
  for (char& c : prefix) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  environment_ = {{prefix + "LISTEN", target()},
                  {prefix + "METRICS", "127.0.0.1:0"},
                  {prefix + "DB_URL", database.app_url()},
                  {prefix + "DB_WORKER_URL", database.worker_url()},
                  {prefix + "DRAIN_MS", "0"}};
  for (const auto& [key, value] : extra) environment_[prefix + key] = value;
  Launch();
}

void ServiceProcess::Launch() {
  process_ = std::make_unique<Process>(binary_, environment_);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!IsServing(target())) {
    int status = 0;
    if (::waitpid(process_->pid(), &status, WNOHANG) != 0 || std::chrono::steady_clock::now() > until) {
      std::ifstream in(process_->log());
      std::ostringstream text;
      text << in.rdbuf();
      throw std::runtime_error(binary_ + " does not serve: " + text.str());
    }
    std::this_thread::sleep_for(20ms);
  }
}

void ServiceProcess::CrashAndRestart() {
  process_.reset();
  Launch();
}

void ServiceProcess::Stop() {
  process_->Kill(SIGTERM);
  process_->Wait();
}

}  // namespace carillon::testing
