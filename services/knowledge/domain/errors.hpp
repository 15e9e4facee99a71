#pragma once
#include "base/result.hpp"
#include "carillon/knowledge/v1/article.pb.h"
#include "carillon/knowledge/v1/gap.pb.h"

/// Every reason this service gives; the comments of the .proto quote them.
namespace carillon::knowledge::errors {

namespace pb = carillon::knowledge::v1;

inline Error UnknownArticle(const std::string& name) {
  return NotFound("ARTICLE_UNKNOWN", "no such article", {{"name", name}});
}
inline Error UnknownVersion(const std::string& article, int number) {
  return NotFound("ARTICLE_VERSION_UNKNOWN", "no such version of the article",
                  {{"name", article}, {"version", std::to_string(number)}});
}
inline Error ArticleExists(const std::string& code) {
  return AlreadyExists("ARTICLE_EXISTS", "there is an article with this code in this language",
                       {{"code", code}});
}
inline Error ValidityInvalid() {
  return InvalidArgument("VALIDITY_INVALID", "it would end before it begins",
                         {{"valid_to", "is not after valid_from"}});
}
inline Error ValidityOver() {
  return FailedPrecondition("VALIDITY_OVER", "it is valid no more when it would be published");
}
inline Error ArticleState(pb::ArticleVersion::State state) {
  return FailedPrecondition("ARTICLE_STATE", "this is not possible in the version's state",
                            {{"state", pb::ArticleVersion::State_Name(state)}});
}
inline Error Incomplete() {
  return FailedPrecondition("ARTICLE_INCOMPLETE", "it has neither a summary nor a body");
}
inline Error ApproverIsEditor() {
  return FailedPrecondition("APPROVER_IS_EDITOR", "nobody approves what the own hand wrote");
}
inline Error QueryRequired() {
  return InvalidArgument("QUERY_REQUIRED", "nothing is asked for",
                         {{"query", "holds no letter, digit or character"}});
}
inline Error UnknownPhrase(const std::string& name) {
  return NotFound("PHRASE_UNKNOWN", "the tenant has no such wording", {{"name", name}});
}
inline Error PhraseInvalid(std::vector<Violation> violations) {
  return InvalidArgument("PHRASE_INVALID", "the phrase contradicts itself", std::move(violations));
}
inline Error UnknownGap(const std::string& name) {
  return NotFound("GAP_UNKNOWN", "no such gap", {{"name", name}});
}
inline Error GapState(const pb::Gap& gap) {
  return FailedPrecondition("GAP_STATE", "this is not possible in the gap's state",
                            {{"state", pb::Gap::State_Name(gap.state())}});
}

}  // namespace carillon::knowledge::errors
