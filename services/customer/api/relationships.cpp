#include "base/proto_time.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/profile.hpp"
#include "customer/store/profile.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

constexpr const char* kRelationshipCodes = "RELATIONSHIP";

/// customers/a/relationships/b -> a, b
std::pair<std::string, std::string> PartsOf(const std::string& name) {
  return {store::CustomerPart(name), store::LastPart(name)};
}

}  // namespace

Result<pb::Relationship> AddRelationship(Call& call, Deps& deps, const pb::AddRelationshipRequest& in) {
  TRY(const std::string from_id, IdOfName(in.parent(), "customers", "parent"));
  TRY(const std::string to_id, IdOfName(in.relationship().other(), "customers", "relationship.other"));
  const std::string id = NewId(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Relationship> {
    TRY(const auto from, store::LoadForUpdate(tx, deps.vault, from_id));
    TRY(const auto to, store::Load(tx, deps.vault, to_id));
    TRY(auto kept, domain::Related(in.relationship(), from, to, CodesIn(tx, kRelationshipCodes), tx.now()));
    if (store::RelationshipStands(tx, from_id, to_id, kept.type()))
      return errors::RelationshipExists(from.name());
    kept.set_name(from.name() + "/relationships/" + id);
    store::SaveRelationship(tx, kept, from.client());
    return kept;
  });
}

Result<pb::Relationship> EndRelationship(Call& call, Deps& deps, const pb::EndRelationshipRequest& in) {
  const auto [customer_id, id] = PartsOf(in.name());
  return deps.db.Write(call, [&, customer_id = customer_id, id = id](pg::Tx& tx) -> Result<pb::Relationship> {
    auto kept = store::LockRelationship(tx, customer_id, id);
    if (!kept) return errors::RelationshipUnknown(in.name());
    if (kept->has_end_time() && FromProto(kept->end_time()) <= tx.now()) return *kept;
    *kept->mutable_end_time() = ToProto(tx.now());
    TRY(const auto customer, store::Load(tx, deps.vault, customer_id));
    store::SaveRelationship(tx, *kept, customer.client());
    return *kept;
  });
}

Result<pb::ListRelationshipsResponse> ListRelationships(Call& call, Deps& deps,
                                                        const pb::ListRelationshipsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  const TimePoint at = in.has_at() ? FromProto(in.at()) : call.now;
  const std::string filter = id + (in.all() ? " all" : in.has_at() ? " " + FormatRfc3339(at) : "");
  TRY(std::string after, rpc::PageKey(in.page_token(), filter));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListRelationshipsResponse> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    const auto codes = CodesIn(tx, kRelationshipCodes);
    pb::ListRelationshipsResponse out;
    for (std::string from = after;;) {
      const auto found = store::Relationships(tx, id, from, size + 1);
      for (const auto& [other_side, relationship] : found) {
        from = PartsOf(relationship.name()).second;
        if (!in.all() && !domain::HoldsAt(relationship, at)) continue;
        if (out.relationships_size() == size) {
          const auto& last = out.relationships(size - 1).name();
          out.set_next_page_token(rpc::PageToken(PartsOf(last).second, filter));
          return out;
        }
        *out.add_relationships() = other_side.empty()
                                       ? relationship
                                       : domain::Inverse(relationship, "customers/" + other_side, codes);
      }
      if (static_cast<int>(found.size()) <= size) return out;
    }
  });
}

Result<pb::ManagerAssignment> AssignManager(Call& call, Deps& deps, const pb::AssignManagerRequest& in) {
  TRY(const std::string customer_id, IdOfName(in.parent(), "customers", "parent"));
  const std::string id = NewId(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::ManagerAssignment> {
    TRY(const auto customer, store::LoadForUpdate(tx, deps.vault, customer_id));
    TRY_VOID(domain::RequireOpen(customer));
    if (in.assignment().role() == pb::ManagerAssignment::PRIMARY) {
      if (auto before = store::LockPrimary(tx, customer_id)) {
        *before->mutable_end_time() = ToProto(tx.now());
        store::SaveAssignment(tx, *before, customer.client());
      }
    }
    pb::ManagerAssignment assignment = in.assignment();
    assignment.set_name(customer.name() + "/managers/" + id);
    if (!assignment.has_start_time()) *assignment.mutable_start_time() = ToProto(tx.now());
    assignment.clear_end_time();
    store::SaveAssignment(tx, assignment, customer.client());
    return assignment;
  });
}

Result<pb::ManagerAssignment> EndManagerAssignment(Call& call, Deps& deps,
                                                   const pb::EndManagerAssignmentRequest& in) {
  const auto [customer_id, id] = PartsOf(in.name());
  return deps.db.Write(call,
                       [&, customer_id = customer_id, id = id](pg::Tx& tx) -> Result<pb::ManagerAssignment> {
                         auto kept = store::LockAssignment(tx, customer_id, id);
                         if (!kept) return errors::AssignmentUnknown(in.name());
                         if (kept->has_end_time()) return *kept;
                         *kept->mutable_end_time() = ToProto(tx.now());
                         TRY(const auto customer, store::Load(tx, deps.vault, customer_id));
                         store::SaveAssignment(tx, *kept, customer.client());
                         return *kept;
                       });
}

Result<pb::ListManagerAssignmentsResponse> ListManagerAssignments(
    Call& call, Deps& deps, const pb::ListManagerAssignmentsRequest& in) {
  const bool of_all = in.parent() == "customers/-";
  if (of_all && in.manager().empty()) return errors::ManagerRequired();
  std::string id;
  if (!of_all) {
    TRY(id, IdOfName(in.parent(), "customers", "parent"));
  }
  const std::string filter = id + " " + in.manager();
  TRY(const std::string after, rpc::PageKey(in.page_token(), filter));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListManagerAssignmentsResponse> {
    if (!of_all) TRY_VOID(store::Load(tx, deps.vault, id));
    pb::ListManagerAssignmentsResponse out;
    for (auto& one : store::Assignments(tx, id, in.manager(), after, size + 1)) {
      if (out.assignments_size() == size) {
        out.set_next_page_token(rpc::PageToken(PartsOf(out.assignments(size - 1).name()).second, filter));
        break;
      }
      *out.add_assignments() = std::move(one);
    }
    return out;
  });
}

Result<pb::Code> PutCode(Call& call, Deps& deps, const pb::PutCodeRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Code> {
    store::PutCode(tx, in.code());
    return in.code();
  });
}

Result<pb::ListCodesResponse> ListCodes(Call& call, Deps& deps, const pb::ListCodesRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCodesResponse> {
    pb::ListCodesResponse out;
    for (auto& code : CodesIn(tx, in.list())) *out.add_codes() = std::move(code);
    return out;
  });
}

}  // namespace carillon::customer::api
