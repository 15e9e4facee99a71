#include "redis/client.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <mutex>

namespace carillon::redis {
namespace {

using std::chrono::steady_clock;

Millis Left(Deadline deadline) {
  return std::max(Millis{0}, std::chrono::ceil<Millis>(deadline - steady_clock::now()));
}

Error Unreachable(const std::string& what) { return Unavailable("REDIS_UNREACHABLE", "Redis: " + what); }

timeval ToTimeval(Millis length) {
  timeval out{};
  out.tv_sec = length.count() / 1000;
  out.tv_usec = (length.count() % 1000) * 1000;
  return out;
}

Result<Reply> Converted(const redisReply& reply) {
  Reply out;
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return out;
    case REDIS_REPLY_INTEGER:
      out.kind = Reply::Kind::kInteger;
      out.integer = reply.integer;
      return out;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = Reply::Kind::kText;
      out.text.assign(reply.str, reply.len);
      return out;
    case REDIS_REPLY_ARRAY:
      out.kind = Reply::Kind::kList;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        TRY(Reply element, Converted(*reply.element[i]));
        out.list.push_back(std::move(element));
      }
      return out;
    case REDIS_REPLY_ERROR: {
      const std::string_view text(reply.str, reply.len);
      if (text.starts_with("LOADING") || text.starts_with("MASTERDOWN") || text.starts_with("BUSY")) {
        return Unavailable("REDIS_LOADING", "Redis: " + std::string(text));
      }
      if (text.starts_with("READONLY") || text.starts_with("OOM") || text.starts_with("MISCONF")) {
        return Unreachable(std::string(text));
      }
      // Passwords change while we run: until ours is right we are as cut off as without a network.
      if (text.starts_with("WRONGPASS") || text.starts_with("NOAUTH")) {
        return Unavailable("REDIS_PASSWORD_REFUSED", "Redis: " + std::string(text));
      }
      return Internal("Redis: " + std::string(text));
    }
    default:
      return Internal("Redis: a reply of type " + std::to_string(reply.type));
  }
}

std::string Decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool Number(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

constexpr const char* kSetIfEqual = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1)";

// A sorted set of event times in microseconds; the sequence keeps two events of one microsecond apart.
constexpr const char* kCount = R"(
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local window = tonumber(ARGV[2]) * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= tonumber(ARGV[1]) then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  if not oldest[2] then return {0, count, tonumber(ARGV[2])} end
  return {0, count, math.ceil((oldest[2] + window - now) / 1000)}
end
redis.call('ZADD', KEYS[1], now, string.format('%.0f', now) .. ':' .. count)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, count + 1, 0})";

}  // namespace

Result<Address> Address::Parse(std::string_view url) {
  const Error bad =
      InvalidArgument("REDIS_URL_MALFORMED", "the Redis URL is not redis://[:password@]host[:port][/db]");
  constexpr std::string_view kScheme = "redis://";
  if (!url.starts_with(kScheme)) return bad;
  url.remove_prefix(kScheme.size());
  Address out;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const auto colon = user.find(':');
    if (colon == std::string_view::npos) return bad;
    out.password = Decoded(user.substr(colon + 1));
    url.remove_prefix(at + 1);
  }
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    if (slash + 1 < url.size() && !Number(url.substr(slash + 1), out.database)) return bad;
    url = url.substr(0, slash);
  }
  if (const auto colon = url.rfind(':'); colon != std::string_view::npos) {
    if (!Number(url.substr(colon + 1), out.port) || out.port < 1 || out.port > 65535) return bad;
    url = url.substr(0, colon);
  }
  if (url.empty() || out.database < 0) return bad;
  out.host = std::string(url);
  return out;
}

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

/// One connection, used by one thread at a time.
class Client::Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const Address& address, Millis connect_timeout,
                                                  Deadline deadline) {
    const Millis wait = std::min(connect_timeout, Left(deadline));
    if (wait.count() == 0) return Unreachable("no time left to connect");
    std::unique_ptr<redisContext, FreeContext> context(
        redisConnectWithTimeout(address.host.c_str(), address.port, ToTimeval(wait)));
    if (!context) return Unreachable("out of memory");
    if (context->err != 0) {
      const bool refused = context->err == REDIS_ERR_IO && std::strstr(context->errstr, "refused") != nullptr;
      return Unavailable(refused ? "REDIS_DOWN" : "REDIS_UNREACHABLE",
                         std::string("Redis: ") + context->errstr);
    }
    redisEnableKeepAlive(context.get());
    auto out = std::unique_ptr<Connection>(new Connection(std::move(context)));
    if (!address.password.empty()) TRY_VOID(Done(out->Run({"AUTH", address.password}, deadline)));
    if (address.database != 0)
      TRY_VOID(Done(out->Run({"SELECT", std::to_string(address.database)}, deadline)));
    TRY(const Reply info, out->Run({"INFO", "server"}, deadline));
    const auto at = info.text.find("run_id:");
    if (at == std::string::npos) return Unreachable("the server tells no run id");
    out->run_id_ = info.text.substr(at + 7, info.text.find_first_of("\r\n", at) - at - 7);
    return out;
  }

  /// False when the server closed it (or says something unasked): it must not be used again.
  bool Fresh() const {
    pollfd poll_fd{context_->fd, POLLIN, 0};
    return context_->err == 0 && poll(&poll_fd, 1, 0) == 0;
  }
  bool broken() const { return broken_; }
  const std::string& run_id() const { return run_id_; }

  Result<Reply> Run(const Args& args, Deadline deadline) {
    broken_ = true;  // until the whole answer has been read
    std::vector<const char*> argv;
    std::vector<std::size_t> lengths;
    for (const std::string& arg : args) {
      argv.push_back(arg.data());
      lengths.push_back(arg.size());
    }
    const Millis left = Left(deadline);
    if (left.count() == 0) {
      broken_ = false;
      return Unreachable("no time left");
    }
    if (redisSetTimeout(context_.get(), ToTimeval(left)) != REDIS_OK ||
        redisAppendCommandArgv(context_.get(), static_cast<int>(args.size()), argv.data(), lengths.data()) !=
            REDIS_OK) {
      return Failed();
    }
    for (int done = 0; done == 0;) {
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return Failed();
      if (done == 0 && !Ready(POLLOUT, deadline)) return Unreachable("no answer in time");
    }
    while (true) {
      void* raw = nullptr;
      if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) return Failed();
      if (raw != nullptr) {
        const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
        broken_ = false;
        return Converted(*reply);
      }
      if (!Ready(POLLIN, deadline)) return Unreachable("no answer in time");
      if (redisBufferRead(context_.get()) != REDIS_OK) return Failed();
    }
  }

 private:
  explicit Connection(std::unique_ptr<redisContext, FreeContext> context) : context_(std::move(context)) {}

  static Result<void> Done(const Result<Reply>& reply) {
    if (!reply) return reply.error();
    return Ok();
  }
  Error Failed() const { return Unreachable(context_->errstr); }
  bool Ready(short events, Deadline deadline) const {
    while (true) {
      const Millis left = Left(deadline);
      if (left.count() == 0) return false;
      pollfd poll_fd{context_->fd, events, 0};
      const int ready = poll(&poll_fd, 1, static_cast<int>(std::min<Millis::rep>(left.count(), 60'000)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  std::unique_ptr<redisContext, FreeContext> context_;
  std::string run_id_;
  bool broken_ = false;
};

class Client::Pool {
 public:
  Pool(Address address, std::size_t most, Millis connect_timeout)
      : address_(std::move(address)),
        connect_timeout_(connect_timeout),
        free_(std::max<std::size_t>(1, most)) {}

  Result<Reply> Run(const std::function<Args(const std::string&)>& make, Deadline deadline) {
    std::unique_ptr<Connection> connection;
    {
      std::unique_lock lock(mutex_);
      if (!freed_.wait_until(lock, deadline, [&] { return free_ > 0; })) {
        return Unavailable("REDIS_BUSY", "Redis: no free connection in time");
      }
      --free_;
      while (!idle_.empty() && !connection) {
        connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->Fresh()) connection.reset();
      }
    }
    Result<Reply> reply = Run(connection, make, deadline);
    {
      const std::lock_guard lock(mutex_);
      ++free_;
      if (connection && !connection->broken()) idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
    return reply;
  }

 private:
  Result<Reply> Run(std::unique_ptr<Connection>& connection,
                    const std::function<Args(const std::string&)>& make, Deadline deadline) const {
    if (!connection) {
      TRY(connection, Connection::Open(address_, connect_timeout_, deadline));
    }
    return connection->Run(make(connection->run_id()), deadline);
  }

  const Address address_;
  const Millis connect_timeout_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t free_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

Client::Client(Address address, std::size_t connections, Millis connect_timeout)
    : pool_(std::make_unique<Pool>(std::move(address), connections, connect_timeout)) {}
Client::~Client() = default;

Result<Reply> Client::Command(const Args& args, Deadline deadline) {
  return pool_->Run([&](const std::string&) { return args; }, deadline);
}

Result<Reply> Client::CommandOfRun(const std::function<Args(const std::string&)>& make, Deadline deadline) {
  return pool_->Run(make, deadline);
}

Result<std::optional<std::string>> Client::Get(const std::string& key, Deadline deadline) {
  TRY(Reply reply, Command({"GET", key}, deadline));
  if (reply.kind == Reply::Kind::kNil) return std::optional<std::string>();
  return std::optional<std::string>(std::move(reply.text));
}

Result<void> Client::Set(const std::string& key, const std::string& value, Millis ttl, Deadline deadline) {
  TRY_VOID(Command({"SET", key, value, "PX", std::to_string(ttl.count())}, deadline));
  return Ok();
}

Result<bool> Client::SetIfAbsent(const std::string& key, const std::string& value, Millis ttl,
                                 Deadline deadline) {
  TRY(const Reply reply, Command({"SET", key, value, "PX", std::to_string(ttl.count()), "NX"}, deadline));
  return reply.kind != Reply::Kind::kNil;
}

Result<bool> Client::SetIfEqual(const std::string& key, const std::string& expected, const std::string& value,
                                Millis ttl, Deadline deadline) {
  TRY(const Reply reply,
      Command({"EVAL", kSetIfEqual, "1", key, expected, value, std::to_string(ttl.count())}, deadline));
  return reply.integer == 1;
}

Result<bool> Client::Delete(const std::string& key, Deadline deadline) {
  TRY(const Reply reply, Command({"DEL", key}, deadline));
  return reply.integer == 1;
}

Result<Client::Window> Client::Count(const std::string& key, long long limit, Millis window,
                                     Deadline deadline) {
  TRY(const Reply reply,
      Command({"EVAL", kCount, "1", key, std::to_string(limit), std::to_string(window.count())}, deadline));
  if (reply.list.size() != 3) return Internal("Redis: the window's answer has another shape");
  return Window{reply.list[0].integer == 1, reply.list[1].integer, Millis{reply.list[2].integer}};
}

Result<void> Client::Ping(Deadline deadline) {
  TRY_VOID(Command({"PING"}, deadline));
  return Ok();
}

}  // namespace carillon::redis
