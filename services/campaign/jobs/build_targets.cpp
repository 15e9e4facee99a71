#include "campaign/jobs/build_targets.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::jobs {
namespace {

namespace pb = carillon::campaign::v1;

pb::TargetRecord TargetOf(const pb::Campaign& campaign, const clients::Customer& customer, TimePoint now) {
  pb::TargetRecord target;
  target.set_name("targetRecords/" + NewId(now));
  target.set_campaign(campaign.name());
  target.set_customer(customer.name);
  target.set_priority(clients::PriorityOf(customer.grade));
  target.set_state(pb::TargetRecord::QUEUED);
  *target.mutable_next_time() = ToProto(now);
  *target.mutable_create_time() = ToProto(now);
  *target.mutable_update_time() = ToProto(now);
  return target;
}

/// Adds those who may be called, counts the others; stops at the limit.
void AddPage(pg::Tx& tx, const api::Deps& deps, const clients::CustomerPage& page, pb::Campaign& campaign) {
  std::vector<store::Subject> subjects;
  subjects.reserve(page.customers.size());
  for (const auto& customer : page.customers)
    subjects.push_back({customer.name, customer.number.empty() ? std::vector<std::string>()
                                                               : deps.vault.NumberHashes(customer.number)});
  const auto ledger = store::ReadLedger(tx, subjects, campaign.contact_class(), {}, {});
  auto& build = *campaign.mutable_build();
  const int limit = campaign.criteria().limit();
  std::vector<pb::TargetRecord> targets;
  for (const auto& customer : page.customers) {
    if (limit > 0 && build.targets() + static_cast<int>(targets.size()) >= limit) break;
    build.set_found(build.found() + 1);
    const auto refusal =
        domain::Standing(campaign.contact_class(), customer.person, ledger.on_list.contains(customer.name));
    if (refusal == pb::REFUSAL_UNSPECIFIED)
      targets.push_back(TargetOf(campaign, customer, tx.now()));
    else
      ++(*build.mutable_refused())[pb::Refusal_Name(refusal)];
  }
  build.set_targets(build.targets() + store::AddTargets(tx, campaign, targets));
}

Result<void> SaveBuild(pg::Tx& tx, pb::Campaign& campaign, pb::Campaign::TargetBuild::State state) {
  campaign.mutable_build()->set_state(state);
  if (state != pb::Campaign::TargetBuild::BUILDING)
    *campaign.mutable_build()->mutable_end_time() = ToProto(tx.now());
  *campaign.mutable_update_time() = ToProto(tx.now());
  campaign.set_etag(std::to_string(std::stoll(campaign.etag()) + 1));
  TRY_VOID(store::SaveCampaign(tx, campaign));
  if (state != pb::Campaign::TargetBuild::BUILDING) store::AnnounceBuilt(tx, campaign);
  return Ok();
}

}  // namespace

Result<void> BuildTargets(Call& call, api::Deps& deps, const pb::BuildTask& task) {
  TRY(const auto seen,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadCampaign(tx, task.campaign()); }));
  const auto today = domain::ZoneOf(seen, deps.zone).ToLocal(FromProto(seen.build().start_time())).date;
  const auto page =
      clients::ListCustomers(call, deps.customer, seen, today, task.page_token(), deps.customer_timeout());
  if (!page && IsTransient(page.error())) return page.error();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    TRY(auto campaign, store::LockCampaign(tx, task.campaign()));
    if (!store::TurnPage(tx, task)) return Ok();
    if (!page) {
      campaign.mutable_build()->set_failure(page.error().reason);
      return SaveBuild(tx, campaign, pb::Campaign::TargetBuild::FAILED);
    }
    AddPage(tx, deps, *page, campaign);
    const int limit = campaign.criteria().limit();
    if (page->next_page_token.empty() || (limit > 0 && campaign.build().targets() >= limit))
      return SaveBuild(tx, campaign, pb::Campaign::TargetBuild::BUILT);
    pb::BuildTask next = task;
    next.set_page(task.page() + 1);
    next.set_page_token(page->next_page_token);
    store::EnqueuePage(tx, next);
    return SaveBuild(tx, campaign, pb::Campaign::TargetBuild::BUILDING);
  });
}

}  // namespace carillon::campaign::jobs
