#include <array>

#include "base/proto_time.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/steps.hpp"
#include "customer/store/privacy.hpp"
#include "customer/store/quality.hpp"
#include "customer/store/records.hpp"
#include "customer/store/selections.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

using Item = pb::ExportedItem;

/// Who is exported, as the sections need it.
struct Subject {
  pb::Customer customer;
  std::string id;
  std::vector<std::string> family;
};

/// The next items of one kind after a key; those of a kind that is short by nature come all at once.
using Section = Result<store::Page<Item>> (*)(pg::Tx&, const Deps&, const Subject&, std::string_view, int);

template <class Found, class Put>
Result<store::Page<Item>> All(std::string_view after, const Found& find, const Put& put) {
  store::Page<Item> out;
  if (!after.empty()) return out;
  for (auto& one : find()) put(out.emplace_back("all", Item()).second, std::move(one));
  return out;
}

template <class Found, class Put>
store::Page<Item> Paged(Found page, const Put& put) {
  store::Page<Item> out;
  for (auto& [key, one] : page) put(out.emplace_back(key, Item()).second, std::move(one));
  return out;
}

constexpr std::array<Section, 15> kSections{
    [](pg::Tx&, const Deps&, const Subject& who, std::string_view after, int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return std::vector{who.customer}; },
          [](Item& item, pb::Customer one) { *item.mutable_customer() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps& deps, const Subject& who, std::string_view after,
       int limit) -> Result<store::Page<Item>> {
      TRY(auto page, store::AllVersions(tx, deps.vault, who.id, after, limit));
      return Paged(std::move(page),
                   [](Item& item, pb::CustomerVersion one) { *item.mutable_version() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps& deps, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      TRY(const auto kept, store::RecordsOf(tx, deps.vault, who.id));
      return All(
          after, [&] { return kept; },
          [](Item& item, store::Kept one) { *item.mutable_record() = std::move(one.record); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int limit) -> Result<store::Page<Item>> {
      store::Page<Item> out;
      for (auto& [other, one] : store::Relationships(tx, who.id, after, limit)) {
        const std::string key = store::LastPart(one.name());
        *out.emplace_back(key, Item()).second.mutable_relationship() = std::move(one);
      }
      return out;
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllAssignments(tx, who.id); },
          [](Item& item, pb::ManagerAssignment one) { *item.mutable_assignment() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int limit) -> Result<store::Page<Item>> {
      return Paged(store::Transactions(tx, who.id, after, limit),
                   [](Item& item, pb::Transaction one) { *item.mutable_transaction() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int limit) -> Result<store::Page<Item>> {
      return Paged(store::Interactions(tx, who.id, after, limit), [](Item& item, pb::PartyInteraction one) {
        *item.mutable_interaction() = std::move(one);
      });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::LastContacts(tx, who.id); },
          [](Item& item, pb::LastContact one) { *item.mutable_last_contact() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int limit) -> Result<store::Page<Item>> {
      return Paged(store::ConsentRecords(tx, who.id, after, limit),
                   [](Item& item, pb::ConsentRecord one) { *item.mutable_consent() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllAlerts(tx, who.id); },
          [](Item& item, pb::PastAlert one) { *item.mutable_alert() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllMerges(tx, who.family); },
          [](Item& item, pb::PastMerge one) { *item.mutable_merge() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllCases(tx, who.family); },
          [](Item& item, pb::MergeCase one) { *item.mutable_merge_case() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllSyncResults(tx, who.family); },
          [](Item& item, pb::IngestResult one) { *item.mutable_sync_result() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::AllIssues(tx, who.family); },
          [](Item& item, pb::QualityIssue one) { *item.mutable_quality_issue() = std::move(one); });
    },
    [](pg::Tx& tx, const Deps&, const Subject& who, std::string_view after,
       int) -> Result<store::Page<Item>> {
      return All(
          after, [&] { return store::SelectionsWith(tx, who.family); },
          [](Item& item, pb::Selection one) { *item.mutable_selection() = std::move(one); });
    },
};

}  // namespace

Result<pb::ExportCustomerDataResponse> ExportCustomerData(Call& call, Deps& deps,
                                                          const pb::ExportCustomerDataRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  TRY(const std::string place, rpc::PageKey(in.page_token(), id));
  const auto size = static_cast<std::size_t>(rpc::PageSize(in.page_size()));
  const auto colon = place.find(':');
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ExportCustomerDataResponse> {
    Subject who{{}, id, store::Family(tx, id)};
    TRY(who.customer, store::Load(tx, deps.vault, id));
    pb::ExportCustomerDataResponse out;
    std::string after = place.empty() ? "" : place.substr(colon + 1);
    for (auto n = static_cast<std::size_t>(std::atoi(place.c_str())); n < kSections.size();
         ++n, after.clear()) {
      const auto left = size - static_cast<std::size_t>(out.items_size());
      TRY(auto page, kSections[n](tx, deps, who, after, static_cast<int>(left) + 1));
      const bool whole = !page.empty() && page.front().first == "all";
      const bool more = !whole && page.size() > left;
      if (more) page.pop_back();
      for (auto& [key, item] : page) {
        after = key;
        *out.add_items() = std::move(item);
      }
      if (more || static_cast<std::size_t>(out.items_size()) >= size) {
        const auto next = more ? n : n + 1;
        if (next < kSections.size()) {
          out.set_next_page_token(rpc::PageToken(std::to_string(next) + ":" + (more ? after : ""), id));
        }
        return out;
      }
    }
    return out;
  });
}

}  // namespace carillon::customer::api
