#include "knowledge/api/methods.hpp"
#include "knowledge/domain/phrase.hpp"
#include "knowledge/store/phrases.hpp"

namespace carillon::knowledge::api {

Result<pb::ListPhrasesResponse> ListPhrases(Call& call, Deps& deps, const pb::ListPhrasesRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListPhrasesResponse> {
    pb::ListPhrasesResponse out;
    const domain::Values values{in.company(), in.agent_number(), in.salutation(),
                                domain::GreetingAt(call.now, deps.zone, in.language())};
    for (auto& phrase : domain::InForce(store::OwnPhrases(tx), ClientFor(call, in.client()), in.language())) {
      if (!in.scene().empty() && phrase.scene() != in.scene()) continue;
      if (in.kind() != 0 && phrase.kind() != in.kind()) continue;
      if (!domain::SaidOn(phrase, in.channel())) continue;
      *out.add_phrases() = domain::Filled(std::move(phrase), values);
    }
    return out;
  });
}

}  // namespace carillon::knowledge::api
