#include "customer/store/caller_cache.hpp"

#include <algorithm>
#include <stdexcept>

namespace carillon::customer::store {

CallerCache::CallerCache(const std::string& url, redis::Cache::Settings settings, const Vault& vault)
    : vault_(vault) {
  if (url.empty()) return;
  auto address = redis::Address::Parse(url);
  if (!address) throw std::runtime_error(address.error().message);
  client_ = std::make_unique<redis::Client>(*std::move(address), 16);
  cache_ = std::make_unique<redis::Cache>(*client_, "customer:", settings);
}

std::string CallerCache::Key(const Call& call, const std::string& tag) const {
  return call.principal.tenant + ":caller:" + tag;
}

CallerCache::Found CallerCache::Get(const Call& call, const std::string& e164) {
  if (!cache_) return {};
  auto found = cache_->Get(Key(call, vault_.NumberTag(e164)), call.deadline);
  if (!found.hit) return {std::nullopt, std::move(found.lease)};
  // "<microseconds> <message>": an answer past its time is not believed, and ends by its TTL.
  const auto space = found.value.find(' ');
  if (space == std::string::npos) return {};
  if (call.now.time_since_epoch().count() >= std::atoll(found.value.c_str())) return {};
  pb::LookUpCallerResponse answer;
  if (!answer.ParseFromString(found.value.substr(space + 1))) return {};
  answer.set_e164_number(e164);
  return {std::move(answer), ""};
}

void CallerCache::Fill(const Call& call, const std::string& e164, const std::string& lease,
                       const pb::LookUpCallerResponse& answer, const std::optional<TimePoint>& good_until) {
  if (!cache_ || lease.empty()) return;
  pb::LookUpCallerResponse kept = answer;
  kept.clear_e164_number();
  const auto until = good_until.value_or(TimePoint::max()).time_since_epoch().count();
  cache_->Fill(Key(call, vault_.NumberTag(e164)), lease,
               std::to_string(until) + " " + kept.SerializeAsString(), call.deadline);
}

Result<void> CallerCache::Changing(pg::Tx& tx, const std::vector<std::string>& numbers) {
  if (!cache_ || numbers.empty()) return Ok();
  std::vector<std::string> keys;
  // While keys rotate another process may look under another key of the ring.
  for (const auto& number : numbers) {
    for (const auto& tag : vault_.Tags(number)) keys.push_back(Key(tx.call(), tag));
  }
  const auto deadline = std::min(tx.call().deadline, std::chrono::steady_clock::now() + redis::Millis{2000});
  TRY(auto mark, cache_->MarkBusy(std::move(keys), deadline));
  tx.AfterCommit([this, mark = std::move(mark), until = tx.call().deadline] {
    // The commit stands: even a call past its deadline gives its marks back.
    cache_->Release(mark, std::max(until, std::chrono::steady_clock::now() + redis::Millis{200}));
  });
  return Ok();
}

}  // namespace carillon::customer::store
