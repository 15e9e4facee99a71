#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

/// The standard methods of queues.
namespace carillon::routing::api {

Result<pb::Queue> CreateQueue(Call& call, Deps& deps, const pb::CreateQueueRequest& in) {
  pb::Queue made = in.queue();
  if (made.code().empty()) return Missing("queue.code");
  if (made.client().empty()) return Missing("queue.client");
  TRY(const auto shard, ShardOf(call, deps));
  made.set_name("queues/" + NewId(call.now));
  Stamp(made, call.now, call.now);
  pb::Command command;
  command.set_create(true);
  *command.mutable_put_queue() = made;
  return shard->Do<pb::Queue>(call, std::move(command));
}

Result<pb::Queue> GetQueue(Call& call, Deps& deps, const pb::GetQueueRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::FindQueue(tx, in.name()); });
}

Result<pb::ListQueuesResponse> ListQueues(Call& call, Deps& deps, const pb::ListQueuesRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "queues"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListQueuesResponse> {
    pb::ListQueuesResponse out;
    for (const auto& row : store::ListQueues(tx, after, size + 1)) {
      if (out.queues_size() == size) {
        out.set_next_page_token(rpc::PageToken(out.queues(size - 1).code(), "queues"));
        break;
      }
      *out.add_queues() = row;
    }
    return out;
  });
}

Result<pb::Queue> UpdateQueue(Call& call, Deps& deps, const pb::UpdateQueueRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  return Retried<pb::Queue>(in.queue().etag(), [&]() -> Result<pb::Queue> {
    TRY(const pb::Queue before,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::FindQueue(tx, in.queue().name()); }));
    pb::Queue after = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.queue(), after));
    after.set_name(before.name());
    after.set_code(before.code());
    after.set_client(before.client());
    Stamp(after, FromProto(before.create_time()), call.now);
    pb::Command command;
    command.set_expected_etag(in.queue().etag().empty() ? before.etag() : in.queue().etag());
    *command.mutable_put_queue() = after;
    return shard->Do<pb::Queue>(call, std::move(command));
  });
}

Result<google::protobuf::Empty> DeleteQueue(Call& call, Deps& deps, const pb::DeleteQueueRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.set_expected_etag(in.etag());
  command.set_delete_queue(IdIn(in.name()));
  return shard->Do<google::protobuf::Empty>(call, std::move(command));
}

}  // namespace carillon::routing::api
