#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"
#include "customer/api/steward.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

constexpr auto kUnmergeWithin = std::chrono::days{30};

}  // namespace

Result<pb::Customer> MergeCustomers(Call& call, Deps& deps, const pb::MergeCustomersRequest& in) {
  if (in.customers_size() != 2) return errors::MergeImpossible("are not two");
  return deps.db.Write(call, [&](pg::Tx& tx) {
    return MergedCustomers(tx, deps, IdOf(in.customers(0)), IdOf(in.customers(1)), in.reason());
  });
}

Result<pb::Customer> UnmergeCustomer(Call& call, Deps& deps, const pb::UnmergeCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    // The survivor's row first, in the order of ids, as merging does.
    TRY(const auto seen, store::Load(tx, deps.vault, id));
    if (seen.state() == pb::Customer::ERASED) return errors::Erased(seen.name());
    const auto merge = store::OpenMerge(tx, id);
    if (seen.state() != pb::Customer::MERGED || !merge) return errors::NotMerged(seen.name());
    if (tx.now() - merge->second > kUnmergeWithin) return errors::UnmergeTooLate(seen.name());
    TRY(const auto living, store::LoadLivingForUpdate(tx, deps.vault, id));
    if (!living) return errors::Unknown(seen.merged_into());
    if (living->state() == pb::Customer::ERASED) return errors::Erased(living->name());
    TRY(pb::Customer back, store::LoadForUpdate(tx, deps.vault, id));
    if (back.state() != pb::Customer::MERGED) return errors::NotMerged(back.name());
    store::CloseEdits(tx, {id, IdOf(living->name())});
    store::UndoMerge(tx, id, ActorOf(call));
    back.set_state(merge->first);
    back.clear_merged_into();
    store::Detach(tx, back);
    store::ReturnAlerts(tx, id);
    // First the survivor gives up what is not its own, then the other takes it.
    std::vector<std::string> numbers;
    TRY(const auto survivor, Recomposed(tx, deps, *living));
    SaveChanged(tx, deps, *living, survivor, numbers);
    TRY(const auto after, Recomposed(tx, deps, back));
    store::Replace(tx, deps.vault, after);
    pb::CustomerUnmerged event;
    *event.mutable_customer() = domain::StateOf(after);
    event.set_survivor(living->name());
    pg::Announce(tx, kCustomersTopic, id, event, tx.now());
    for (auto& number : domain::CallableNumbers(after)) numbers.push_back(std::move(number));
    TRY_VOID(deps.callers.Changing(tx, numbers));
    return store::Load(tx, deps.vault, id);
  });
}

Result<pb::FindDuplicatesResponse> FindDuplicates(Call& call, Deps& deps,
                                                  const pb::FindDuplicatesRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::FindDuplicatesResponse> {
    TRY(const auto customer, store::Load(tx, deps.vault, id));
    TRY(const auto candidates, Duplicates(tx, deps, customer, JudgingOf(tx)));
    pb::FindDuplicatesResponse out;
    for (const auto& candidate : candidates) *out.add_candidates() = candidate;
    return out;
  });
}

Result<pb::ListMergeCasesResponse> ListMergeCases(Call& call, Deps& deps,
                                                  const pb::ListMergeCasesRequest& in) {
  const auto state = in.state() == pb::MergeCase::STATE_UNSPECIFIED ? pb::MergeCase::OPEN : in.state();
  const std::string filter = pb::MergeCase::State_Name(state);
  TRY(const std::string after, rpc::PageKey(in.page_token(), filter));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListMergeCasesResponse> {
    pb::ListMergeCasesResponse out;
    for (auto& one : store::ListCases(tx, state, after, size + 1)) {
      if (out.merge_cases_size() == size) {
        out.set_next_page_token(rpc::PageToken(IdOf(out.merge_cases(size - 1).name()), filter));
        break;
      }
      *out.add_merge_cases() = std::move(one);
    }
    return out;
  });
}

Result<pb::MergeCase> DecideMergeCase(Call& call, Deps& deps, const pb::DecideMergeCaseRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "mergeCases"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::MergeCase> {
    TRY(pb::MergeCase one, store::LockCase(tx, id));
    if (one.state() != pb::MergeCase::OPEN) return errors::CaseDecided(one.name());
    one.set_state(in.decision());
    one.set_decided_by(ActorOf(call));
    *one.mutable_decide_time() = ToProto(tx.now());
    one.set_reason(in.reason());
    store::UpdateCase(tx, one);
    if (in.decision() == pb::MergeCase::MERGED) {
      TRY_VOID(MergedCustomers(tx, deps, IdOf(one.customers(0)), IdOf(one.customers(1)), in.reason()));
    }
    return one;
  });
}

Result<pb::MatchPolicy> GetMatchPolicy(Call& call, Deps& deps, const pb::GetMatchPolicyRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::MatchPolicy> { return JudgingOf(tx).policy; });
}

Result<pb::MatchPolicy> UpdateMatchPolicy(Call& call, Deps& deps, const pb::UpdateMatchPolicyRequest& in) {
  TRY_VOID(domain::RequirePolicy(in.policy()));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::MatchPolicy> {
    store::SavePolicy(tx, in.policy());
    return in.policy();
  });
}

}  // namespace carillon::customer::api
