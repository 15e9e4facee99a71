#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"

namespace carillon::qa::api {
namespace {

Result<pb::ScorecardContent> FirstContent(const pb::CreateScorecardRequest& in) {
  if (in.template_().empty()) return domain::Checked(in.content());
  if (in.has_content()) return errors::TemplateMisplaced("is given beside content");
  return domain::Template(in.template_(), in.scorecard().kind());
}

}  // namespace

Result<pb::Scorecard> CreateScorecard(Call& call, Deps& deps, const pb::CreateScorecardRequest& in) {
  pb::Scorecard wish = in.scorecard();
  TRY(*wish.mutable_client(), ClientOf(call, in.scorecard().client()));
  TRY(const auto content, FirstContent(in));
  wish.set_name("scorecards/" + NewId(call.now));
  wish.set_owner_unit(call.principal.unit);
  auto made = deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Scorecard> {
    return store::Save(tx, domain::Created(wish, content, call.principal.Name(), call.now));
  });
  if (!made && made.error().code == Code::kAlreadyExists) return errors::ScorecardExists(wish.code());
  return made;
}

}  // namespace carillon::qa::api
