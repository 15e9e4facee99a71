#include "ivr/store/report.hpp"

#include <map>

#include "base/proto_time.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {
namespace {

/// The groups by what makes them: the first six columns of every statement of the report.
class Groups {
 public:
  explicit Groups(v1::MenuReport& report) : report_(report) {}
  v1::SelfServiceFigures& Of(const pqxx::row& row) {
    std::string key;
    for (pqxx::row::size_type i = 0; i < 6; ++i)
      key += std::string(row[i].is_null() ? "-" : row[i].c_str()) + '\n';
    auto& group = groups_[key];
    if (group == nullptr) {
      group = report_.add_groups();
      if (const auto at = pg::MaybeTimeOf(row[0])) *group->mutable_start_time() = ToProto(*at);
      group->set_number(row[1].c_str());
      group->set_flow(pg::NameOf("flows", row[2]));
      if (!row[3].is_null()) group->set_flow_version(row[3].as<int>());
      group->set_language(row[4].c_str());
      group->set_grade(row[5].c_str());
    }
    return *group;
  }

 private:
  v1::MenuReport& report_;
  std::map<std::string, v1::SelfServiceFigures*> groups_;
};

std::int64_t Count(const pqxx::row& row, const char* column) { return row[column].as<std::int64_t>(); }

void ReadTotals(const pqxx::row& row, v1::SelfServiceFigures& group) {
  group.set_sessions(Count(row, "sessions"));
  group.set_self_served(Count(row, "self_served"));
  group.set_to_agent(Count(row, "to_agent"));
  group.set_abandoned(Count(row, "abandoned"));
  group.set_voicemail(Count(row, "voicemail"));
  group.set_transferred(Count(row, "transferred"));
  group.set_invalid(Count(row, "invalid"));
  group.set_error(Count(row, "error"));
  group.set_containment(row["containment"].as<double>());
  *group.mutable_average_length() = ToProto(Duration{Count(row, "average_us")});
}

/// A menu comes before its ways, the menu most callers came to first.
void ReadMenu(const pqxx::row& row, v1::SelfServiceFigures& group, std::map<std::string, int>& at) {
  const std::string node = row["node"].c_str();
  if (row["answer"].is_null()) {
    at[node] = group.menus_size();
    auto& menu = *group.add_menus();
    menu.set_node(node);
    menu.set_callers(Count(row, "callers"));
    menu.set_visits(Count(row, "visits"));
    menu.set_to_agent(Count(row, "to_agent"));
    menu.set_abandoned(Count(row, "abandoned"));
    menu.set_self_served(Count(row, "self_served"));
    return;
  }
  auto& way = *group.mutable_menus(at.at(node))->add_ways();
  way.set_answer(row["answer"].c_str());
  way.set_next(row["next"].c_str());
  way.set_result(row["ended"].c_str());
  way.set_visits(Count(row, "visits"));
}

void ReadOutcome(const pqxx::row& row, v1::SelfServiceFigures& group) {
  const std::string outcome = row["outcome"].c_str();
  if (outcome == "verified") return group.set_passwords_right(group.passwords_right() + Count(row, "times"));
  if (outcome == "wrong") return group.set_passwords_wrong(group.passwords_wrong() + Count(row, "times"));
  auto& failure = *group.add_failures();
  failure.set_node(row["node"].c_str());
  failure.set_reason(outcome);
  failure.set_times(Count(row, "times"));
}

void ReadTold(const pqxx::row& row, v1::SelfServiceFigures& group) {
  if (row["score"].is_null()) {
    auto& service = *group.add_services();
    service.set_service(row["told"].c_str());
    service.set_times(Count(row, "times"));
    return;
  }
  auto& answer = *group.add_answers();
  answer.set_question(row["told"].c_str());
  answer.set_score(row["score"].as<int>());
  answer.set_times(Count(row, "times"));
}

}  // namespace

Result<v1::MenuReport> MenuReport(pg::Tx& tx, const v1::GetMenuReportRequest& in) {
  std::vector<std::string> dimensions;
  for (const int dimension : in.group_by())
    dimensions.push_back(v1::GetMenuReportRequest::Dimension_Name(dimension));
  const auto rows = [&](const pg::Statement& statement) {
    return tx.Exec(statement, pg::Time(FromProto(in.start_time())), pg::Time(FromProto(in.end_time())),
                   pg::OrNull(in.number()), pg::MaybeId(in.flow()),
                   in.flow_version() == 0 ? pg::Param(std::nullopt) : pg::Param(in.flow_version()),
                   pg::Array(dimensions), in.time_zone());
  };
  v1::MenuReport out;
  Groups groups(out);
  const auto totals = rows(sql::kReportTotals);
  if (totals.size() > kMostGroups) return errors::ReportTooLarge(kMostGroups);
  for (const auto& row : totals) ReadTotals(row, groups.Of(row));
  std::map<const v1::SelfServiceFigures*, std::map<std::string, int>> menus;
  for (const auto& row : rows(sql::kReportMenus)) {
    auto& group = groups.Of(row);
    ReadMenu(row, group, menus[&group]);
  }
  for (const auto& row : rows(sql::kReportOutcomes)) ReadOutcome(row, groups.Of(row));
  for (const auto& row : rows(sql::kReportTold)) ReadTold(row, groups.Of(row));
  return out;
}

}  // namespace carillon::ivr::store
