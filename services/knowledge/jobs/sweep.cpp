#include "knowledge/jobs/sweep.hpp"

#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::jobs {

Result<int> SweepArticles(const Call& call, pg::Pool& worker_db, Duration review,
                          const std::function<Call(const std::string& tenant)>& call_for) {
  using Due = std::vector<std::pair<std::string, std::string>>;
  TRY(const auto due,
      worker_db.Read(call, [&](pg::Tx& tx) -> Result<Due> { return store::Due(tx, call.now); }));
  int changed = 0;
  for (const auto& [tenant, name] : due) {
    const Call own = call_for(tenant);
    const auto swept = worker_db.Write(own, [&](pg::Tx& tx) -> Result<bool> {
      TRY(const auto before, store::LockArticle(tx, name));
      const auto change = domain::Swept(before, review, call.now);
      if (!change) return false;
      store::Save(tx, *change);
      return true;
    });
    // One article that cannot be changed does not hide those behind it.
    if (!swept && IsTransient(swept.error())) return swept.error();
    changed += swept.value_or(false) ? 1 : 0;
  }
  return changed;
}

Result<void> ForgetSearches(const Call& call, pg::Pool& worker_db, Duration kept) {
  return worker_db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::Forget(tx, call.now - kept);
    return Ok();
  });
}

}  // namespace carillon::knowledge::jobs
