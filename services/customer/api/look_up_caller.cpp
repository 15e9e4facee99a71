#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/caller.hpp"

namespace carillon::customer::api {

Result<pb::LookUpCallerResponse> LookUpCaller(Call& call, Deps& deps, const pb::LookUpCallerRequest& in) {
  const auto number = text::ToE164(in.phone_number());
  if (!number) {
    pb::LookUpCallerResponse out;
    out.set_result(pb::LookUpCallerResponse::NONE);
    out.set_anonymous(true);
    return out;
  }
  auto found = deps.callers.Get(call, *number);
  if (found.answer) return domain::Narrowed(*std::move(found.answer), call.principal, in.client());
  std::vector<TimePoint> recent;
  TRY(const auto known,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::KnownByNumber(tx, *number, recent); }));
  const auto answer = domain::Decided(known, *number, call.now);
  // Only who sees every client's customers may fill what is kept for all.
  if (call.principal.service) {
    deps.callers.Fill(call, *number, found.lease, answer, domain::GoodUntil(known, recent, call.now));
  }
  return domain::Narrowed(answer, call.principal, in.client());
}

}  // namespace carillon::customer::api
