#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/call.hpp"
#include "base/clock.hpp"

/// For tests only: real servers, a clock moved by hand, real binaries.
namespace carillon::testing {

/// A value the server fixture wrote (CARILLON_TEST_PG_ADMIN_URL, CARILLON_TEST_REDIS_URL, …), from the file
/// that CARILLON_SERVERS_ENV names. Throws when there is no fixture: a missing server fails a test, it does
/// not skip it.
std::string ServerSetting(const std::string& key);

/// A fresh database from `<service>_template`, dropped at the end. One a test binary is the usual measure.
class Database {
 public:
  explicit Database(const std::string& service);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  std::string app_url() const { return Url("app"); }
  std::string worker_url() const { return Url("worker"); }
  std::string owner_url() const { return Url("owner"); }
  /// As superuser, for looking behind the curtain.
  std::string admin_url() const;
  const std::string& name() const { return name_; }

 private:
  std::string Url(const std::string& role) const;
  std::string service_, name_;
};

/// Business time that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : now_(start) {}
  TimePoint Now() const override { return now_; }
  double Rate() const override { return 0; }
  void Advance(Duration by) { now_ += by; }

 private:
  TimePoint now_;
};

/// A call of `user` in `tenant` with these permissions, ten seconds from now.
Call CallOf(const std::string& tenant, std::vector<std::string> clients = {},
            const std::string& user = "tester", std::set<std::string, std::less<>> permissions = {});

/// A random uuid.
std::string SomeId();

/// A port nobody has, below those the kernel takes for outgoing connections: it is free a second later too.
int FreePort();

/// A real binary of build/<preset>/bin with the given environment; killed at the end. Its log goes to a file
/// in build/<preset>/test-logs, shown in the error when it does not come up.
class Process {
 public:
  Process(const std::string& binary, std::map<std::string, std::string> environment,
          std::vector<std::string> arguments = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  void Kill(int signal);
  /// Waits for the end; the exit status as waitpid gives it.
  int Wait();
  int pid() const { return pid_; }
  const std::string& log() const { return log_; }

 private:
  int pid_ = -1;
  std::string log_;
};

/// A service's binary on free ports over `database`, with plaintext gRPC and the system clock unless `extra`
/// says otherwise (settings keys as environment suffixes: {"CLOCK_FILE", path}). Waits until its health is
/// SERVING.
class ServiceProcess {
 public:
  /// `port` 0 = any free one; `binary` empty = carillon-<service>.
  ServiceProcess(std::string service, const Database& database, std::map<std::string, std::string> extra = {},
                 int port = 0, std::string binary = "");
  /// "127.0.0.1:port"
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  /// kill -9, then the same binary with the same settings again.
  void CrashAndRestart();
  void Stop();
  Process& process() { return *process_; }

 private:
  void Launch();
  std::string service_, binary_;
  std::map<std::string, std::string> environment_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace carillon::testing
