#include "ivr/store/flows.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {
namespace {

v1::Flow FlowOf(const pqxx::row& row) {
  v1::Flow flow;
  flow.set_name(pg::NameOf("flows", row["flow_id"]));
  flow.set_code(row["code"].c_str());
  flow.set_display_name(row["display_name"].c_str());
  flow.set_document(row["document"].c_str());
  flow.set_version(row["version"].as<int>());
  v1::Flow::State state = v1::Flow::STATE_UNSPECIFIED;
  v1::Flow::State_Parse(row["state"].c_str(), &state);
  flow.set_state(state);
  flow.set_published_version(row["published_version"].is_null() ? 0 : row["published_version"].as<int>());
  flow.set_author(pg::NameOf("users", row["author"]));
  flow.set_approver(pg::NameOf("users", row["approver"]));
  if (const auto at = pg::MaybeTimeOf(row["published_us"])) *flow.mutable_publish_time() = ToProto(*at);
  flow.set_tests(row["tests"].c_str());
  if (const auto at = pg::MaybeTimeOf(row["tested_us"])) *flow.mutable_test_time() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["rollout_us"])) {
    flow.mutable_rollout()->set_version(row["rollout_version"].as<int>());
    flow.mutable_rollout()->set_percent(row["rollout_percent"].as<int>());
    *flow.mutable_rollout()->mutable_start_time() = ToProto(*at);
  }
  *flow.mutable_create_time() = ToProto(pg::TimeOf(row["created_us"]));
  *flow.mutable_update_time() = ToProto(pg::TimeOf(row["updated_us"]));
  flow.set_etag(row["revision"].c_str());
  return flow;
}

v1::ServiceNumber NumberOf(const pqxx::row& row) {
  v1::ServiceNumber number;
  number.set_name(pg::NameOf("serviceNumbers", row["number_id"]));
  number.set_number(row["number"].c_str());
  number.set_display_name(row["display_name"].c_str());
  number.set_client(pg::NameOf("clients", row["client_id"]));
  number.set_flow(pg::NameOf("flows", row["flow_id"]));
  number.set_default_queue(row["default_queue"].c_str());
  const auto names = pg::ArrayOf(row["queue_names"]);
  const auto targets = pg::ArrayOf(row["queue_targets"]);
  for (std::size_t i = 0; i < names.size() && i < targets.size(); ++i) {
    (*number.mutable_queues())[names[i]] = targets[i];
  }
  number.set_time_zone(row["time_zone"].c_str());
  number.set_language(row["language"].c_str());
  number.set_brand(row["brand"].c_str());
  number.set_voice(row["voice"].c_str());
  *number.mutable_transfers() = pg::OfJson<v1::ServiceNumber>(row["transfers"]).transfers();
  *number.mutable_update_time() = ToProto(pg::TimeOf(row["updated_us"]));
  number.set_etag(row["revision"].c_str());
  return number;
}

void AddMenus(pg::Tx& tx, std::vector<v1::ServiceNumber>& numbers) {
  std::vector<std::string> ids;
  for (const auto& number : numbers) ids.push_back(IdOf(number.name()));
  if (ids.empty()) return;
  for (const auto& row : tx.Exec(sql::kMenus, pg::Array(ids))) {
    const std::string name = pg::NameOf("serviceNumbers", row["number_id"]);
    for (auto& number : numbers) {
      if (number.name() != name) continue;
      auto& menu = *number.add_menus();
      menu.set_menu(row["menu"].c_str());
      auto& selector = *menu.mutable_selector();
      selector.set_grade(row["grade"].c_str());
      selector.set_region(row["region"].c_str());
      selector.set_brand(row["brand"].c_str());
      selector.set_language(row["language"].c_str());
      if (row["band_start"].is_null()) continue;
      selector.mutable_time_band()->set_start(row["band_start"].c_str());
      selector.mutable_time_band()->set_end(row["band_end"].c_str());
      for (const auto& day : pg::ArrayOf(row["weekdays"])) {
        selector.mutable_time_band()->add_weekdays(std::stoi(day));
      }
    }
  }
}

Result<v1::ServiceNumber> OneNumber(pg::Tx& tx, const pqxx::result& rows, const std::string& asked) {
  if (rows.empty()) return errors::NumberUnknown(asked);
  std::vector<v1::ServiceNumber> numbers{NumberOf(rows[0])};
  AddMenus(tx, numbers);
  return numbers.front();
}

}  // namespace

Result<void> InsertFlow(pg::Tx& tx, const v1::Flow& flow) {
  const auto id = IdOf(flow.name());
  const auto made = tx.Exec(sql::kInsertFlow, id, flow.code(), flow.display_name(),
                            pg::Time(FromProto(flow.create_time())));
  if (made.empty()) return errors::FlowExists(flow.code());
  tx.Exec(sql::kPutVersion, id, 1, flow.document(), IdOf(flow.author()),
          pg::Time(FromProto(flow.create_time())), flow.tests());
  return Ok();
}

Result<v1::Flow> LoadFlow(pg::Tx& tx, const std::string& name, int version) {
  const auto rows = tx.Exec(sql::kLoadFlow, IdOf(name), version);
  if (!rows.empty()) return FlowOf(rows[0]);
  if (version == kPublished && !tx.Exec(sql::kLoadFlow, IdOf(name), kNewest).empty()) {
    return errors::FlowNotPublished(name);
  }
  return version > 0 ? errors::FlowVersionUnknown(name, version) : errors::FlowUnknown(name);
}

Result<v1::Flow> LockFlow(pg::Tx& tx, const std::string& name) {
  if (tx.Exec(sql::kLockFlow, IdOf(name)).empty()) return errors::FlowUnknown(name);
  return LoadFlow(tx, name, kNewest);
}

Result<v1::Flow> PublishedByCode(pg::Tx& tx, const std::string& code) {
  const auto rows = tx.Exec(sql::kFlowByCode, code);
  if (rows.empty()) return errors::FlowUnknown(code);
  return LoadFlow(tx, pg::NameOf("flows", rows[0]["flow_id"]), kPublished);
}

void SaveDraft(pg::Tx& tx, const v1::Flow& flow) {
  const auto id = IdOf(flow.name());
  tx.Exec(sql::kPutVersion, id, flow.version(), flow.document(), IdOf(flow.author()), pg::Time(tx.now()),
          flow.tests());
  tx.Exec(sql::kTouchFlow, id, flow.display_name(), flow.version(), pg::Time(tx.now()));
}

void Publish(pg::Tx& tx, const std::string& name, int version, const std::string& approver, TimePoint now) {
  const auto id = IdOf(name);
  tx.Exec(sql::kRetire, id);
  tx.Exec(sql::kPublish, id, version, IdOf(approver), pg::Time(now));
  tx.Exec(sql::kSetPublished, id, version, pg::Time(now));
}

void SaveTests(pg::Tx& tx, const v1::Flow& flow) {
  tx.Exec(sql::kSaveTests, IdOf(flow.name()), flow.version(), flow.tests(),
          v1::Flow::State_Name(flow.state()),
          flow.state() == v1::Flow::TESTED ? pg::Time(tx.now()) : pg::Param(std::nullopt));
  tx.Exec(sql::kTouchFlow, IdOf(flow.name()), flow.display_name(), flow.version(), pg::Time(tx.now()));
}

void SaveRollout(pg::Tx& tx, const std::string& name, const v1::Rollout& rollout,
                 const std::string& approver) {
  tx.Exec(sql::kPublish, IdOf(name), rollout.version(), IdOf(approver), pg::Time(tx.now()));
  tx.Exec(sql::kSetRollout, IdOf(name), rollout.version(), rollout.percent(),
          pg::Time(FromProto(rollout.start_time())), pg::Time(tx.now()));
}

std::vector<v1::Flow> ListFlows(pg::Tx& tx, const std::string& after_code, int limit) {
  std::vector<v1::Flow> flows;
  for (const auto& row : tx.Exec(sql::kListFlows, after_code, limit)) flows.push_back(FlowOf(row));
  return flows;
}

Result<v1::ServiceNumber> SaveNumber(pg::Tx& tx, const v1::ServiceNumber& number, const std::string& new_id) {
  std::vector<std::string> names;
  std::vector<std::string> targets;
  for (const auto& [name, target] : number.queues()) {
    names.push_back(name);
    targets.push_back(target);
  }
  v1::ServiceNumber outside;
  *outside.mutable_transfers() = number.transfers();
  const auto client = pg::MaybeId(number.client());
  const auto saved =
      tx.Exec(sql::kSaveNumber, new_id, number.number(), number.display_name(), client, IdOf(number.flow()),
              number.default_queue(), pg::Array(names), pg::Array(targets), number.time_zone(),
              number.language(), number.brand(), pg::Time(tx.now()), number.voice(), pg::JsonOf(outside));
  const std::string id = saved[0]["number_id"].c_str();
  tx.Exec(sql::kDropMenus, id);
  int position = 0;
  for (const auto& menu : number.menus()) {
    const auto& selector = menu.selector();
    const bool band = selector.has_time_band();
    const std::vector<int> days(selector.time_band().weekdays().begin(),
                                selector.time_band().weekdays().end());
    tx.Exec(sql::kAddMenu, id, ++position, client, menu.menu(), pg::OrNull(selector.grade()),
            pg::OrNull(selector.region()), pg::OrNull(selector.time_band().start()),
            pg::OrNull(selector.time_band().end()), band ? pg::Array(days) : pg::Param(std::nullopt),
            pg::OrNull(selector.brand()), pg::OrNull(selector.language()));
  }
  return LoadNumber(tx, "serviceNumbers/" + id);
}

Result<v1::ServiceNumber> NumberAsDialled(pg::Tx& tx, const std::string& number) {
  return OneNumber(tx, tx.Exec(sql::kNumberByNumber, number), number);
}

Result<v1::ServiceNumber> LoadNumber(pg::Tx& tx, const std::string& name) {
  return OneNumber(tx, tx.Exec(sql::kNumberById, IdOf(name)), name);
}

std::vector<v1::ServiceNumber> ListNumbers(pg::Tx& tx, const std::string& after_number, int limit) {
  std::vector<v1::ServiceNumber> numbers;
  for (const auto& row : tx.Exec(sql::kListNumbers, after_number, limit)) numbers.push_back(NumberOf(row));
  AddMenus(tx, numbers);
  return numbers;
}

}  // namespace carillon::ivr::store
