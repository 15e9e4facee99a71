#include "qa/domain/scorecard.hpp"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <set>

#include "base/check.hpp"
#include "base/proto_time.hpp"
#include "qa/domain/errors.hpp"
#include "qa/domain/scorecard_templates.hpp"

namespace carillon::qa::domain {
namespace {

constexpr int kFullWeight = 100;
constexpr int kPassMark = 85;
constexpr int kMinorPercent = 50;
constexpr int kMajorPercent = 25;

void SetRevision(pb::ScorecardRevision& revision, const std::string& scorecard, int number) {
  revision.set_scorecard(scorecard);
  revision.set_number(number);
  revision.set_name(scorecard + "/revisions/" + std::to_string(number));
}

}  // namespace

Result<pb::ScorecardContent> Checked(const pb::ScorecardContent& content) {
  std::vector<Violation> wrong;
  std::set<std::string> sections;
  std::set<std::string> codes;
  int hold_checked = 0;
  for (int s = 0; s < content.sections_size(); ++s) {
    const auto path = "content.sections[" + std::to_string(s) + "]";
    const auto& section = content.sections(s);
    if (!sections.insert(section.code()).second) wrong.push_back({path + ".code", "is used twice"});
    for (int i = 0; i < section.items_size(); ++i) {
      const auto item = path + ".items[" + std::to_string(i) + "]";
      if (!codes.insert(section.items(i).code()).second) wrong.push_back({item + ".code", "is used twice"});
      if (section.items(i).hold_checked() && ++hold_checked > 1)
        wrong.push_back({item + ".hold_checked", "is set for another item already"});
    }
  }
  for (int v = 0; v < content.vetoes_size(); ++v) {
    if (!codes.insert(content.vetoes(v).code()).second)
      wrong.push_back({"content.vetoes[" + std::to_string(v) + "].code", "is used twice"});
  }
  pb::ScorecardContent out = content;
  if (out.pass_mark() == 0) out.set_pass_mark(kPassMark);
  if (!out.has_minor_percent()) out.set_minor_percent(kMinorPercent);
  if (!out.has_major_percent()) out.set_major_percent(std::min(kMajorPercent, out.minor_percent()));
  if (out.major_percent() > out.minor_percent())
    wrong.push_back({"content.major_percent", "is above minor_percent"});
  if (!wrong.empty()) return errors::ScorecardInvalid(std::move(wrong));
  return out;
}

int WeightOf(const pb::ScorecardContent& content) {
  int weight = 0;
  for (const auto& section : content.sections()) {
    for (const auto& item : section.items()) weight += item.bonus() ? 0 : item.weight();
  }
  return weight;
}

Result<pb::ScorecardContent> Template(const std::string& code, pb::Scorecard::Kind kind) {
  static const std::map<std::string, std::pair<pb::Scorecard::Kind, const char*>, std::less<>> templates{
      {"csr", {pb::Scorecard::CSR, kCsrTemplate}},
      {"tsr", {pb::Scorecard::TSR, kTsrTemplate}},
      {"complaint", {pb::Scorecard::COMPLAINT, kComplaintTemplate}}};
  const auto& [made_for, json] = templates.at(code);
  if (made_for != kind) return errors::TemplateMisplaced("is for kind " + pb::Scorecard::Kind_Name(made_for));
  pb::ScorecardContent content;
  CARILLON_CHECK(google::protobuf::util::JsonStringToMessage(json, &content).ok());
  return content;
}

Revised Created(const pb::Scorecard& wish, const pb::ScorecardContent& content, const std::string& author,
                TimePoint now) {
  Revised out{wish, {}};
  out.scorecard.set_active_revision(0);
  out.scorecard.set_latest_revision(1);
  out.scorecard.set_owner_user(author);
  *out.scorecard.mutable_create_time() = *out.scorecard.mutable_update_time() = ToProto(now);
  SetRevision(out.revision, wish.name(), 1);
  out.revision.set_state(pb::ScorecardRevision::DRAFT);
  *out.revision.mutable_content() = content;
  out.revision.set_author(author);
  *out.revision.mutable_create_time() = *out.revision.mutable_update_time() = ToProto(now);
  return out;
}

Revised Redrafted(const pb::Scorecard& before, const pb::ScorecardRevision& newest,
                  const pb::ScorecardContent& content, const std::string& author, TimePoint now) {
  Revised out{before, newest};
  if (newest.state() != pb::ScorecardRevision::DRAFT) {
    out.revision.Clear();
    SetRevision(out.revision, before.name(), newest.number() + 1);
    out.revision.set_state(pb::ScorecardRevision::DRAFT);
    *out.revision.mutable_create_time() = ToProto(now);
    out.scorecard.set_latest_revision(out.revision.number());
  }
  *out.revision.mutable_content() = content;
  out.revision.set_author(author);
  *out.revision.mutable_update_time() = *out.scorecard.mutable_update_time() = ToProto(now);
  return out;
}

Result<Revised> Activated(const pb::Scorecard& before, const pb::ScorecardRevision& newest, TimePoint now) {
  if (newest.state() != pb::ScorecardRevision::DRAFT) return errors::NoDraft(before.name());
  const int weight = WeightOf(newest.content());
  if (weight != kFullWeight) return errors::ScorecardIncomplete(weight);
  Revised out{before, newest};
  out.scorecard.set_active_revision(newest.number());
  out.revision.set_state(pb::ScorecardRevision::ACTIVE);
  *out.revision.mutable_activate_time() = *out.revision.mutable_update_time() = ToProto(now);
  *out.scorecard.mutable_update_time() = ToProto(now);
  return out;
}

pb::ScorecardRevision Retired(const pb::ScorecardRevision& before, TimePoint now) {
  pb::ScorecardRevision after = before;
  after.set_state(pb::ScorecardRevision::RETIRED);
  *after.mutable_retire_time() = *after.mutable_update_time() = ToProto(now);
  return after;
}

}  // namespace carillon::qa::domain
