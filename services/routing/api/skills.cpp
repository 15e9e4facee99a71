#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

/// The standard methods of skills.
namespace carillon::routing::api {

Result<pb::Skill> CreateSkill(Call& call, Deps& deps, const pb::CreateSkillRequest& in) {
  pb::Skill made = in.skill();
  if (made.code().empty()) return Missing("skill.code");
  TRY(const auto shard, ShardOf(call, deps));
  made.set_name("skills/" + NewId(call.now));
  Stamp(made, call.now, call.now);
  pb::Command command;
  command.set_create(true);
  *command.mutable_put_skill() = made;
  return shard->Do<pb::Skill>(call, std::move(command));
}

Result<pb::Skill> GetSkill(Call& call, Deps& deps, const pb::GetSkillRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::FindSkill(tx, in.name()); });
}

Result<pb::ListSkillsResponse> ListSkills(Call& call, Deps& deps, const pb::ListSkillsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "skills"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSkillsResponse> {
    pb::ListSkillsResponse out;
    for (const auto& row : store::ListSkills(tx, after, size + 1)) {
      if (out.skills_size() == size) {
        out.set_next_page_token(rpc::PageToken(out.skills(size - 1).code(), "skills"));
        break;
      }
      *out.add_skills() = row;
    }
    return out;
  });
}

Result<pb::Skill> UpdateSkill(Call& call, Deps& deps, const pb::UpdateSkillRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  return Retried<pb::Skill>(in.skill().etag(), [&]() -> Result<pb::Skill> {
    TRY(const pb::Skill before,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::FindSkill(tx, in.skill().name()); }));
    pb::Skill after = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.skill(), after));
    after.set_name(before.name());
    after.set_code(before.code());
    Stamp(after, FromProto(before.create_time()), call.now);
    pb::Command command;
    command.set_expected_etag(in.skill().etag().empty() ? before.etag() : in.skill().etag());
    *command.mutable_put_skill() = after;
    return shard->Do<pb::Skill>(call, std::move(command));
  });
}

Result<google::protobuf::Empty> DeleteSkill(Call& call, Deps& deps, const pb::DeleteSkillRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.set_expected_etag(in.etag());
  command.set_delete_skill(IdIn(in.name()));
  return shard->Do<google::protobuf::Empty>(call, std::move(command));
}

}  // namespace carillon::routing::api
