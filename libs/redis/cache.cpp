#include "redis/cache.hpp"

#include <algorithm>

#include "base/ids.hpp"

namespace carillon::redis {
namespace {

using std::chrono::steady_clock;

// A key holds nothing, a hash (writers' marks), "L<token>" (a reader's lease) or "V<value>".
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
  // One command says what is there, or leaves the lease where nothing is; a writer's mark is no string, so it
  // is refused there.
  const std::string token = NewId(RealNow());
  const auto reply = client_.CommandOfRun(
      [&](const std::string& run) {
        return Client::Args{"SET", Key(run, key), "L" + token, "NX", "GET", "PX", Ttl(settings_.lease_ttl)};
      },
      std::min(deadline, steady_clock::now() + settings_.patience));
  if (!reply) {
    if (IsTransient(reply.error())) Rest();
    return {};
  }
  if (reply->kind == Reply::Kind::kNil) return {false, "", token};
  if (reply->text.starts_with('V')) return {true, reply->text.substr(1), ""};
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
