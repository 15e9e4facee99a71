#include "knowledge/api/methods.hpp"
#include "knowledge/domain/phrase.hpp"
#include "knowledge/store/phrases.hpp"
#include "text/text.hpp"

namespace carillon::knowledge::api {

Result<pb::CheckTabooResponse> CheckTaboo(Call& call, Deps& deps, const pb::CheckTabooRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::CheckTabooResponse> {
    std::vector<domain::Taboo> taboos;
    for (auto& phrase : domain::InForce(store::OwnPhrases(tx), ClientFor(call, in.client()), in.language())) {
      if (phrase.kind() != pb::Phrase::TABOO || !domain::SaidOn(phrase, in.channel())) continue;
      auto bare = domain::Bare(text::Fold(phrase.text()));
      taboos.push_back({std::move(phrase), std::move(bare)});
    }
    pb::CheckTabooResponse out;
    for (auto& finding : domain::TaboosIn(domain::Bare(text::Fold(in.text())), taboos))
      *out.add_findings() = std::move(finding);
    out.set_blocked(!out.findings().empty());
    return out;
  });
}

}  // namespace carillon::knowledge::api
