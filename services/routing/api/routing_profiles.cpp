#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

/// The standard methods of routingProfiles.
namespace carillon::routing::api {

Result<pb::RoutingProfile> CreateRoutingProfile(Call& call, Deps& deps,
                                                const pb::CreateRoutingProfileRequest& in) {
  pb::RoutingProfile made = in.routing_profile();
  if (made.code().empty()) return Missing("routing_profile.code");
  TRY(const auto shard, ShardOf(call, deps));
  made.set_name("routingProfiles/" + NewId(call.now));
  Stamp(made, call.now, call.now);
  pb::Command command;
  command.set_create(true);
  *command.mutable_put_routing_profile() = made;
  return shard->Do<pb::RoutingProfile>(call, std::move(command));
}

Result<pb::RoutingProfile> GetRoutingProfile(Call& call, Deps& deps, const pb::GetRoutingProfileRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::FindProfile(tx, in.name()); });
}

Result<pb::ListRoutingProfilesResponse> ListRoutingProfiles(Call& call, Deps& deps,
                                                            const pb::ListRoutingProfilesRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "routingProfiles"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListRoutingProfilesResponse> {
    pb::ListRoutingProfilesResponse out;
    for (const auto& row : store::ListProfiles(tx, after, size + 1)) {
      if (out.routing_profiles_size() == size) {
        out.set_next_page_token(rpc::PageToken(out.routing_profiles(size - 1).code(), "routingProfiles"));
        break;
      }
      *out.add_routing_profiles() = row;
    }
    return out;
  });
}

Result<pb::RoutingProfile> UpdateRoutingProfile(Call& call, Deps& deps,
                                                const pb::UpdateRoutingProfileRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  return Retried<pb::RoutingProfile>(in.routing_profile().etag(), [&]() -> Result<pb::RoutingProfile> {
    TRY(const pb::RoutingProfile before,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::FindProfile(tx, in.routing_profile().name()); }));
    pb::RoutingProfile after = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.routing_profile(), after));
    after.set_name(before.name());
    after.set_code(before.code());
    Stamp(after, FromProto(before.create_time()), call.now);
    pb::Command command;
    command.set_expected_etag(in.routing_profile().etag().empty() ? before.etag()
                                                                  : in.routing_profile().etag());
    *command.mutable_put_routing_profile() = after;
    return shard->Do<pb::RoutingProfile>(call, std::move(command));
  });
}

Result<google::protobuf::Empty> DeleteRoutingProfile(Call& call, Deps& deps,
                                                     const pb::DeleteRoutingProfileRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.set_expected_etag(in.etag());
  command.set_delete_routing_profile(IdIn(in.name()));
  return shard->Do<google::protobuf::Empty>(call, std::move(command));
}

}  // namespace carillon::routing::api
