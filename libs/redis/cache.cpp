#include "redis/cache.hpp"

#include <algorithm>

#include "base/ids.hpp"

namespace carillon::redis {
namespace {

using std::chrono::steady_clock;

// A key holds nothing, a hash (writers' marks), "L<token>" (a reader's lease) or "V<value>".
constexpr const char* kGet = R"(
if redis.call('TYPE', KEYS[1]).ok == 'hash' then return {0} end
local v = redis.call('GET', KEYS[1])
if not v then
  redis.call('SET', KEYS[1], 'L' .. ARGV[1], 'PX', ARGV[2])
  return {1}
end
if string.sub(v, 1, 1) == 'V' then return {2, string.sub(v, 2)} end
return {0})";

constexpr const char* kFill = R"(
if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return 0 end
if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'V' .. ARGV[2], 'PX', ARGV[3])
return 1)";

constexpr const char* kMark = R"(
for _, key in ipairs(KEYS) do
  if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
  redis.call('HSET', key, ARGV[1], 1)
  redis.call('PEXPIRE', key, ARGV[2])
end
return #KEYS)";

constexpr const char* kRelease = R"(
for _, key in ipairs(KEYS) do
  if redis.call('TYPE', key).ok == 'hash' then
    redis.call('HDEL', key, ARGV[1])
  else
    redis.call('DEL', key)
  end
end
return #KEYS)";

std::string Ttl(Millis ttl) { return std::to_string(std::max<Millis::rep>(1, ttl.count())); }

}  // namespace

bool Cache::Resting() const { return steady_clock::now().time_since_epoch().count() < rest_until_.load(); }

void Cache::Rest() { rest_until_ = (steady_clock::now() + settings_.rest).time_since_epoch().count(); }

Cache::Found Cache::Get(const std::string& key, Deadline deadline) {
  if (Resting()) return {};
  // What is there is read without a script, which costs the server several times as much. A
  // lease is no value, so that and what is missing are the script's.
  const auto plain =
      client_.CommandOfRun([&](const std::string& run) { return Client::Args{"GET", Key(run, key)}; },
                           std::min(deadline, steady_clock::now() + settings_.patience));
  if (plain && plain->text.starts_with('V')) return {true, plain->text.substr(1), ""};
  if (!plain && IsTransient(plain.error())) {
    Rest();
    return {};
  }
  // Some writer's mark: it is no string.
  if (!plain) return {};
  const std::string token = NewId(RealNow());
  const auto reply = client_.CommandOfRun(
      [&](const std::string& run) {
        return Client::Args{"EVAL", kGet, "1", Key(run, key), token, Ttl(settings_.lease_ttl)};
      },
      std::min(deadline, steady_clock::now() + settings_.patience));
  if (!reply) {
    Rest();
    return {};
  }
  if (reply->list.size() == 2) return {true, reply->list[1].text, ""};
  if (reply->list.size() == 1 && reply->list[0].integer == 1) return {false, "", token};
  return {};
}

void Cache::Fill(const std::string& key, const std::string& lease, const std::string& value,
                 Deadline deadline) {
  if (lease.empty() || Resting()) return;
  const auto reply = client_.CommandOfRun(
      [&](const std::string& run) {
        return Client::Args{"EVAL", kFill, "1", Key(run, key), lease, value, Ttl(settings_.ttl)};
      },
      std::min(deadline, steady_clock::now() + settings_.patience));
  if (!reply) Rest();
}

Result<Cache::Mark> Cache::MarkBusy(std::vector<std::string> keys, Deadline deadline) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  Mark mark{std::move(keys), NewId(RealNow())};
  if (mark.empty()) return mark;
  const auto reply = client_.CommandOfRun(
      [&](const std::string& run) {
        Client::Args args{"EVAL", kMark, std::to_string(mark.keys.size())};
        for (const std::string& key : mark.keys) args.push_back(Key(run, key));
        args.push_back(mark.token);
        args.push_back(Ttl(settings_.busy_ttl));
        return args;
      },
      deadline);
  if (!reply && reply.error().reason != "REDIS_DOWN") return reply.error();
  return mark;
}

void Cache::Release(const Mark& mark, Deadline deadline) {
  if (mark.empty()) return;
  const auto reply = client_.CommandOfRun(
      [&](const std::string& run) {
        Client::Args args{"EVAL", kRelease, std::to_string(mark.keys.size())};
        for (const std::string& key : mark.keys) args.push_back(Key(run, key));
        args.push_back(mark.token);
        return args;
      },
      deadline);
  if (!reply) Rest();
}

}  // namespace carillon::redis
