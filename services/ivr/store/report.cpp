#include "ivr/store/report.hpp"

#include <algorithm>
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

/// A menu is the sum of the ways out of it.
void ReadWay(const pqxx::row& row, v1::SelfServiceFigures& group) {
  const std::string node = row["node"].c_str();
  auto& menus = *group.mutable_menus();
  const auto found =
      std::find_if(menus.begin(), menus.end(), [&](const auto& each) { return each.node() == node; });
  auto& menu = found == menus.end() ? *menus.Add() : *found;
  menu.set_node(node);
  auto& way = *menu.add_ways();
  way.set_answer(row["answer"].c_str());
  way.set_next(row["next"].c_str());
  way.set_result(row["ended"].c_str());
  way.set_visits(Count(row, "visits"));
  menu.set_callers(menu.callers() + Count(row, "callers"));
  menu.set_visits(menu.visits() + way.visits());
  if (way.result() == "TO_AGENT") menu.set_to_agent(menu.to_agent() + way.visits());
  if (way.result() == "ABANDONED") menu.set_abandoned(menu.abandoned() + way.visits());
  if (way.result() == "SELF_SERVED") menu.set_self_served(menu.self_served() + way.visits());
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
  tx.Exec(sql::kReportRoom);
  v1::MenuReport out;
  Groups groups(out);
  const auto totals = rows(sql::kReportTotals);
  if (totals.size() > kMostGroups) return errors::ReportTooLarge(kMostGroups);
  for (const auto& row : totals) ReadTotals(row, groups.Of(row));
  for (const auto& row : rows(sql::kReportWays)) ReadWay(row, groups.Of(row));
  for (auto& group : *out.mutable_groups()) {
    std::stable_sort(group.mutable_menus()->begin(), group.mutable_menus()->end(),
                     [](const auto& a, const auto& b) { return a.callers() > b.callers(); });
  }
  for (const auto& row : rows(sql::kReportOutcomes)) ReadOutcome(row, groups.Of(row));
  for (const auto& row : rows(sql::kReportTold)) ReadTold(row, groups.Of(row));
  return out;
}

}  // namespace carillon::ivr::store
