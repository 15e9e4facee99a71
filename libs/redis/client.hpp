#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// A small Redis client: a pool of connections, each command with a deadline.
namespace carillon::redis {

using Deadline = std::chrono::steady_clock::time_point;
using Millis = std::chrono::milliseconds;

/// An answer of the server; exactly one of the kinds.
struct Reply {
  enum class Kind { kNil, kInteger, kText, kList };
  Kind kind = Kind::kNil;
  long long integer = 0;
  std::string text;
  std::vector<Reply> list;
};

/// Where the server is: redis://[:password@]host[:port][/db], parts percent-encoded where need be.
struct Address {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string password;
  int database = 0;
  /// INVALID_ARGUMENT REDIS_URL_MALFORMED; the message never holds the password.
  static Result<Address> Parse(std::string_view url);
};

/// Thread-safe. Connects when first needed, drops a connection that failed or was closed by the server, and
/// never waits past the deadline given. Errors are UNAVAILABLE with the reasons of the README; a command the
/// server refuses (wrong type, no permission) is INTERNAL.
class Client {
 public:
  using Args = std::vector<std::string>;

  explicit Client(Address address, std::size_t connections = 8, Millis connect_timeout = Millis{500});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Result<Reply> Command(const Args& args, Deadline deadline);
  /// `make` gets the server's run id, another one after each start of the server, so that keys which hold it
  /// are forgotten by a restart even where the data is not.
  Result<Reply> CommandOfRun(const std::function<Args(const std::string& run_id)>& make, Deadline deadline);

  Result<std::optional<std::string>> Get(const std::string& key, Deadline deadline);
  Result<void> Set(const std::string& key, const std::string& value, Millis ttl, Deadline deadline);
  /// True when the key was absent and holds `value` now.
  Result<bool> SetIfAbsent(const std::string& key, const std::string& value, Millis ttl, Deadline deadline);
  /// True when the key held `expected` and holds `value` now.
  Result<bool> SetIfEqual(const std::string& key, const std::string& expected, const std::string& value,
                          Millis ttl, Deadline deadline);
  /// True when it was there.
  Result<bool> Delete(const std::string& key, Deadline deadline);

  struct Window {
    bool allowed = false;   ///< counted: fewer than `limit` were counted in the window before it
    long long count = 0;    ///< how many stand in the window now
    Millis retry_after{0};  ///< when the oldest leaves the window, if not allowed
  };
  /// Counts one more event under `key` unless `limit` stand within the last `window` (of the server's time).
  Result<Window> Count(const std::string& key, long long limit, Millis window, Deadline deadline);

  Result<void> Ping(Deadline deadline);

 private:
  class Connection;
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace carillon::redis
