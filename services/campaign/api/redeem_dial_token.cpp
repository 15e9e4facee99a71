#include "base/proto_time.hpp"
#include "campaign/api/gatekeeper.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {
namespace {

constexpr std::chrono::seconds kRing{30};

/// What an attempt is before it is redeemed: free, or this call's already. DIAL_TOKEN_USED,
/// DIAL_TOKEN_EXPIRED.
Result<bool> IsFree(const pb::Attempt& attempt, const std::string& by_call, TimePoint now) {
  if (attempt.has_dial_time()) {
    if (attempt.call() == by_call) return false;
    return errors::TokenUsed();
  }
  if (attempt.state() != pb::Attempt::LEASED || FromProto(attempt.lease_expire_time()) <= now)
    return errors::TokenExpired();
  return true;
}

pb::RedeemDialTokenResponse AnswerOf(const pb::Attempt& attempt, const pb::Campaign& campaign,
                                     const pb::TargetRecord& target, const clients::Customer& customer) {
  pb::RedeemDialTokenResponse out;
  out.set_attempt(attempt.name());
  out.set_client(attempt.client());
  out.set_customer(attempt.customer());
  out.set_called_number(customer.number);
  out.set_caller_number(campaign.caller_number());
  *out.mutable_ring_duration() =
      campaign.has_ring_duration() ? campaign.ring_duration() : ToProto(Duration{kRing});
  out.set_queue(campaign.queue());
  out.set_grade(customer.grade);
  out.set_language(customer.language);
  if (attempt.has_callback_time()) out.set_agent(target.callback_agent());
  auto& data = *out.mutable_attached_data();
  data["campaign"] = campaign.name();
  data["target_record"] = target.name();
  data["attempt"] = attempt.name();
  data["script"] = campaign.script();
  data["script_version"] = std::to_string(campaign.script_version());
  return out;
}

/// The answer, or why the gate has closed since: a refusal is kept, so it is no error of the transaction.
struct Redeemed {
  pb::Refusal refusal = pb::REFUSAL_UNSPECIFIED;
  pb::RedeemDialTokenResponse answer;
};

}  // namespace

Result<pb::RedeemDialTokenResponse> RedeemDialToken(Call& call, Deps& deps,
                                                    const pb::RedeemDialTokenRequest& in) {
  TRY(const auto token, deps.vault.Verify(in.dial_token()));
  if (token.tenant != call.principal.tenant) return errors::TokenInvalid();
  TRY(const auto seen, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Attempt> {
    TRY(const auto record, store::LoadAttempt(tx, token.attempt));
    TRY_VOID(IsFree(record.attempt(), in.call(), call.now));
    return record.attempt();
  }));
  TRY(const auto customers, AskCustomers(call, deps, {seen.customer()}));
  TRY(const auto redeemed, deps.db.Write(call, [&](pg::Tx& tx) -> Result<Redeemed> {
    TRY(const auto campaign, store::HoldCampaign(tx, seen.campaign()));
    TRY(auto record, store::LockAttempt(tx, token.attempt));
    TRY(const bool free, IsFree(record.attempt(), in.call(), call.now));
    if (free) {
      const auto gate = AskGate(tx, deps, campaign, {record}, customers).front();
      if (gate.refusal() != pb::REFUSAL_UNSPECIFIED) {
        TRY_VOID(store::Refuse(tx, std::move(record), gate));
        return Redeemed{gate.refusal(), {}};
      }
      TRY_VOID(store::Dial(tx, record, in.call(), gate));
    }
    TRY(const auto target, store::LoadTarget(tx, record.attempt().target_record()));
    return Redeemed{pb::REFUSAL_UNSPECIFIED,
                    AnswerOf(record.attempt(), campaign, target, customers.at(seen.customer()))};
  }));
  if (redeemed.refusal != pb::REFUSAL_UNSPECIFIED) return errors::DialRefused(redeemed.refusal);
  return redeemed.answer;
}

}  // namespace carillon::campaign::api
